import MemDump

/// The output for people: tables and lines.
struct TextRendering: Rendering {
  private let output: StandardOutput
  private let terminal: Terminal
  private let format: OutputFormat
  private var isEmpty = true
  private var notes: [String] = []
  private var step: NextStep?

  /// The width of the label of a fact, in characters.
  private static let labelWidth = 10

  init(_ output: StandardOutput, _ format: OutputFormat) {
    (self.output, self.format) = (output, format)
    terminal = Terminal(output.file, color: format.color)
  }

  mutating func table<Row>(
    _ type: String?, _ rows: some RandomAccessCollection<Row>, _ fields: @autoclosure () -> [Field<Row>],
    more: [[String]], widest: () -> [Row]?
  ) throws {
    let columns = fields().columns()
    // What has no columns is for programs alone.
    if columns.isEmpty { return }
    if terminal.columnCount == nil, !terminal.hasColor {
      return try plainTable(rows, { fields().columns() }, more: more, widest: widest)
    }
    var table = Table(columns.map(\.heading), hasTitles: format.hasHeadings, for: terminal)
    for row in rows { table.add(Self.cells(row, columns)) }
    for cells in more { table.add(cells.map { ($0, nil) }) }
    // Headings above nothing tell people nothing; programs go by them.
    if table.isEmpty { return }
    isEmpty = false
    let fit = table.fit
    try table.forEachLine(fit) { line in
      output.append(line)
      try output.write("\n")
    }
    tellMissing(fit)
  }

  private mutating func plainTable<Row>(
    _ rows: some RandomAccessCollection<Row>, _ columns: () -> [ShownColumn<Row>], more: [[String]],
    widest: () -> [Row]?
  ) throws {
    // Headings above nothing tell people nothing; programs go by them.
    if rows.isEmpty, more.isEmpty { return }
    isEmpty = false
    var table = PlainTable(columns().map(\.heading), hasTitles: format.hasHeadings)
    if let widest = widest() { table.measure(widest, columns) } else { table.measure(rows, columns) }
    for cells in more { table.measure(cells) }
    if format.hasHeadings { try table.writeTitles(to: output) }
    try table.write(rows, columns, to: output)
    for cells in more { try table.write(cells, to: output) }
  }

  mutating func row<Row>(_ type: String, _ row: Row, _ fields: [Field<Row>], isFirst: Bool) {
    let columns = fields.columns()
    let headings = columns.map(\.heading)
    let fit = ColumnFit(
      headings, widths: headings.map(\.width), isVoid: headings.map { _ in false }, within: terminal.columnCount)
    if isFirst {
      tellMissing(fit)
      if format.hasHeadings { for line in Table.titles(headings, fit, for: terminal) { put(line) } }
    }
    for line in Table.lines(Self.cells(row, columns), headings, fit, for: terminal) { put(line) }
  }

  private static func cells<Row>(_ row: Row, _ columns: [ShownColumn<Row>]) -> [Table.Cell] {
    columns.map { ($0.cell(row), $0.emphasis?(row)) }
  }

  /// Names the columns that the terminal has no room for.
  private mutating func tellMissing(_ fit: ColumnFit) {
    if !fit.missing.isEmpty { item("(no room here for \(fit.missing.joined(separator: ", ")))") }
  }

  mutating func records<Row>(_ type: String, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) {}

  mutating func record(_ type: String, _ members: [Member]) {}

  /// Adds a fact; facts that follow something are indented under that.
  mutating func fact(_ label: String, _ text: String, _ emphasis: Emphasis?) {
    let blanks = String(repeating: " ", count: max(0, Self.labelWidth - label.count))
    let lead = (isEmpty ? "" : "  ") + label + blanks
    let width = lead.columnCount
    let lines = terminal.columnCount.map { text.wrapped(to: max(4, $0 - width)) } ?? [text]
    for (number, line) in lines.enumerated() {
      let start =
        number == 0 ? terminal.shown(lead, Self.emphasis(ofLabel: label)) : String(repeating: " ", count: width)
      output.append(start + terminal.shown(line, emphasis) + "\n")
    }
  }

  private static func emphasis(ofLabel label: String) -> Emphasis? {
    switch label {
    case "NOTE": .attention
    case "WARNING": .wrong
    default: nil
    }
  }

  mutating func line(_ text: String, _ emphasis: Emphasis?) {
    isEmpty = false
    for line in terminal.lines(text, emphasis) { put(line) }
  }

  mutating func item(_ text: String) {
    isEmpty = false
    for line in terminal.lines("  " + text, hanging: 4) { put(line) }
  }

  mutating func item(_ text: String, end: String) {
    let text = "  " + text
    guard let columnCount = terminal.columnCount else { return put(text + end) }
    // Of a terminal that is too narrow for both, the text has half.
    let end = end.cut(to: columnCount / 2, keeping: .end)
    put(text.cut(to: columnCount - end.columnCount) + end)
  }

  private mutating func put(_ line: String) {
    isEmpty = false
    output.append(line + "\n")
  }

  mutating func note(_ text: String) { notes.append(text) }

  mutating func closing(_ text: String) { notes.append(text) }

  mutating func next(_ step: NextStep?) { self.step = step }

  mutating func finish() throws {
    try output.flush()
    for note in notes { StandardError.write(note, color: format.color) }
    guard let line = step?.line, format.tellsNext, terminal.columnCount != nil else { return }
    // As one line, whatever its length: somebody may want to copy it.
    output.append("Next: \(line)\n")
    try output.flush()
  }
}
