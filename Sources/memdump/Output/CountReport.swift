import MemDump

/// The report with the counted table of findings.
struct CountReport: Report {
  /// The counts, in order.
  let rows: Tally.Rows
  let kinds: [ScanReport.Kind]
  /// The sources of the counts, by their numbers.
  let sources: [Int: ScannedSource]
  /// The connections that are open to each text, where that was asked for.
  var open: OpenConnections?
  /// Whether the counts are of printable texts, which may be long, and of one kind.
  var areTexts = false

  /// The number of characters of a text that a table shows.
  private static let textWidth = 200

  func describe(to page: inout some Rendering) throws {
    // How wide the other columns are, no number of a row tells.
    let isKnown = open == nil && sources.count <= 1 && rows.count > 1000
    try page.table("count", rows, fields, more: []) { isKnown ? rows.widest : nil }
  }

  private var fields: [Field<Tally.Row>] {
    let (kinds, sources, areTexts) = (kinds, sources, areTexts)
    let text = { @Sendable (row: Tally.Row) in EscapedText(row.text).description }
    let name = { @Sendable (row: Tally.Row) in kinds[row.pattern].name }
    let labels = kinds.map { Array($0.label.utf8) }
    return [
      areTexts
        ? Field(.pattern, name)
        : Field(.pattern, name, .left("PATTERN", rank: 3)) { $1.add(labels[$0.pattern]) },
      Field(.text, text, .left("TEXT", rank: 3)) {
        if areTexts { $1.add(shortened($0.text, to: Self.textWidth)) } else { $1.add(escaped: $0.text) }
      },
      Field(.count, \.count, .right("COUNT")) { $1.add(grouped: $0.count) },
      Field(.regions, \.regionCount, .right("REGIONS", rank: 2, leaves: 1)) { $1.add(grouped: UInt64($0.regionCount)) },
      Field(
        .firstAddress, { sources[$0.firstSource]?.address($0.firstAddress) }, .right("FIRST", rank: 2, leaves: 2)
      ) { $1.add($0.firstAddress) },
      Field(.firstOffset) { sources[$0.firstSource]?.offset(of: $0.firstAddress) },
      areTexts
        ? Field(.bytes, \.byteCount, .right("BYTES", rank: 1)) { $1.add(grouped: $0.byteCount) }
        : Field(.bytes, \.byteCount),
      Field(.error, \.error),
      .sources(sources),
      Field(.encoding) { kinds[$0.pattern].encoding },
    ] + (open.map(Self.fields) ?? [])
  }

  private static func fields(_ open: OpenConnections) -> [Field<Tally.Row>] {
    [
      Field(.open, { Endpoint(parsing: $0.text).map(open.count(to:)) }, .right("OPEN", rank: 1)) { open.cell($0.text) },
      Field("listening") { Endpoint(parsing: $0.text).map(open.isListening(at:)) ?? false },
    ]
  }
}

/// A text, safe to print, cut off after `width` characters.
func shortened(_ text: [UInt8], to width: Int) -> String {
  let text = EscapedText(text).description
  return text.count > width ? text.prefix(width - 1) + "…" : text
}
