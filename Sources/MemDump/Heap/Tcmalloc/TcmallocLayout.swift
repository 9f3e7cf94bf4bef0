/// The layout that tells the size of a block by the span to which tcmalloc's page map leads now.
struct TcmallocLayout: BlockLayout {
  let map: TcmallocPageMap
  let byteCounts: [UInt64]

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let span = try map.span(holding: start, &words), let byteCount = span.blocks(byteCounts)?.byteCount(at: start)
    else { return nil }
    return HeapBlock(start, byteCount: byteCount)
  }
}
