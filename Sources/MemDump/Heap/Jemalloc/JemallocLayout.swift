/// The layout that tells the size of a block by the extent to which jemalloc's page map leads now.
struct JemallocLayout: BlockLayout {
  let tree: JemallocTree
  let bits: JemallocBits

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let place = try tree.extent(holding: start, &words), let extent = try JemallocExtent(at: place, &words),
      extent.holds(page: start.rawValue >> 12), let byteCount = extent.blocks(bits)?.byteCount(at: start)
    else { return nil }
    return HeapBlock(start, byteCount: byteCount)
  }
}
