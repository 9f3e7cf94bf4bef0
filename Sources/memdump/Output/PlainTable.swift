import MemDump

/// A table for what is no terminal: no cell is cut and no column left out, so that a row is made when its turn comes, and none is kept.
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

  /// Makes room for the cells of a row.
  mutating func measure(_ row: Row) {
    for (index, column) in columns.enumerated() { widths[index] = max(widths[index], column.cell(row).columnCount) }
  }

  /// Makes room for cells.
  mutating func measure(_ cells: [String]) {
    for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.columnCount) }
  }

  /// Writes the line of titles.
  func writeTitles(to output: StandardOutput) throws { try write(columns.map(\.heading.title), to: output) }

  /// Writes the line of a row.
  func write(_ row: Row, to output: StandardOutput) throws {
    for (index, column) in columns.enumerated() { append(column.cell(row), index, to: output) }
    try output.write("\n")
  }

  /// Writes a line of cells.
  func write(_ cells: [String], to output: StandardOutput) throws {
    for (index, cell) in cells.enumerated() { append(cell, index, to: output) }
    try output.write("\n")
  }

  /// The last column has no blanks behind it.
  private func append(_ cell: String, _ index: Int, to output: StandardOutput) {
    if index > 0 { output.append(blanks: ColumnFit.gap) }
    let padding = widths[index] - cell.columnCount
    if columns[index].heading.alignment == .right { output.append(blanks: padding) }
    output.append(cell)
    if columns[index].heading.alignment == .left, index < columns.count - 1 { output.append(blanks: padding) }
  }
}
