/// The output for people: tables and lines.
struct TextRendering: Rendering {
  private let output: StandardOutput
  private let hasHeadings: Bool
  private var isEmpty = true
  private var notes: [String] = []

  /// The width of the label of a fact, in characters.
  private static let labelWidth = 10

  init(_ output: StandardOutput, hasHeadings: Bool = true) { (self.output, self.hasHeadings) = (output, hasHeadings) }

  mutating func table<Row>(
    _ type: String?, _ rows: some Sequence<Row>, _ fields: [Field<Row>], more: [[String]]
  ) throws {
    let columns = fields.columns()
    var table = Table(columns.map { ($0.heading.title, $0.heading.alignment) })
    for row in rows { table.add(columns.map { $0.cell(row) }) }
    for cells in more { table.add(cells) }
    isEmpty = false
    try table.forEachLine(withTitles: hasHeadings) { line in
      output.append(line)
      try output.write("\n")
    }
  }

  mutating func row<Row>(_ type: String, _ row: Row, _ fields: [Field<Row>], isFirst: Bool) {
    let columns = fields.columns()
    let (headings, widths) = (columns.map(\.heading), columns.map(\.heading.width))
    func line(_ cells: [String]) -> String { Table.line(cells, headings.map(\.alignment), widths) }
    if isFirst, hasHeadings { self.line(line(headings.map(\.title))) }
    self.line(line(columns.map { $0.cell(row) }))
  }

  mutating func records<Row>(_ type: String, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) {}

  mutating func record(_ type: String, _ members: [Member]) {}

  /// Adds a fact; facts that follow something are indented under that.
  mutating func fact(_ label: String, _ text: String) {
    let blanks = String(repeating: " ", count: max(0, Self.labelWidth - label.count))
    output.append((isEmpty ? "" : "  ") + label + blanks + text + "\n")
  }

  mutating func line(_ text: String) {
    isEmpty = false
    output.append(text + "\n")
  }

  mutating func item(_ text: String) { line("  " + text) }

  mutating func note(_ text: String) { notes.append(text) }

  mutating func closing(_ text: String) { notes.append(text) }

  mutating func finish() throws {
    try output.flush()
    for note in notes { StandardError.write(note) }
  }
}
