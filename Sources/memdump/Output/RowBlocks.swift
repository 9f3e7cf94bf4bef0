import MemDump
import Synchronization

/// The work on many rows, cut into blocks that all processors share.
enum RowBlocks {
  /// The rows that one thread takes at a time.
  private static let rowCount = 4096
  private static let mostThreads = 8

  /// Lets a value be made of the rows of each block, and hands the values to `body`, in no order, one at a time.
  static func forEach<Rows: RandomAccessCollection, Value>(
    of rows: Rows, _ make: (Rows.SubSequence) -> Value, _ body: (Value) -> Void
  ) {
    let turn = Mutex(())
    Syscall.concurrently(forEach: blockCount(rows.count), threads: threadCount(rows.count)) { block in
      let value = make(part(block, of: rows))
      turn.withLock { _ in body(value) }
    }
  }

  /// Lets the lines of each block be made, and writes them in their order.
  static func write<Rows: RandomAccessCollection>(
    _ rows: Rows, to output: StandardOutput, _ makeLines: (Rows.SubSequence) -> [UInt8]
  ) throws {
    let threads = threadCount(rows.count)
    for first in stride(from: 0, to: blockCount(rows.count), by: threads) {
      let made = Syscall.results(forEach: min(threads, blockCount(rows.count) - first), threads: threads) {
        makeLines(part(first + $0, of: rows))
      }
      for lines in made { try output.write(lines) }
    }
  }

  private static func blockCount(_ count: Int) -> Int { (count + rowCount - 1) / rowCount }

  private static func threadCount(_ count: Int) -> Int {
    max(1, min(blockCount(count), Syscall.processorCount, mostThreads))
  }

  private static func part<Rows: RandomAccessCollection>(_ block: Int, of rows: Rows) -> Rows.SubSequence {
    rows.dropFirst(block * rowCount).prefix(rowCount)
  }
}
