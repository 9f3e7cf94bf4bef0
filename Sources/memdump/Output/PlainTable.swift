import MemDump
import Synchronization

/// A table for what is no terminal: no cell is cut and no column left out, so that a row is made when its turn comes, and none is
/// kept. Of many rows, every processor makes a part.
struct PlainTable<Row> {
  private let columns: [ShownColumn<Row>]
  private var widths: [Int]

  /// The rows that one thread makes at a time.
  private static var blockRowCount: Int { 4096 }

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
    let next = Atomic<Int>(0)
    let widest = Mutex(before)
    Syscall.concurrently(Self.threadCount(rows)) { _ in
      var widths = before
      while true {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < Self.blockCount(rows) else { break }
        for row in Self.part(block, of: rows) {
          for (index, column) in columns.enumerated() {
            widths[index] = max(widths[index], column.cell(row).columnCount)
          }
        }
      }
      widest.withLock { all in for index in widths.indices { all[index] = max(all[index], widths[index]) } }
    }
    widths = widest.withLock { $0 }
  }

  /// Makes room for cells.
  mutating func measure(_ cells: [String]) {
    for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.columnCount) }
  }

  /// Writes the line of titles.
  func writeTitles(to output: StandardOutput) throws { try write(columns.map(\.heading.title), to: output) }

  /// Writes the lines of rows.
  func write(_ rows: some RandomAccessCollection<Row>, to output: StandardOutput) throws {
    let threadCount = Self.threadCount(rows)
    for first in stride(from: 0, to: Self.blockCount(rows), by: threadCount) {
      let made = Mutex([[UInt8]](repeating: [], count: threadCount))
      Syscall.concurrently(min(threadCount, Self.blockCount(rows) - first)) { number in
        var lines: [UInt8] = []
        for row in Self.part(first + number, of: rows) {
          for (index, column) in columns.enumerated() { append(column.cell(row), index, to: &lines) }
          lines.append(UInt8(ascii: "\n"))
        }
        made.withLock { $0[number] = lines }
      }
      for lines in made.withLock({ $0 }) { try output.write(lines) }
    }
  }

  /// Writes a line of cells.
  func write(_ cells: [String], to output: StandardOutput) throws {
    var line: [UInt8] = []
    for (index, cell) in cells.enumerated() { append(cell, index, to: &line) }
    line.append(UInt8(ascii: "\n"))
    try output.write(line)
  }

  /// The last column has no blanks behind it.
  private func append(_ cell: String, _ index: Int, to line: inout [UInt8]) {
    func addBlanks(_ count: Int) { line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, count))) }
    if index > 0 { addBlanks(ColumnFit.gap) }
    let padding = widths[index] - cell.columnCount
    if columns[index].heading.alignment == .right { addBlanks(padding) }
    line.append(contentsOf: cell.utf8)
    if columns[index].heading.alignment == .left, index < columns.count - 1 { addBlanks(padding) }
  }

  private static func blockCount(_ rows: some RandomAccessCollection<Row>) -> Int {
    (rows.count + blockRowCount - 1) / blockRowCount
  }

  private static func threadCount(_ rows: some RandomAccessCollection<Row>) -> Int {
    max(1, min(blockCount(rows), Syscall.processorCount, 8))
  }

  private static func part<Rows: RandomAccessCollection<Row>>(_ block: Int, of rows: Rows) -> Rows.SubSequence {
    rows.dropFirst(block * blockRowCount).prefix(blockRowCount)
  }
}
