import SystemPackage
internal import Synchronization

/// Blocks of a file on their way from the thread that reads them to the threads that take them: one fills a block while
/// the others work on the blocks before.
final class BlockRing: Sendable {
  /// A block's place in the file, how much of it is used, and where in it something was read: the rest is zeros.
  struct Block: Sendable {
    var offset: UInt64
    var byteCount = 0
    var extents: [Range<Int>] = []

    /// Adds bytes, that were read or are zeros.
    mutating func add(_ count: Int, isRead: Bool) {
      let end = byteCount + count
      if isRead, count > 0 {
        if let last = extents.last, last.upperBound == byteCount {
          extents[extents.count - 1] = last.lowerBound..<end
        } else {
          extents.append(byteCount..<end)
        }
      }
      byteCount = end
    }
  }

  /// The size of a block: that which is fastest to copy out of a process.
  static let blockByteCount = 1 << 20
  private static let blockCount = 4

  private let buffer: PageBuffer
  private let blocks = Mutex([Block?](repeating: nil, count: blockCount))
  /// For each taker, how many blocks it has still to take, and how many it has done with.
  private let filled: [Semaphore]
  private let free: [Semaphore]

  /// A ring for so many takers. Throws ENOMEM.
  init(takerCount: Int) throws(Errno) {
    buffer = try PageBuffer(byteCount: Self.blockCount * Self.blockByteCount)
    filled = (0..<takerCount).map { _ in Semaphore(0) }
    free = (0..<takerCount).map { _ in Semaphore(Self.blockCount) }
  }

  /// Waits until nobody needs the block of this number any more.
  func waitForRoom() { free.forEach { $0.wait() } }

  /// Gives a part of a block to write to.
  func fill<Result, Failure: Error>(
    _ number: Int, _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withMutableBytes(place(number, range), body)
  }

  /// Hands a block to every taker; nil is the end.
  func publish(_ number: Int, _ block: Block?) {
    blocks.withLock { $0[number % Self.blockCount] = block }
    filled.forEach { $0.signal() }
  }

  /// Takes block after block until the end.
  func take(as taker: Int, _ body: (Block, RawSpan) -> Void) {
    var number = 0
    while true {
      filled[taker].wait()
      guard let block = blocks.withLock({ $0[number % Self.blockCount] }) else { return }
      buffer.withBytes(place(number, 0..<block.byteCount)) { body(block, $0) }
      free[taker].signal()
      number += 1
    }
  }

  private func place(_ number: Int, _ range: Range<Int>) -> Range<Int> {
    let start = number % Self.blockCount * Self.blockByteCount
    return start + range.lowerBound..<start + range.upperBound
  }
}
