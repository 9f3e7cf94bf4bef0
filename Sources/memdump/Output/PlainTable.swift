import MemDump

/// A table for what is no terminal: no cell is cut and no column left out, so that a row is made when its turn comes, and none is
/// kept. Of many rows, every processor makes a part.
struct PlainTable {
  private let headings: [Column]
  private var widths: [Int]

  /// - Parameters:
  ///   - headings: the headings of the columns.
  ///   - hasTitles: whether the titles are shown.
  init(_ headings: [Column], hasTitles: Bool) {
    self.headings = headings
    widths = headings.map { hasTitles ? $0.title.columnCount : 0 }
  }

  /// Makes room for the cells of rows.
  mutating func measure<Row>(_ rows: some RandomAccessCollection<Row>, _ columns: () -> [ShownColumn<Row>]) {
    let before = widths
    var widest = widths
    RowBlocks.forEach(of: rows) { rows in
      let writers = columns().map(\.write)
      var (widths, cell) = (before, CellWriter())
      for row in rows {
        for index in writers.indices {
          cell.reset()
          writers[index](row, &cell)
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
  func writeTitles(to output: StandardOutput) throws { try write(headings.map(\.title), to: output) }

  /// Writes the lines of rows.
  func write<Row>(
    _ rows: some RandomAccessCollection<Row>, _ columns: () -> [ShownColumn<Row>], to output: StandardOutput
  ) throws {
    try RowBlocks.write(rows, to: output) { rows in
      let writers = columns().map(\.write)
      var (lines, cell) = ([UInt8](), CellWriter())
      for row in rows {
        for index in writers.indices {
          cell.reset()
          writers[index](row, &cell)
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
    func addBlanks(_ count: Int) { for _ in 0..<max(0, count) { line.append(UInt8(ascii: " ")) } }
    if index > 0 { addBlanks(ColumnFit.gap) }
    let padding = widths[index] - cell.columnCount
    let alignment = headings[index].alignment
    if alignment == .right { addBlanks(padding) }
    line += cell.bytes
    if alignment == .left, index < headings.count - 1 { addBlanks(padding) }
  }
}
