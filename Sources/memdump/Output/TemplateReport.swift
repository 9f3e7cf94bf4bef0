import MemDump

/// The report with the counted table of templates of texts.
struct TemplateReport: Report {
  /// The counts, in order.
  let rows: Tally.Rows
  let kinds: [ScanReport.Kind]
  /// The sources of the counts, by their numbers.
  let sources: [Int: ScannedSource]
  /// The size of all texts together, in bytes.
  let totalByteCount: UInt64

  /// The numbers of characters that a table shows of a template, and of its example.
  private static let (templateWidth, exampleWidth) = (60, 200)

  func describe(to page: inout some Rendering) throws {
    try page.table("template", rows, fields)
  }

  private var fields: [Field<Tally.Row>] {
    let (kinds, sources, total) = (kinds, sources, totalByteCount)
    return [
      Field(.pattern) { kinds[$0.pattern].name },
      Field("template", { EscapedText($0.text).description }, .left("TEMPLATE", rank: 2)) {
        shortened($0.text, to: Self.templateWidth)
      },
      Field(.count, \.count, .right("COUNT", rank: 1, leaves: 2)) { grouped($0.count) },
      Field(.bytes, \.byteCount, .right("BYTES")) { grouped($0.byteCount) },
      Field(.right("SHARE", leaves: 1)) { Self.share($0.byteCount, of: total) + " %" },
      Field("all_bytes") { _ in total },
      Field(.regions, \.regionCount),
      Field(.firstAddress) { sources[$0.firstSource]?.address($0.firstAddress) },
      Field(.firstOffset) { sources[$0.firstSource]?.offset(of: $0.firstAddress) },
      Field(.example, { EscapedText($0.example).description }, .left("EXAMPLE", rank: 2)) {
        shortened($0.example, to: Self.exampleWidth)
      },
      Field(.error, \.error),
      .sources(sources),
    ]
  }

  /// A share in percent, with two digits behind the point.
  private static func share(_ byteCount: UInt64, of total: UInt64) -> String {
    let rounded = UInt64((Double(byteCount) / Double(max(1, total)) * 10_000).rounded())
    return "\(rounded / 100)." + (rounded % 100 < 10 ? "0" : "") + "\(rounded % 100)"
  }
}
