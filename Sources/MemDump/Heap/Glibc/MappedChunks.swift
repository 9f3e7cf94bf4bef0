/// A search for chunks that have a mapping of their own: large ones, which malloc took straight from the system. No
/// list leads to them; their headers stand at the start of a page.
///
/// The kernel joins mappings that touch, so a chunk may begin anywhere in a mapping, and cover only a part of it.
enum MappedChunks {
  /// The size of the smallest mapped chunk believed without another right before, or the start of a mapping: malloc's default
  /// threshold, in bytes. What realloc(3) made smaller stays where it is, down to a page: of that the header alone tells, and it
  /// is doubtful.
  private static let smallest: UInt64 = 128 << 10

  /// Hands out the mapped chunks of memory that lies together, and whether each is doubtful.
  ///
  /// - Parameters:
  ///   - starts: where mappings start.
  ///   - tail: what a mapping has behind the end of its chunk, in bytes.
  static func find(
    in range: Range<Address>, starts: Set<Address>, tail: UInt64, _ words: inout WordCache,
    _ body: (_ start: Address, _ byteCount: UInt64, _ isDoubtful: Bool) -> Void
  ) throws(MemDumpError) {
    var address = range.lowerBound.pageEnd
    var follows = true
    while address < range.upperBound {
      if let end = try words.emptyEnd(at: address) {
        (address, follows) = (end.pageEnd, false)
        continue
      }
      let head = try words.word(at: address + 8).map { Chunk(head: $0) }
      if let head, head.isMapped, head.head & 5 == 0, (head.byteCount &+ tail) & (pageSize - 1) == 0,
        head.byteCount >= pageSize - tail, head.byteCount <= range.upperBound - address,
        head.byteCount + tail <= range.upperBound - address,
        try words.word(at: address) == 0
      {
        let isDoubtful = !follows && !starts.contains(address) && head.byteCount < smallest
        body(address, head.byteCount, isDoubtful)
        // What a doubtful chunk covers may be anything, others among it.
        (address, follows) = (address + (isDoubtful ? pageSize : head.byteCount + tail), !isDoubtful)
      } else if let byteCount = try alignedByteCount(at: address + (pageSize - 16), in: range, tail, &words) {
        let place = address + (pageSize - 16)
        body(place, byteCount, false)
        (address, follows) = ((place + byteCount + tail).pageEnd, true)
      } else {
        (address, follows) = (address + pageSize, false)
      }
    }
  }

  /// The size of a mapped chunk of a block that was asked for at a multiple of pages (aligned_alloc(3)): its header stands
  /// right before the block, with how far into the mapping that is; nil where there is none.
  private static func alignedByteCount(
    at place: Address, in range: Range<Address>, _ tail: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> UInt64? {
    guard place < range.upperBound, let word = try words.word(at: place + 8) else { return nil }
    let chunk = Chunk(head: word)
    guard chunk.isMapped, chunk.head & 5 == 0, chunk.byteCount >= smallest,
      chunk.byteCount <= range.upperBound - place, chunk.byteCount + tail <= range.upperBound - place,
      let lead = try words.word(at: place), lead > 0,
      lead <= place - range.lowerBound, (place.rawValue - lead) & (pageSize - 1) == 0,
      (lead &+ chunk.byteCount &+ tail) & (pageSize - 1) == 0
    else { return nil }
    return chunk.byteCount
  }
}
