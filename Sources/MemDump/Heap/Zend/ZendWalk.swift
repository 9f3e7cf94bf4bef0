/// A walk over the heaps of PHP's memory manager: every page of every chunk, the lists of free blocks, which run through the blocks
/// themselves, and the blocks with mappings of their own.
struct ZendWalk: ~Copyable {
  private let control: WorkControl
  private var words: WordCache
  private var links: WordCache
  private var figures = ZendFigures()
  private var table = ExtentTable()
  /// The tables of all objects, of each thread of PHP one.
  private var tables: [Range<Address>] = []
  private let variables: [Range<Address>]
  /// The one build of PHP in a process has one layout.
  private var mapOffset: UInt64 = 0

  /// By how much the bytes of the blocks may be off what PHP counts, in hundredths: it may be at work.
  private static let tolerance: UInt64 = 1

  init(_ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    let words = try WordCache(source, .hops)
    let links = try WordCache(source)
    self.control = control
    variables = ZendTables.variables(in: source.regions)
    self.words = words
    self.links = links
  }

  /// Adds a heap.
  mutating func add(_ heap: ZendHeap, to record: inout HeapRecord) throws(MemDumpError) {
    figures.heapCount += 1
    mapOffset = heap.mapOffset
    figures.chunkCount += UInt64(heap.chunks.count)
    figures.cachedChunkCount += UInt64(heap.cachedChunks.count)
    figures.countedByteCount &+= heap.usedByteCount
    for chunk in heap.chunks.sorted() where !control.isStopped {
      try add(chunk, heap.mapOffset, to: &record)
      control.add(ZendChunk.byteCount)
    }
    for block in heap.huge {
      figures.hugeCount += 1
      figures.usedByteCount &+= block.byteCount
      table.add(.init(start: block.lowerBound, byteCount: block.byteCount, blockByteCount: block.byteCount))
      record.addMapped(block.lowerBound, footprint: block.byteCount)
      if try ZendTables.isOfObjects(block, &links) { tables.append(block) }
    }
    for chunk in heap.cachedChunks {
      record.returnableRanges.append(Range(start: chunk, byteCount: ZendChunk.byteCount))
    }
    table.arrange()
    for (number, first) in heap.free.enumerated() { try take(first, ZendChunk.bins[number].byteCount, in: &record) }
  }

  /// Goes over the pages of a chunk.
  private mutating func add(_ chunk: Address, _ mapOffset: UInt64, to record: inout HeapRecord) throws(MemDumpError) {
    let whole = Range(start: chunk, byteCount: ZendChunk.byteCount)
    record.addStretch(whole)
    record.ownRanges.append(Range(start: chunk, byteCount: ZendChunk.pageByteCount))
    var number: UInt64 = 1
    while number < ZendChunk.pageCount {
      let start = chunk + number * ZendChunk.pageByteCount
      let left = ZendChunk.pageCount - number
      switch try ZendChunk.page(number, of: chunk, mapOffset, &words) {
      case .small(let bin) where ZendChunk.bins[bin].pageCount <= left:
        let (each, count, pages) = ZendChunk.bins[bin]
        table.add(.init(start: start, byteCount: each * count, blockByteCount: each))
        for block in 0..<count { record.addUsed(start + block * each, footprint: each) }
        figures.usedByteCount &+= each * count
        number += pages
      case .large(let pages) where pages <= left:
        let byteCount = pages * ZendChunk.pageByteCount
        table.add(.init(start: start, byteCount: byteCount, blockByteCount: byteCount))
        record.addUsed(start, footprint: byteCount)
        figures.usedByteCount &+= byteCount
        let block = Range(start: start, byteCount: byteCount)
        if try ZendTables.isOfObjects(block, &links) { tables.append(block) }
        number += pages
      case .free:
        record.keptRanges.append(Range(start: start, byteCount: ZendChunk.pageByteCount))
        figures.freeByteCount &+= ZendChunk.pageByteCount
        number += 1
      default:
        figures.brokenCount += 1
        number += 1
      }
    }
  }

  /// Follows a list of free blocks of one size: each is taken away, so every list ends.
  private mutating func take(
    _ first: UInt64, _ each: UInt64, in record: inout HeapRecord
  ) throws(MemDumpError) {
    var block = first
    while block != 0 {
      guard table.byteCount(at: Address(block)) == each, record.free(Address(block), footprint: each, .listed) else {
        figures.brokenCount += 1
        return
      }
      figures.usedByteCount &-= each
      guard let next = try links.word(at: Address(block)) else { return }
      block = next
    }
  }

  /// Ends the walk. Returns the layout of its blocks; nil where they are not what PHP counts, which `record.refusal` tells.
  consuming func finish(_ record: inout HeapRecord) throws(MemDumpError) -> ExtentLayout? {
    let (found, counted) = (figures.usedByteCount, figures.countedByteCount)
    guard max(found, counted) - min(found, counted) <= counted / 100 * Self.tolerance + ZendChunk.pageByteCount else {
      record.refusal = "its blocks in use have \(bytes: found), and PHP counts \(bytes: counted)"
      return nil
    }
    record.noteRanges += tables
    for table in tables {
      if let roots = try ZendTables.roots(of: table, in: variables, &links) { record.noteRanges.append(roots) }
    }
    record.isComplete = figures.brokenCount == 0 && found == counted && !control.isStopped
    record.description = figures.description
    return ExtentLayout(table: table, live: ZendLayout(mapOffset: mapOffset, huge: table))
  }
}

/// The layout that tells the size of a block by the map of its chunk as it is now.
private struct ZendLayout: BlockLayout {
  let mapOffset: UInt64
  /// What the walk found, for blocks with mappings of their own.
  let huge: ExtentTable

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    let chunk = ZendChunk.chunk(of: start)
    // A chunk's own page has no blocks; a block with a mapping of its own begins as a chunk does.
    if start == chunk { return huge.byteCount(at: start).map { HeapBlock(start, byteCount: $0) } }
    var number = (start - chunk) / ZendChunk.pageByteCount
    while number > 0, try ZendChunk.page(number, of: chunk, mapOffset, &words) == .behind { number -= 1 }
    guard number > 0 else { return nil }
    let first = chunk + number * ZendChunk.pageByteCount
    switch try ZendChunk.page(number, of: chunk, mapOffset, &words) {
    case .small(let bin):
      let (each, count, _) = ZendChunk.bins[bin]
      guard (start - first) % each == 0, start - first < each * count else { return nil }
      return HeapBlock(start, byteCount: each)
    case .large(let pages) where start == first: return HeapBlock(start, byteCount: pages * ZendChunk.pageByteCount)
    default: return nil
    }
  }
}
