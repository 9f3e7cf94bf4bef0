/// A walk over the heap of glibc's malloc: every arena, chunk by chunk.
struct GlibcWalk: ~Copyable {
  private let source: any MemorySource
  private let control: WorkControl
  private var words: WordCache
  private var figures = GlibcFigures()
  private var caches: [Address] = []
  private var links = BinLinks()
  /// The number of mapped chunks by the word of each C library; nil where that was not found.
  private var mappedCounts: [UInt64?] = []
  /// The memory of the main arena and of the arenas of threads, which is no place for mapped chunks.
  private var arenaRanges: [Range<Address>] = []
  private var segments: [ReturnablePages.Segment] = []

  /// The most chunks that can be tcaches: more chunks of that size than threads can exist are something else.
  private static let mostCaches = 1 << 20
  /// The most mapped chunks that are weighed against malloc's own count.
  private static let mostDoubtful = 1 << 16

  init(_ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    (self.source, self.control) = (source, control)
    words = try WordCache(source)
  }

  /// Walks the heap. Returns whether there is one.
  consuming func run(into record: inout HeapRecord) throws(MemDumpError) -> Bool {
    var finder = try ArenaFinder(source)
    let arenas = try finder.arenas()
    var lists = try FreeLists(source)
    if arenas.isEmpty {
      // What another allocator has a part of is all its own.
      for stretch in Self.bareHeaps(source.regions) where [stretch].subtracting(record.takenRanges) == [stretch] {
        try walk(SegmentWalk(stretch, top: nil, isOfThread: true), into: &record)
      }
      guard record.isMostlyWalked else { return false }
    } else {
      (figures.arenaCount, figures.mainArena) = (arenas.count, arenas.first?.address)
      figures.libraryCount = arenas.count { !$0.isOfThread }
      for arena in arenas {
        record.ownRanges.append(Range(start: arena.address, byteCount: arena.layout.byteCount))
        if !arena.isUnused { try walk(arena, into: &record) }
      }
      try walkScattered(into: &record)
    }
    let known = record.blockCount
    for cache in caches { try lists.takeCache(at: cache, in: &record) }
    for arena in arenas { try lists.takeFastbins(of: arena, in: &record) }
    try lists.countBins(of: arenas, links, most: known)
    if !mappedCounts.isEmpty, !mappedCounts.contains(nil) {
      figures.expectedMappedCount = mappedCounts.reduce(0) { $0 &+ ($1 ?? 0) }
    }
    if let arena = arenas.first { try findMappedChunks(behindEach: arena.layout.mappedTail, into: &record) }
    (figures.cachedCount, figures.fastCount, figures.binnedCount) = (
      lists.cachedCount, lists.fastCount, lists.binnedCount
    )
    figures.brokenListCount = lists.brokenCount
    try findReturnable(in: &record)
    record.isComplete = figures.isComplete
    record.description = figures.description(mapped: record.mapped)
    return true
  }

  /// Walks an arena: all of its stretches.
  private mutating func walk(_ arena: Arena, into record: inout HeapRecord) throws(MemDumpError) {
    guard arena.isOfThread else { return try walkMain(arena, into: &record) }
    let heaps = try ThreadHeap.heaps(of: arena, &words)
    if heaps.isEmpty { figures.unwalkedArenaCount += 1 }
    record.threadArenas.append(heaps.map { $0.address..<$0.chunks.upperBound })
    for heap in heaps.reversed() {
      let top = heap.chunks.contains(arena.top) ? arena.top : nil
      arenaRanges.append(heap.address..<heap.chunks.upperBound)
      try walk(SegmentWalk(heap.chunks, top: top ?? Address(.max), isOfThread: true), into: &record)
    }
  }

  /// Walks the main arena, from the start of malloc's memory to the top chunk.
  private mutating func walkMain(_ arena: Arena, into record: inout HeapRecord) throws(MemDumpError) {
    // A ring has one main arena. Others that lead to the same memory would have it counted once more.
    let stretches = Self.stretches(source.regions)
    let holding = stretches.first { $0.contains(arena.top) }
    // Of a process that goes on, the program break may have moved on since the map was read: what is below it is known.
    let known = source.regions.last { $0.kind == .heap && $0.range.upperBound <= arena.top }?.range
    guard let stretch = holding ?? known.flatMap({ known in stretches.first { $0.contains(known.lowerBound) } }),
      let head = holding == nil ? 0 : try words.word(at: arena.top + 8)
    else {
      figures.unwalkedArenaCount += 1
      return
    }
    let parameters = try MallocParameters.find(near: arena, start: stretch, &words)
    if mappedCounts.isEmpty { figures.settings = parameters?.settings }
    mappedCounts.append(parameters?.mappedCount)
    let byteCount = head == 0 ? .max : Chunk(head: head).byteCount
    let end = holding == nil ? stretch.upperBound : arena.top + min(byteCount, stretch.upperBound - arena.top)
    let free = [stretch.lowerBound..<end].subtracting(arenaRanges.union()).last
    guard let free, holding == nil || free.contains(arena.top),
      parameters.map({ free.contains($0.start) }) ?? (holding != nil)
    else {
      figures.unwalkedArenaCount += 1
      return
    }
    let start = if let parameters { parameters.start } else { try self.start(of: arena, in: free) }
    let range = start..<end
    // Without a start by malloc's own word, the arena is in several places, and other memory may be next to each.
    arenaRanges.append(parameters == nil ? range : stretch)
    let before = record.walkedByteCount + record.skippedByteCount
    try walk(SegmentWalk(range, top: arena.top, isOfThread: false), into: &record)
    let found = record.walkedByteCount + record.skippedByteCount - before
    if parameters == nil || arena.systemByteCount > found + pageSize {
      figures.missingByteCount += arena.systemByteCount - min(arena.systemByteCount, found)
    }
  }

  /// Where the part of an arena begins that has the top: at a page from which chunks lead there.
  private mutating func start(of arena: Arena, in range: Range<Address>) throws(MemDumpError) -> Address {
    var address = range.lowerBound.pageEnd
    while address < arena.top, !control.isStopped {
      if let end = try words.emptyEnd(at: address) {
        address = max(end, address + 1).pageEnd
        continue
      }
      let end = try SegmentWalk(address..<range.upperBound, top: arena.top, isOfThread: false).reach(&words).end
      if end == arena.top { return address }
      address = max(address + pageSize, end.pageStart)
    }
    return range.lowerBound
  }

  /// Walks the parts of main arenas that lie elsewhere: where malloc gets no memory from the program break, as in a C
  /// library that was loaded into a namespace of its own, it maps some, a part at a time.
  private mutating func walkScattered(into record: inout HeapRecord) throws(MemDumpError) {
    guard figures.missingByteCount > 0 else { return }
    for gap in Self.stretches(source.regions).subtracting((arenaRanges + record.takenRanges).union()) {
      var address = gap.lowerBound.pageEnd
      while address < gap.upperBound, figures.missingByteCount > 0, !control.isStopped {
        if let end = try words.emptyEnd(at: address) {
          address = max(end, address + 1).pageEnd
          continue
        }
        let part = SegmentWalk(address..<gap.upperBound, top: Address(.max), isOfThread: false)
        let (end, isWhole) = try part.reach(&words)
        if isWhole, end - address <= figures.missingByteCount {
          try walk(SegmentWalk(address..<end, top: Address(.max), isOfThread: false), into: &record)
          arenaRanges.append(address..<end)
          figures.missingByteCount -= end - address
        }
        address = max(address + pageSize, end.pageStart)
      }
    }
  }

  private mutating func walk(_ segment: SegmentWalk, into record: inout HeapRecord) throws(MemDumpError) {
    var segment = segment
    var words = try WordCache(source)
    try segment.walk(&words, control) { (step, words) throws(MemDumpError) in
      guard step.isInUse else {
        links.add(chunk: step.address, next: step.next, previous: step.previous)
        return record.addFree(footprint: step.byteCount, .listed)
      }
      record.addUsed(step.address, footprint: step.byteCount)
      // What the walk has just read need not be read again.
      if let form = CacheForm.of(step.byteCount), caches.count < Self.mostCaches,
        try form.isLikely(at: step.address, &words)
      {
        caches.append(step.address)
      }
    }
    record.addStretch(
      segment.range, skipped: segment.skippedByteCount, breaks: segment.breaks, breakCount: segment.breakCount)
    figures.topByteCount += segment.topByteCount
    let skipped = segment.breaks.map { $0.address..<($0.resumedAt ?? segment.range.upperBound) }
    segments.append(
      ReturnablePages.Segment(
        range: segment.range, hasTop: segment.topByteCount > 0, isOfThread: segment.isOfThread,
        // Of more breaks than are told, it is not known where they are.
        skipped: segment.breakCount > UInt64(skipped.count) ? [segment.range] : skipped))
  }

  /// Finds the pages that no chunk has, once it is known which chunks are free.
  private func findReturnable(in record: inout HeapRecord) throws(MemDumpError) {
    var words = try WordCache(source, .jumps)
    var (used, cached) = (record.occupancy.reading(), record.cachedOccupancy.reading())
    let (blocks, caches) = (record.blocks, record.cachedBlocks)
    var pages = ReturnablePages()
    for segment in segments where !control.isStopped {
      try pages.find(in: segment, &used, &cached) { (address, start) throws(MemDumpError) in
        let before = address - 1
        let last = [blocks.last(upTo: before, from: start), caches.last(upTo: before, from: start)].compactMap(\.self)
        guard let chunk = last.max(), let head = try words.word(at: chunk + 8) else { return nil }
        return chunk + Chunk(head: head).byteCount
      }
    }
    (record.returnableRanges, record.keptRanges) = (pages.returnable, pages.kept)
  }

  private mutating func findMappedChunks(
    behindEach tail: UInt64, into record: inout HeapRecord
  ) throws(MemDumpError) {
    // A reading of all anonymous memory: not for nothing.
    if figures.expectedMappedCount == 0 { return }
    let mappings = source.regions.ranges {
      $0.permissions.contains(.write) && $0.isPrivateAnonymous && $0.kind == .anonymous
    }
    let starts = Set(mappings.map(\.lowerBound))
    var doubtful: [(start: Address, byteCount: UInt64)] = []
    // A chunk may span several mappings, where a part of it was advised otherwise (madvise(2)).
    for range in mappings.union().subtracting((arenaRanges + record.takenRanges).union()) {
      try MappedChunks.find(in: range, starts: starts, tail: tail, &words) {
        if !$2 {
          record.addMapped($0, footprint: $1)
        } else if doubtful.count < Self.mostDoubtful {
          doubtful.append(($0, $1))
        }
      }
    }
    // Doubtful ones are believed where they are as many as malloc's own count has more than was found.
    let ends = doubtful.map { $0.start + $0.byteCount }
    let (found, isApart) = (record.mapped.count, zip(ends, doubtful.dropFirst()).allSatisfy { $0 <= $1.start })
    guard isApart, figures.expectedMappedCount == found + UInt64(doubtful.count) else { return }
    for chunk in doubtful { record.addMapped(chunk.start, footprint: chunk.byteCount) }
  }

  /// The adjacent private writable anonymous mappings, joined: fork splits `[heap]`, and a core has names for none.
  private static func stretches(_ regions: [MemoryRegion]) -> [Range<Address>] {
    regions.ranges { $0.isPrivateAnonymous && $0.kind != .stack && $0.permissions.contains(.write) }.union()
  }

  /// The heaps of a source without the data of the C library, such as a dump of `[heap]`: the regions with that name,
  /// or all regions of a single dump. These heaps end where the dump cuts them.
  private static func bareHeaps(_ regions: [MemoryRegion]) -> [Range<Address>] {
    let named = regions.ranges { $0.kind == .heap }.union()
    if !named.isEmpty { return named }
    return regions.count == 1 ? regions.map(\.range) : []
  }
}
