/// The pages of a stretch of an arena that hold no chunk in use, nor one in the cache of a thread, told apart by what
/// malloc_trim(3) does with them.
///
/// It first joins what is in fastbins with the free chunks beside it (malloc_consolidate). Then it gives back the whole
/// pages inside of each free chunk, from the end of what malloc keeps of one on (`mtrim`, malloc/malloc.c), and of the
/// main arena the end of the top (`systrim`). It leaves the top of the arenas of threads.
struct ReturnablePages {
  /// A stretch of an arena that was walked.
  struct Segment {
    var range: Range<Address>
    /// Whether the stretch ends with the top of its arena.
    var hasTop: Bool
    var isOfThread: Bool
    /// What was not walked.
    var skipped: [Range<Address>]
  }

  /// The pages that would be given back.
  private(set) var returnable: [Range<Address>] = []
  /// The free pages that would not.
  private(set) var kept: [Range<Address>] = []

  /// What malloc keeps at the start of a free chunk, in bytes (`sizeof (struct malloc_chunk)`).
  private static let chunkByteCount: UInt64 = 48
  /// What stays of a top (`MINSIZE`, and one byte), and the two marks at the end of a stretch that has none, in bytes.
  private static let (topByteCount, marksByteCount): (UInt64, UInt64) = (33, 32)

  /// Finds the pages of a stretch.
  ///
  /// - Parameters:
  ///   - used: what chunks in use take of each page.
  ///   - cached: what chunks in caches of threads take.
  ///   - end: tells where the last of both kinds of chunks before an address, and not before another one, ends.
  mutating func find(
    in segment: Segment, _ used: inout PageOccupancy.Reading, _ cached: inout PageOccupancy.Reading,
    end: (_ before: Address, _ start: Address) throws(MemDumpError) -> Address?
  ) throws(MemDumpError) {
    let limit = segment.hasTop ? segment.range.upperBound : segment.range.upperBound - Self.marksByteCount
    var page = segment.range.lowerBound.pageEnd
    while page < limit {
      let start = page
      while page < limit, used.byteCount(ofPageAt: page) == 0, cached.byteCount(ofPageAt: page) == 0 {
        page = page + pageSize
      }
      if page > start {
        let free = try end(start, segment.range.lowerBound) ?? segment.range.lowerBound
        add(start..<min(page, limit), from: free, isLast: page >= limit, segment)
      }
      page = page + pageSize
    }
  }

  /// Adds pages without a chunk.
  ///
  /// - Parameters:
  ///   - free: where the free chunk begins that they are in.
  ///   - isLast: whether they lead to the end of the stretch.
  private mutating func add(_ pages: Range<Address>, from free: Address, isLast: Bool, _ segment: Segment) {
    var end = pages.upperBound
    // The last chunk of a heap that contradicts itself may end behind the pages.
    let free = min(free, end)
    var start = max(pages.lowerBound, (free + Self.chunkByteCount).pageEnd)
    if isLast, segment.hasTop {
      let byteCount = end - free
      let extra = segment.isOfThread ? 0 : (byteCount - min(byteCount, Self.topByteCount)) & ~(pageSize - 1)
      start = max(pages.lowerBound, end - extra)
    } else {
      end = end.pageStart
    }
    let given = min(start, end)..<end
    let returned = [given].subtracting(segment.skipped)
    for range in returned where !range.isEmpty { returnable.join(range) }
    for range in [pages].subtracting(segment.skipped).subtracting(returned) { kept.join(range) }
  }
}
