import MemDump

/// A table for what is no terminal: no cell is cut and no column left out, so that a row is made when its turn comes, and none is
/// kept. Of many rows, every processor makes a part.
struct PlainTable<Row> {
  private let columns: [ShownColumn<Row>]
  private var widths: [Int]

  /// - Parameters:
  ///   - columns: the columns.
  ///   - hasTitles: whether the titles are shown.
  init(_ columns: [ShownColumn<Row>], hasTitles: Bool) {
    self.columns = columns
    widths = columns.map { hasTitles ? $0.heading.title.columnCount : 0 }
  }

  /// Makes room for the cells of rows.
  mutating func measure(_ rows: some RandomAccessCollection<Row>) {
    let before = widths
    var widest = widths
    RowBlocks.forEach(of: rows) { rows in
      var (widths, cell) = (before, CellWriter())
      for row in rows {
        for (index, column) in columns.enumerated() {
          cell.reset()
          column.write(row, &cell)
          widths[index] = max(widths[index], cell.columnCount)
        }
      }
      return widths
    } _: { widths in
      for index in widths.indices { widest[index] = max(widest[index], widths[index]) }
    }
    widths = widest
  }

  /// Makes room for cells.
  mutating func measure(_ cells: [String]) {
    for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.columnCount) }
  }

  /// Writes the line of titles.
  func writeTitles(to output: StandardOutput) throws { try write(columns.map(\.heading.title), to: output) }

  /// Writes the lines of rows.
  func write(_ rows: some RandomAccessCollection<Row>, to output: StandardOutput) throws {
    try RowBlocks.write(rows, to: output) { rows in
      var (lines, cell) = ([UInt8](), CellWriter())
      for row in rows {
        for (index, column) in columns.enumerated() {
          cell.reset()
          column.write(row, &cell)
          append(cell, index, to: &lines)
        }
        lines.append(UInt8(ascii: "\n"))
      }
      return lines
    }
  }

  /// Writes a line of cells.
  func write(_ cells: [String], to output: StandardOutput) throws {
    var line: [UInt8] = []
    for (index, text) in cells.enumerated() {
      var cell = CellWriter()
      cell.add(text)
      append(cell, index, to: &line)
    }
    line.append(UInt8(ascii: "\n"))
    try output.write(line)
  }

  /// The last column has no blanks behind it.
  private func append(_ cell: CellWriter, _ index: Int, to line: inout [UInt8]) {
    func addBlanks(_ count: Int) { line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, count))) }
    if index > 0 { addBlanks(ColumnFit.gap) }
    let padding = widths[index] - cell.columnCount
    if columns[index].heading.alignment == .right { addBlanks(padding) }
    line += cell.bytes
    if columns[index].heading.alignment == .left, index < columns.count - 1 { addBlanks(padding) }
  }
}
