/// A search for chunks that have a mapping of their own: large ones, which malloc took straight from the system. No
/// list leads to them; their headers stand at the start of a page.
///
/// The kernel joins mappings that touch, so a chunk may begin anywhere in a mapping, and cover only a part of it.
enum MappedChunks {
  /// The size of the smallest mapped chunk believed without another right before: malloc's default threshold, in bytes.
  private static let smallest: UInt64 = 128 << 10

  /// Hands out the mapped chunks of one mapping.
  static func find(
    in range: Range<Address>, _ words: inout WordCache, _ body: (Address, UInt64) -> Void
  ) throws(MemDumpError) {
    var address = range.lowerBound.pageEnd
    var follows = true
    while address < range.upperBound {
      if let end = try words.emptyEnd(at: address) {
        (address, follows) = (end.pageEnd, false)
        continue
      }
      let head = try words.word(at: address + 8).map { Chunk(head: $0) }
      if let head, head.isMapped, head.head & 5 == 0, head.byteCount & (pageSize - 1) == 0,
        head.byteCount >= (follows ? pageSize : smallest), head.byteCount <= range.upperBound - address,
        try words.word(at: address) == 0
      {
        body(address, head.byteCount)
        (address, follows) = (address + head.byteCount, true)
      } else {
        (address, follows) = (address + pageSize, false)
      }
    }
  }
}
