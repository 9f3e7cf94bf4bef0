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
          widths[index] = max(widths[index], cell.columnCount(from: 0))
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
      var lines = CellWriter()
      for row in rows {
        for index in writers.indices {
          let start = startCell(index, of: &lines)
          writers[index](row, &lines)
          endCell(index, at: start, of: &lines)
        }
        lines.endLine()
      }
      return lines.bytes
    }
  }

  /// Writes a line of cells.
  func write(_ cells: [String], to output: StandardOutput) throws {
    var line = CellWriter()
    for (index, text) in cells.enumerated() {
      let start = startCell(index, of: &line)
      line.add(text)
      endCell(index, at: start, of: &line)
    }
    line.endLine()
    try output.write(line.bytes)
  }

  /// Leaves room before a cell; returns where the cell begins.
  private func startCell(_ index: Int, of line: inout CellWriter) -> Int {
    if index > 0 { line.addBlanks(ColumnFit.gap) }
    return line.bytes.count
  }

  /// Puts a cell where it belongs in its column. The last column has no blanks behind it.
  private func endCell(_ index: Int, at start: Int, of line: inout CellWriter) {
    let padding = widths[index] - line.columnCount(from: start)
    if padding <= 0 { return }
    if headings[index].alignment == .right {
      line.insertBlanks(padding, at: start)
    } else if index < headings.count - 1 {
      line.addBlanks(padding)
    }
  }
}
