import MemDump

/// CSV for programs (RFC 4180): the rows of the table that a command shows, with the names that JSON has for the columns.
/// Summaries and verdicts are no rows, and are left out.
struct CSVRendering: Rendering {
  private let output: StandardOutput
  private let hasHeadings: Bool
  private var writer = CSVWriter()
  private var notes: [String] = []
  /// The type of the last table, whose headings hold for what follows of the same type.
  private var headed: String?

  init(_ output: StandardOutput, hasHeadings: Bool) { (self.output, self.hasHeadings) = (output, hasHeadings) }

  mutating func table<Row>(
    _ type: String?, _ rows: some RandomAccessCollection<Row>, _ fields: @autoclosure () -> [Field<Row>],
    more: [[String]], widest: () -> [Row]?
  ) throws {
    guard let type else { return }
    if hasHeadings, headed != type { writer.headings(fields().compactMap(\.member)) }
    headed = type
    output.append(writer.bytes)
    writer.reset()
    try RowBlocks.write(rows, to: output) { rows in
      let members = fields().compactMap(\.member)
      var writer = CSVWriter()
      for row in rows { writer.line(row, members) }
      return writer.bytes
    }
  }

  mutating func row<Row>(_ type: String, _ row: Row, _ fields: [Field<Row>], isFirst: Bool) {
    let members = fields.compactMap(\.member)
    if isFirst, hasHeadings { writer.headings(members) }
    writer.line(row, members)
    output.append(writer.bytes)
    writer.reset()
  }

  mutating func records<Row>(_ type: String, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) {}

  mutating func record(_ type: String, _ members: [Member]) {}

  mutating func fact(_ label: String, _ text: String, _ emphasis: Emphasis?) {}

  mutating func line(_ text: String, _ emphasis: Emphasis?) {}

  mutating func item(_ text: String) {}

  mutating func item(_ text: String, end: String) {}

  mutating func note(_ text: String) { notes.append(text) }

  mutating func closing(_ text: String) { notes.append(text) }

  mutating func next(_ step: NextStep?) {}

  mutating func finish() throws {
    try output.flush()
    for note in notes { StandardError.write(note) }
  }
}

/// A writer of lines of CSV.
struct CSVWriter {
  /// The lines so far.
  private(set) var bytes: [UInt8] = []

  /// Empties the writer for the next lines.
  mutating func reset() { bytes.removeAll(keepingCapacity: true) }

  /// Adds the line of the names.
  mutating func headings<Row>(_ members: [Field<Row>.Getter]) { line(members.map { $0.name.text.description }) }

  /// Adds the line of a row.
  mutating func line<Row>(_ row: Row, _ members: [Field<Row>.Getter]) { line(members.map { Self.text($0.value(row)) }) }

  private mutating func line(_ cells: [String]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(cell)
    }
    bytes += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
  }

  private mutating func append(_ cell: String) {
    let quote = UInt8(ascii: "\"")
    // Of line ends there are none: they are escaped in every text.
    guard cell.utf8.contains(where: { $0 == quote || $0 == UInt8(ascii: ",") || $0 < 0x20 }) else {
      bytes += cell.utf8
      return
    }
    bytes.append(quote)
    for byte in cell.utf8 { bytes += byte == quote ? [quote, quote] : [byte] }
    bytes.append(quote)
  }

  private static func text(_ value: FieldValue) -> String {
    switch value {
    case .absent, .null: ""
    case .flag(let flag): flag ? "true" : "false"
    case .signed(let number): String(number)
    case .unsigned(let number): String(number)
    case .text(let text): text
    case .address(let address): address.description
    case .list(let values): values.map(text).joined(separator: " ")
    case .object(let members): members.map { "\($0.name.text)=\(text($0.value))" }.joined(separator: " ")
    }
  }
}
