/// What there is of mimalloc in a process, before a look at its blocks: pages, and what lies between them.
struct MimallocHeap {
  /// The versions of mimalloc that have such a heap.
  var versions: String
  /// Where the pages are, as people read it.
  var place: Phrase
  /// The pages, in no order.
  var pages: [MimallocPage] = []
  /// The number of pages whose figures cannot be true.
  var implausibleCount = 0
  /// The memory of the heap.
  var stretches: [Range<Address>] = []
  /// The memory that mimalloc has for itself.
  var ownRanges: [Range<Address>] = []
  /// The memory that no page has and that can be given back.
  var freeSpans: [Range<Address>] = []
  /// The threads that own pages.
  var threads: Set<UInt64> = []
  /// The blocks that other threads have given back to the heap of a thread, and no page knows of: in order.
  var delayed: [UInt64] = []
  /// Whether the pages have the keys by which secure and debug builds encode their lists.
  var isEncoded = false

  /// How the segments are made; nil where there are none.
  var segments: MimallocSegment.Making?
  /// The page map; nil where there is none.
  var map: MimallocPageMap?

  /// The pages by their blocks.
  var table: ExtentTable {
    var table = ExtentTable()
    for page in pages { table.add(page.extent) }
    table.arrange()
    return table
  }

  /// Puts the pages in the order of addresses, without those that lie in others.
  mutating func sortPages() {
    pages.sort { $0.start < $1.start }
    var end = Address(0)
    var kept: [MimallocPage] = []
    for page in pages {
      if page.start < end {
        implausibleCount += 1
        continue
      }
      end = page.end
      kept.append(page)
    }
    pages = kept
  }
}

extension MimallocSegments {
  /// The heap of mimalloc 2; nil where there are no segments.
  static func heap(
    _ memory: AnonymousMemory, _ regions: [MemoryRegion], _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocHeap? {
    let segments = try find(memory, &words)
    guard let first = segments.first else { return nil }
    let layout: MimallocPageLayout = first.entryByteCount == MimallocPageLayout.early.byteCount ? .early : .late
    let variable = try variable(with: Set(segments.map(\.cookie)), memory, &words)
    let proof: Phrase = variable.map { " and the cookie\(AnonymousMemory.module(of: $0, in: regions))" } ?? ""
    var heap = MimallocHeap(
      versions: layout.versions, place: "\(count: UInt64(segments.count), "segment")\(proof)")
    for segment in segments {
      heap.stretches.append(segment.range)
      heap.ownRanges.append(segment.header.clamped(to: segment.range))
      if segment.thread != 0 { heap.threads.insert(segment.thread) }
      for span in try segment.spans(&words) ?? [] {
        guard let page = try layout.page(at: span.entry, area: span.range, &words) else {
          heap.implausibleCount += 1
          continue
        }
        // A free span has a size of 0, or 1.
        if page.blockByteCount <= 1 {
          heap.freeSpans.append(span.range)
        } else if page.isPlausible {
          heap.pages.append(page)
        } else if page.capacity > 0 || layout.hasStart {
          heap.implausibleCount += 1
        }
      }
    }
    // Builds that encode lists have two keys more in each page; those of an early layout make it as large as a late one.
    heap.isEncoded = first.entryByteCount > layout.byteCount || heap.implausibleCount > heap.pages.count
    let rule = try MimallocStart.found(in: heap.pages, &words)
    let entryCount = segments.map(\.entryCount).max() ?? 0
    heap.segments = MimallocSegment.Making(
      alignment: entryCount & (entryCount - 1) == 0 ? entryCount * MimallocSegment.sliceByteCount : 0,
      entriesOffset: first.entries - first.range.lowerBound, layout: layout, start: rule)
    if !layout.hasStart {
      for index in heap.pages.indices {
        let page = heap.pages[index]
        heap.pages[index].start = page.area.lowerBound + rule.offset(page.blockByteCount)
        if !heap.pages[index].isPlausible { heap.implausibleCount += 1 }
      }
      heap.pages.removeAll { !$0.isPlausible }
    }
    heap.sortPages()
    heap.delayed = try MimallocDelayed.blocks(of: heap, &words)
    return heap
  }

  /// The variable that one of some cookies stands in; nil where that is not found.
  private static func variable(
    with cookies: Set<UInt64>, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) -> Address? {
    var found: Address?
    try memory.forEachVariable(&words) { (word, address, _, _) throws(MemDumpError) in
      if cookies.contains(word) { found = address }
      return found == nil
    }
    return found
  }
}
