/// A walk over the heap of gperftools' tcmalloc: every span of its page map, and the lists of free blocks, which run through the
/// blocks themselves.
struct TcmallocWalk: ~Copyable {
  private let source: any MemorySource
  private let control: WorkControl
  private let memory: AnonymousMemory
  private let map: TcmallocPageMap
  private let tables: TcmallocTables
  private var words: WordCache
  private var links: WordCache
  private var figures = TcmallocFigures()
  private var table = ExtentTable()
  private var leaves: [Range<Address>] = []
  private var structures: [Range<Address>] = []

  /// The shape of the cache for leaves, of which little is present.
  private static let shape = WordCache.Shape(blockByteCount: 1 << 15, blockCount: 8)
  /// The part of spans that has to agree with itself.
  private static let leastAgreement = 0.99
  /// A large block of so many bytes is a stretch of its own, so that pointers into its middle find its start.
  private static let stretchByteCount: UInt64 = 64 << 20

  /// Prepares a walk; nil where the variables have no sizes of classes.
  init?(
    _ source: any MemorySource, _ memory: AnonymousMemory, _ map: TcmallocPageMap, _ control: WorkControl
  ) throws(MemDumpError) {
    var words = try WordCache(source, Self.shape)
    guard let tables = try TcmallocTables(map, &words) else { return nil }
    let links = try WordCache(source)
    (self.source, self.control, self.memory, self.map) = (source, control, memory, map)
    self.tables = tables
    self.words = words
    self.links = links
  }

  /// Walks the heap. Returns the layout of its blocks; nil where it contradicts itself, which `record.refusal` tells.
  consuming func run(into record: inout HeapRecord) throws(MemDumpError) -> ExtentLayout? {
    for unit in memory.units(shift: map.unitShift) where !control.isStopped {
      guard let leaf = try map.leaf(unit, &words) else { continue }
      let range = Range(start: leaf, byteCount: TcmallocPageMap.leafByteCount)
      guard memory.contains(range), !leaves.contains(where: { $0.overlaps(range) }) else { continue }
      leaves.append(range)
      try walk(map.entries(of: leaf, unit, &words), into: &record)
    }
    guard figures.agreeingSpanCount > 0 || figures.largeCount > 0,
      Double(figures.agreeingSpanCount) >= Double(figures.spanCount) * Self.leastAgreement
    else {
      let share = UInt64(figures.agreeingSpanCount * 100 / max(1, figures.spanCount))
      record.refusal =
        "expected as gperftools 2 has it: \(count: share) % of \(count: UInt64(figures.spanCount), "span") agree with their lists"
      return nil
    }
    table.arrange()
    try takeCaches(in: &record)
    try takeShared(in: &record)
    record.ownRanges = (leaves + structures).union()
    record.isComplete = figures.isComplete
    record.description = figures.description(map, classCount: tables.byteCounts.count - 1, source.regions)
    return ExtentLayout(table: table, live: TcmallocLayout(map: map, byteCounts: tables.byteCounts))
  }

  /// Goes over the spans of a leaf.
  private mutating func walk(
    _ entries: [TcmallocPageMap.Entry], into record: inout HeapRecord
  ) throws(MemDumpError) {
    var stretches: [Range<Address>] = []
    // In the order of the structures: they lie side by side.
    var spans: [TcmallocSpan] = []
    for entry in entries.sorted(by: { ($0.span, $0.page) < ($1.span, $1.page) }) {
      // What is stale leads to a span that has other pages by now.
      guard let span = try TcmallocSpan(at: Address(entry.span), map, &words), span.page == entry.page,
        memory.contains(span.range),
        spans.last?.address != span.address
      else { continue }
      spans.append(span)
    }
    var reached = Address(0)
    for span in spans.sorted(by: { $0.page < $1.page }) where !control.isStopped {
      // Spans have no page in common.
      guard span.range.lowerBound >= reached else {
        figures.spanCount += span.sizeClass > 0 ? 1 : 0
        continue
      }
      reached = span.range.upperBound
      structures.join(Range(start: span.address.pageStart, byteCount: pageSize))
      switch span.location {
      case .used where span.sizeClass > 0:
        if try addBlocks(of: span, into: &record) { stretches.append(span.range) }
      case .used:
        figures.largeCount += 1
        if let block = span.blocks(tables.byteCounts) { table.add(block) }
        record.addUsed(span.range.lowerBound, footprint: span.range.byteCount)
        if span.range.byteCount >= Self.stretchByteCount {
          record.addStretch(span.range)
        } else {
          stretches.append(span.range)
        }
      case .free:
        figures.freeByteCount += span.range.byteCount
        record.returnableRanges.append(span.range)
      case .returned: figures.returnedByteCount += span.range.byteCount
      }
    }
    for stretch in stretches.union() {
      record.addStretch(stretch)
      control.add(stretch.byteCount)
    }
    structures = structures.union()
  }

  /// Adds the blocks of a span. Returns false where it has none that can be.
  private mutating func addBlocks(
    of span: TcmallocSpan, into record: inout HeapRecord
  ) throws(MemDumpError) -> Bool {
    figures.spanCount += 1
    guard let blocks = span.blocks(tables.byteCounts) else { return false }
    let (start, each, count) = (blocks.start, blocks.blockByteCount, blocks.byteCount / blocks.blockByteCount)
    guard span.usedCount <= count else { return false }
    table.add(blocks)
    for index in 0..<count { record.addUsed(start + index * each, footprint: each) }
    var (freeCount, block) = (UInt64(0), span.first)
    while block != 0, freeCount < count - span.usedCount {
      let offset = Address(block) - start
      guard Address(block) >= start, offset < each * count, offset % each == 0,
        record.free(Address(block), footprint: each, .listed), let next = try links.word(at: Address(block))
      else { break }
      freeCount += 1
      block = next
    }
    if freeCount == count - span.usedCount, block == 0 { figures.agreeingSpanCount += 1 }
    figures.listedCount += freeCount
    return true
  }

  /// Takes what threads keep away from what is in use.
  private mutating func takeCaches(in record: inout HeapRecord) throws(MemDumpError) {
    var caches = try TcmallocCaches(source, memory, byteCounts: tables.byteCounts)
    var jumps = try WordCache(source, .jumps)
    for cache in try caches.find(from: tables.pointers) where !control.isStopped {
      figures.cacheCount += 1
      structures.append(cache.pageStart..<(cache + 4096).pageEnd)
      for list in try caches.lists(of: cache) {
        let taken = try take(list.first, most: list.count, list.sizeClass, .cached, &jumps, in: &record)
        figures.cachedCount += taken
        figures.cachedByteCount &+= taken &* tables.byteCounts[list.sizeClass]
        if taken < list.count { figures.brokenCount += 1 }
      }
    }
  }

  /// Takes what threads share away from what is in use.
  private mutating func takeShared(in record: inout HeapRecord) throws(MemDumpError) {
    var jumps = try WordCache(source, .jumps)
    for number in tables.lists.indices {
      for batch in try tables.sharedBatches(ofClass: number, &words) {
        let taken = try take(batch, most: .max, number, .listed, &jumps, in: &record)
        figures.sharedCount += taken
        figures.sharedByteCount &+= taken &* tables.byteCounts[number]
        if taken == 0 { figures.brokenCount += 1 }
      }
    }
  }

  /// Follows a list, as far as it leads to blocks in use of one class: each is taken away, so every list ends.
  private mutating func take(
    _ first: Address, most: UInt64, _ sizeClass: Int, _ reason: HeapBlock.FreeReason, _ jumps: inout WordCache,
    in record: inout HeapRecord
  ) throws(MemDumpError) -> UInt64 {
    let each = tables.byteCounts[sizeClass]
    var (block, taken) = (first, UInt64(0))
    while taken < most, table.byteCount(at: block) == each, record.free(block, footprint: each, reason) {
      taken += 1
      guard let next = try jumps.word(at: block) else { break }
      block = Address(next)
    }
    return taken
  }
}
