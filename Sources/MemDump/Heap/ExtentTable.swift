/// The runs of pages that have blocks, in the order of their addresses, and by them the block at an address.
struct ExtentTable: Sendable {
  /// A run of pages with blocks of one size.
  struct Extent: Sendable {
    /// Where its first block begins.
    var start: Address
    /// The bytes of its blocks together.
    var byteCount: UInt64
    /// The bytes of each block.
    var blockByteCount: UInt64
  }

  private(set) var extents: [Extent] = []

  /// Adds an extent.
  mutating func add(_ extent: Extent) { extents.append(extent) }

  /// Puts the extents in order.
  mutating func arrange() { extents.sort { $0.start < $1.start } }

  /// The block whose memory holds an address; nil where none does.
  func block(holding address: Address) -> HeapBlock? {
    let index = extents.partitionIndex { $0.start > address } - 1
    guard index >= 0, address - extents[index].start < extents[index].byteCount else { return nil }
    let (start, each) = (extents[index].start, extents[index].blockByteCount)
    return HeapBlock(start + (address - start) / each * each, byteCount: each)
  }

  /// The bytes of the block that begins at an address; nil where none does.
  func byteCount(at start: Address) -> UInt64? {
    let index = extents.partitionIndex { $0.start > start } - 1
    return index >= 0 ? extents[index].byteCount(at: start) : nil
  }
}

extension ExtentTable.Extent {
  /// The bytes of the block that begins at an address; nil where none does.
  func byteCount(at address: Address) -> UInt64? {
    let offset = address - start
    guard address >= start, offset < byteCount, offset % blockByteCount == 0 else { return nil }
    return blockByteCount
  }
}

/// The layout that tells the size of a block by the run of pages that holds it, as a walk has found them.
struct ExtentLayout: BlockLayout {
  let table: ExtentTable
  /// The layout that asks the page map each time.
  let live: any BlockLayout

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    table.byteCount(at: start).map { HeapBlock(start, byteCount: $0) }
  }
}

extension HeapBlock {
  /// A block beside which nothing is kept.
  init(_ start: Address, byteCount: UInt64) {
    self.init(address: start, byteCount: byteCount, footprint: Range(start: start, byteCount: byteCount))
  }
}
