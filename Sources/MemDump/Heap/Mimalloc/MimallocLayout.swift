/// The layout that tells the block at an address by the page that has it now.
struct MimallocLayout: BlockLayout {
  private let segments: MimallocSegment.Making?
  private let map: MimallocPageMap?

  /// Takes what a walk has found of some heaps.
  init(_ heaps: [MimallocHeap]) {
    segments = heaps.compactMap(\.segments).first
    map = heaps.compactMap(\.map).first
  }

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    for page in [try segments?.page(holding: start, &words), try map?.page(holding: start, &words)] {
      guard let page, page.isPlausible, let index = page.index(of: start.rawValue), UInt64(index) < page.capacity else {
        continue
      }
      return HeapBlock(start, byteCount: page.blockByteCount)
    }
    return nil
  }
}

extension MimallocSegment {
  /// How the segments of a process are made.
  struct Making: Sendable {
    /// Where segments begin: at multiples of this, a power of 2; 0 where that is not known.
    var alignment: UInt64
    /// How far the first entry is behind the start of a segment.
    var entriesOffset: UInt64
    var layout: MimallocPageLayout
    /// Where the first block of a page is that does not say so.
    var start: MimallocStart

    /// The page whose memory holds an address; nil where there is none.
    func page(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> MimallocPage? {
      guard alignment > 0 else { return nil }
      let segment = Address(address.rawValue & ~(alignment - 1))
      let slice = (address - segment) / sliceByteCount
      let entries = segment + entriesOffset
      guard let counts = try words.word(at: entries + slice * layout.byteCount) else { return nil }
      // An entry that is not the first of its page tells how many bytes it is behind that.
      let back = counts >> 32 / layout.byteCount
      guard back <= slice else { return nil }
      let entry = entries + (slice - back) * layout.byteCount
      guard let head = try words.word(at: entry) else { return nil }
      let area = Range(
        start: segment + (slice - back) * sliceByteCount, byteCount: (head & 0xffff_ffff) * sliceByteCount)
      guard var page = try layout.page(at: entry, area: area, &words) else { return nil }
      if !layout.hasStart { page.start = area.lowerBound + start.offset(page.blockByteCount) }
      return page
    }
  }
}
