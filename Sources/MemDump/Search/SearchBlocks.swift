/// Memory cut into blocks that threads can take one by one, each with the run of adjacent addresses around the block.
struct SearchBlocks {
  struct Block {
    var range: Range<Address>
    var run: Range<Address>
  }

  private(set) var blocks: [Block] = []

  /// - Parameters:
  ///   - ranges: the ranges of memory, in order.
  ///   - byteCount: the size of a block in bytes, a power of two. Blocks end at multiples of that size.
  init(_ ranges: [Range<Address>], byteCount: UInt64) {
    for run in ranges.union() {
      var start = run.lowerBound
      while start < run.upperBound {
        let end = min(Address(start.rawValue & ~(byteCount - 1)) + byteCount, run.upperBound)
        blocks.append(Block(range: start..<end, run: run))
        start = end
      }
    }
  }
}
