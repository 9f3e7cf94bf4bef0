/// Where the first block of a page of mimalloc 2.0.0 to 2.1.2 is, which those versions do not write down: how far behind the start
/// of its memory (`_mi_segment_page_start_from_slice`, src/segment.c). Which rule holds is told by the free blocks.
enum MimallocStart: CaseIterable {
  /// 2.0.9, and those before it.
  case threeLines, line, none
  /// 2.1.0 to 2.1.2.
  case blocks

  /// The distance of the first block, in bytes.
  func offset(_ blockByteCount: UInt64) -> UInt64 {
    switch self {
    case .threeLines: blockByteCount <= 1024 ? 384 : 0
    case .line: blockByteCount <= 1024 ? 128 : 0
    case .none: 0
    case .blocks: blockByteCount <= 64 ? 3 * blockByteCount : blockByteCount <= 512 ? blockByteCount : 0
    }
  }

  /// The most pages that are asked, and the most blocks of a list.
  private static let (mostPages, mostBlocks) = (512, 4096)

  /// The rule that agrees with the lists of most of some pages: one rule differs from another by whole blocks, and only the
  /// first or the last blocks of a page tell.
  static func found(in pages: [MimallocPage], _ words: inout WordCache) throws(MemDumpError) -> MimallocStart {
    var counts = [Int](repeating: 0, count: allCases.count)
    for var page in pages.prefix(mostPages) {
      for (number, rule) in allCases.enumerated() {
        page.start = page.area.lowerBound + rule.offset(page.blockByteCount)
        if page.isPlausible, try agrees(page, &words) { counts[number] += 1 }
      }
    }
    let best = counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0
    return allCases[best]
  }

  /// Whether all blocks of the lists of a page are those that were handed out at some time.
  private static func agrees(_ page: MimallocPage, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    for first in [page.free, page.localFree] {
      var (block, count) = (first, 0)
      while block != 0, count < mostBlocks {
        guard let index = page.index(of: block), UInt64(index) < page.capacity,
          let next = try words.word(at: Address(block))
        else { return false }
        (block, count) = (next, count + 1)
      }
    }
    return true
  }
}
