/// A walk over the heap of mimalloc: every block of every page, in use unless one of the lists of free blocks leads to it.
///
/// A list is followed as far as it leads to blocks of its own page, each once, so every list ends.
struct MimallocWalk: ~Copyable {
  private let source: any MemorySource
  private let control: WorkControl
  private var words: WordCache
  private var figures = MimallocFigures()
  private var breaks: [HeapSummary.Break] = []
  /// A bit for each block of the page that is walked: whether it is free.
  private var isFree: [UInt64] = []

  /// Blocks of the size of most pages, so that a page is read at once.
  private static let shape = WordCache.Shape(blockByteCount: 1 << 16, blockCount: 64)
  private static let mostBreaks = 64

  init(_ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    (self.source, self.control) = (source, control)
    words = try WordCache(source, Self.shape)
  }

  /// Walks the heap; nil without one, or where it contradicts itself.
  consuming func run(into record: inout HeapRecord) throws(MemDumpError) -> (any BlockLayout)? {
    let (memory, regions) = (AnonymousMemory(source.regions), source.regions)
    var heaps = [try MimallocSegments.heap(memory, regions, &words)].compactMap(\.self)
    if let map = try MimallocPageMap.find(memory, &words) {
      var heap = try map.heap(memory, regions, &words)
      // No page is of both versions, which are in one process where two modules have one each.
      let taken = heaps.flatMap(\.stretches).union()
      heap.pages.removeAll { page in
        taken.contains { $0.overlaps(page.area) }
      }
      if !heap.pages.isEmpty { heaps.append(heap) }
    }
    guard !heaps.isEmpty else { return nil }
    for heap in heaps {
      try walk(heap, into: &record)
      guard figures.isBelieved else {
        record.refusal = figures.refusal(of: heap)
        return nil
      }
    }
    for stretch in heaps.flatMap(\.stretches).union() { record.addStretch(stretch) }
    record.addStretch(Address(0)..<Address(0), breaks: breaks, breakCount: figures.brokenCount)
    record.description = figures.description(of: heaps)
    var table = ExtentTable()
    for page in heaps.flatMap(\.pages) { table.add(page.extent) }
    table.arrange()
    return ExtentLayout(table: table, live: MimallocLayout(heaps))
  }

  private mutating func walk(_ heap: MimallocHeap, into record: inout HeapRecord) throws(MemDumpError) {
    figures.begin(heap)
    record.ownRanges += heap.ownRanges
    record.returnableRanges += heap.freeSpans
    var delayed = heap.delayed[...]
    for page in heap.pages where !control.isStopped {
      let end = page.end.rawValue
      delayed = delayed.drop { $0 < page.start.rawValue }
      let own = delayed.prefix { $0 < end }
      try walk(page, own, into: &record)
      control.add(page.area.byteCount)
    }
  }

  private mutating func walk(
    _ page: MimallocPage, _ delayed: ArraySlice<UInt64>, into record: inout HeapRecord
  ) throws(MemDumpError) {
    let wordCount = (Int(truncatingIfNeeded: page.reserved) + 63) / 64
    if isFree.count < wordCount { isFree = Array(repeating: 0, count: wordCount) }
    for index in 0..<wordCount { isFree[index] = 0 }
    let free = try follow(page.free, of: page)
    // A thread that has just made its own list the next one has not yet emptied it.
    let local = page.localFree == page.free ? (count: 0, isWhole: true) : try follow(page.localFree, of: page)
    var thread = try follow(page.threadFree, of: page)
    for block in delayed { if let index = page.index(of: block), mark(index) { thread.count += 1 } }
    let isWhole = free.isWhole && local.isWhole && thread.isWhole
    figures.add(page, listed: free.count + local.count, thread.count, isWhole: isWhole)
    if !isWhole, breaks.count < Self.mostBreaks {
      breaks.append(.init(address: page.start, reason: .next, resumedAt: page.end))
    }
    var freeCount: UInt64 = 0
    for index in 0..<Int(truncatingIfNeeded: page.capacity) {
      if isFree[index >> 6] & (1 << UInt64(index & 63)) != 0 {
        freeCount += 1
        record.addFree(footprint: page.blockByteCount, .listed)
      } else {
        record.addUsed(page.start + UInt64(index) * page.blockByteCount, footprint: page.blockByteCount)
      }
    }
    guard freeCount == page.capacity else { return }
    let range = page.start.pageEnd..<max(page.start.pageEnd, page.area.upperBound.pageStart)
    if !range.isEmpty { record.returnableRanges.append(range) }
  }

  /// Follows a list. Returns how many blocks it has, and whether it leads to blocks of its page alone, up to its end.
  private mutating func follow(
    _ first: UInt64, of page: MimallocPage
  ) throws(MemDumpError) -> (count: UInt64, isWhole: Bool) {
    var (block, count): (UInt64, UInt64) = (first, 0)
    while block != 0 {
      guard let index = page.index(of: block), mark(index), let next = try words.word(at: Address(block)) else {
        return (count, false)
      }
      count += 1
      figures.addLink(leadsOn: next == 0 || page.index(of: next) != nil)
      block = next
    }
    return (count, true)
  }

  /// Marks a block as free. Returns whether it was not.
  private mutating func mark(_ index: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(index & 63)
    defer { isFree[index >> 6] |= bit }
    return isFree[index >> 6] & bit == 0
  }
}
