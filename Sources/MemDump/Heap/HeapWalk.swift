/// Walks the heap of glibc's malloc from the outside, in whatever holds the memory: every arena, chunk by chunk.
///
/// It believes nothing that it reads, so a heap in any state comes to an end. What it takes up depends on the addresses that
/// chunks span, 1/128 of them, and on how many sizes there are, not on how many chunks.
public struct HeapWalk: ~Copyable {
  private let source: any MemorySource
  private let control: ScanControl
  private var words: WordCache
  private var summary = HeapSummary()
  private var classes = HeapClassTable()
  private var caches: [Address] = []
  /// Which memory of the main arena and of those of threads is no place for mapped chunks.
  private var arenaRanges: [Range<Address>] = []

  /// More chunks of the size of a cache than threads can have are no caches.
  private static let mostCaches = 1 << 20

  /// Prepares a walk.
  ///
  /// - Parameters:
  ///   - source: where the memory is, with addresses.
  ///   - control: tells how far it is, and may end it.
  public init(_ source: any MemorySource, control: ScanControl = ScanControl()) throws(MemDumpError) {
    (self.source, self.control) = (source, control)
    words = try WordCache(source)
  }

  /// Walks the heap. nil where there is none of glibc's; see ``AllocatorKind`` for whose it is.
  public consuming func run() throws(MemDumpError) -> HeapSummary? {
    var finder = try ArenaFinder(source)
    let arenas = try finder.arenas()
    var lists = try FreeLists(source)
    if arenas.isEmpty {
      guard try walkBareHeaps() else { return nil }
    } else {
      summary.arenaCount = arenas.count
      summary.mainArena = arenas.first?.address
      for arena in arenas where !arena.isUnused { try walk(arena) }
    }
    let known = summary.used.count + summary.free.count
    for cache in caches { try lists.takeCache(at: cache, &summary.chunks, &classes) }
    for arena in arenas {
      try lists.takeFastbins(of: arena, &summary.chunks, &classes)
      try lists.countBins(of: arena, most: known)
    }
    if !arenas.isEmpty { try findMappedChunks() }
    finish(lists)
    return summary
  }

  /// An arena: all of its stretches.
  private mutating func walk(_ arena: Arena) throws(MemDumpError) {
    guard arena.isOfThread else { return try walkMain(arena) }
    let heaps = try ThreadHeap.heaps(of: arena, &words)
    if heaps.isEmpty { summary.unwalkedArenaCount += 1 }
    for heap in heaps.reversed() {
      let top = heap.chunks.contains(arena.top) ? arena.top : nil
      arenaRanges.append(heap.address..<heap.chunks.upperBound)
      try walk(SegmentWalk(heap.chunks, top: top ?? Address(.max), isOfThread: true))
    }
  }

  /// The main arena, from where malloc's memory begins to the top.
  private mutating func walkMain(_ arena: Arena) throws(MemDumpError) {
    guard let stretch = Self.stretches(source.regions).first(where: { $0.contains(arena.top) }),
      let head = try words.word(at: arena.top + 8)
    else {
      summary.unwalkedArenaCount += 1
      return
    }
    let parameters = try MallocParameters.find(near: arena, start: stretch, &words)
    summary.expectedMappedCount = parameters?.mappedCount
    let end = min(arena.top + Chunk(head: head).byteCount, stretch.upperBound)
    let range = (parameters?.start ?? stretch.lowerBound)..<end
    arenaRanges.append(stretch)
    let before = summary.walkedByteCount + summary.skippedByteCount
    try walk(SegmentWalk(range, top: arena.top, isOfThread: false))
    let found = summary.walkedByteCount + summary.skippedByteCount - before
    if parameters == nil || arena.systemByteCount > found + pageSize {
      summary.missingByteCount += arena.systemByteCount - min(arena.systemByteCount, found)
    }
  }

  /// Heaps of a source that has no data of the C library, such as a dump of `[heap]`: they end where they are cut.
  private mutating func walkBareHeaps() throws(MemDumpError) -> Bool {
    for stretch in Self.bareHeaps(source.regions) {
      try walk(SegmentWalk(stretch, top: nil, isOfThread: true))
    }
    // Anything has a few words that agree with each other.
    return summary.walkedByteCount > summary.skippedByteCount
  }

  private mutating func walk(_ segment: SegmentWalk) throws(MemDumpError) {
    var segment = segment
    var words = try WordCache(source)
    try segment.walk(&words, control) { (step) throws(MemDumpError) in add(step) }
    summary.ranges.append(segment.range)
    summary.breaks += segment.breaks
    summary.breakCount += segment.breakCount
    summary.skippedByteCount += segment.skippedByteCount
    summary.walkedByteCount += segment.range.byteCount - min(segment.range.byteCount, segment.skippedByteCount)
    summary.topByteCount += segment.topByteCount
  }

  private mutating func add(_ step: SegmentWalk.Step) {
    if step.isInUse {
      summary.used.add(step.byteCount)
      summary.chunks.insert(step.address)
      classes.addUsed(step.address, step.byteCount)
      if step.byteCount == FreeLists.cacheByteCount, caches.count < Self.mostCaches { caches.append(step.address) }
    } else {
      summary.free.add(step.byteCount)
      classes.addFree(step.byteCount)
    }
  }

  private mutating func findMappedChunks() throws(MemDumpError) {
    for region in source.regions where region.permissions.contains(.write) && region.isPrivateAnonymous {
      guard region.kind == .anonymous, !arenaRanges.contains(where: { $0.overlaps(region.range) }) else { continue }
      try MappedChunks.find(in: region.range, &words) { address, byteCount in
        summary.mapped.add(byteCount)
        summary.used.add(byteCount)
        summary.chunks.insert(address)
        classes.addUsed(address, byteCount)
        summary.ranges.append(Range(start: address, byteCount: byteCount))
      }
    }
  }

  private mutating func finish(_ lists: borrowing FreeLists) {
    summary.cachedCount = lists.cachedCount
    summary.fastCount = lists.fastCount
    summary.binnedCount = lists.binnedCount
    summary.brokenListCount = lists.brokenCount
    summary.classes = classes.classes.sorted {
      ($0.byteCount, $0.freeCount, $0.chunkByteCount) > ($1.byteCount, $1.freeCount, $1.chunkByteCount)
    }
    summary.used = HeapSummary.Sum()
    summary.free = HeapSummary.Sum()
    for row in summary.classes {
      summary.used.add(row.count, row.chunkByteCount)
      summary.free.add(row.freeCount, row.chunkByteCount)
    }
    summary.ranges = summary.ranges.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Adjacent private writable mappings without a file as one: fork splits `[heap]`, a core has names for none.
  private static func stretches(_ regions: [MemoryRegion]) -> [Range<Address>] {
    regions.filter { $0.isPrivateAnonymous && $0.kind != .stack && $0.permissions.contains(.write) }.map(\.range)
      .union()
  }

  /// What can be a heap where no arena is known: what is called so, or all there is where it is one dump.
  private static func bareHeaps(_ regions: [MemoryRegion]) -> [Range<Address>] {
    let named = regions.filter { $0.kind == .heap }.map(\.range).union()
    if !named.isEmpty { return named }
    return regions.count == 1 ? regions.map(\.range) : []
  }
}

extension HeapSummary.Sum {
  mutating func add(_ byteCount: UInt64) { add(1, byteCount) }

  mutating func add(_ more: UInt64, _ each: UInt64) {
    count &+= more
    byteCount &+= more &* each
  }
}
