/// Where the resident bytes of a heap are: an account page by page, of what a walk says is in each page, and of which pages
/// are there.
public struct HeapAccount: Sendable {
  /// The resident bytes of a heap, in parts that together are all of them.
  public struct Parts: Hashable, Sendable {
    /// The blocks in use.
    public var used: UInt64 = 0
    /// The free blocks in caches of threads.
    public var cached: UInt64 = 0
    /// Whole free pages, which the allocator gives back when told to.
    public var returnable: UInt64 = 0
    /// Whole free pages, which it keeps even then.
    public var kept: UInt64 = 0
    /// Free memory in pages that have a block in use, or one in a cache, or what the allocator keeps of a free block.
    public var pinned: UInt64 = 0
    /// Pages of zeros inside of huge pages: the kernel gave them along with their neighbours, and nothing was ever written
    /// there, or nothing but zeros.
    public var hugeZeros: UInt64 = 0
    /// The allocator's own data, outside of blocks.
    public var own: UInt64 = 0
    /// What could not be walked, so that it is not known what is in use.
    public var unwalked: UInt64 = 0

    /// All parts together.
    public var sum: UInt64 { used + cached + returnable + kept + pinned + hugeZeros + own + unwalked }
    /// What is in no block in use.
    public var free: UInt64 { cached + returnable + kept + pinned }
  }

  /// The allocator whose heap it is.
  public let allocator: any Allocator
  /// The memory of the heap, in whole pages, in order.
  public let ranges: [Range<Address>]
  /// The addresses that the heap takes, in bytes.
  public var virtual: UInt64 { ranges.reduce(0) { $0 + $1.byteCount } }
  /// The resident bytes.
  public private(set) var parts = Parts()
  /// The swapped bytes.
  public private(set) var swapped: UInt64 = 0
  /// The resident bytes of blocks in use with a mapping of their own.
  public private(set) var mapped: UInt64 = 0
  /// The resident bytes of the arenas of threads besides the first, and what of them is free.
  public private(set) var (threadArenas, freeInThreadArenas): (UInt64, UInt64) = (0, 0)
  /// The number of those arenas.
  public let threadArenaCount: Int
  /// The facts that the allocator tells of itself.
  public let facts: [AllocatorFact]
  /// How the process was told, by its environment, how much the allocator keeps; empty where it was not, and of a core.
  public internal(set) var environment: [Phrase] = []
  /// The number of sparse pages: those of which at least half is free, and that a block holds all the same.
  public private(set) var sparsePageCount: UInt64 = 0
  /// The free bytes of those pages.
  public private(set) var sparseByteCount: UInt64 = 0
  /// Some sparse pages, spread over all of them.
  private(set) var sparsePages = BlockSamples(limit: 4096)
  /// What holds the sparse pages, that which holds most first; empty where that was not looked for.
  public private(set) var pins: [HeapPin] = []

  /// Makes the account of a heap.
  ///
  /// - Parameters:
  ///   - heap: the heap, with its blocks.
  ///   - source: the memory that was walked.
  ///   - process: the process with that memory, where it still runs.
  public init(
    of heap: HeapSummary, in source: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) {
    try self.init(heap, ResidentPages(of: source, process: process), ZeroPages(source))
    if let process { environment = try AllocatorEnvironment(of: process, in: source).settings(of: heap.allocator) }
  }

  /// Makes the account of a heap.
  ///
  /// - Parameters:
  ///   - heap: the heap, with its blocks.
  ///   - pages: where the memory of the source is.
  ///   - zeros: where it is zeros in huge pages.
  init(_ heap: HeapSummary, _ pages: ResidentPages, _ zeros: consuming ZeroPages) throws(MemDumpError) {
    var zeros = zeros
    allocator = heap.allocator
    threadArenaCount = heap.threadArenas.count
    facts = heap.facts
    // What is free in whole extents need not be a part of what was walked.
    let walked = (heap.ranges + heap.returnableRanges + heap.keptRanges).union()
    let own = Self.ownPages(of: heap, in: pages.regions)
    ranges = (walked.map { $0.lowerBound.pageStart..<$0.upperBound.pageEnd } + own).union()
    var sweep = PageSweep(heap, walked)
    for range in ranges {
      try pages.forEachRun(in: range) { (run) throws(MemDumpError) in
        guard run.content == .resident else {
          swapped += run.range.byteCount
          return
        }
        var page = run.range.lowerBound.pageStart
        while page < run.range.upperBound {
          let isZero = try zeros.isZero(page, in: run.range)
          add(sweep.parts(ofPageAt: page, within: run.range, isZero: isZero), page, &sweep)
          page = page + pageSize
        }
      }
    }
  }

  /// The whole pages that the allocator has for itself in memory that it took from the system: what it has among the
  /// variables of a file is that of the file.
  private static func ownPages(of heap: HeapSummary, in regions: [MemoryRegion]) -> [Range<Address>] {
    let whole = heap.ownRanges.map { $0.lowerBound.pageEnd..<max($0.lowerBound.pageEnd, $0.upperBound.pageStart) }
    return whole.union().flatMap { range in
      regions.parts(of: range).filter { $0.content?.isPrivateAnonymous ?? false }.map(\.range)
    }
  }

  private mutating func add(_ page: Parts, _ address: Address, _ sweep: inout PageSweep) {
    parts.used += page.used
    parts.cached += page.cached
    parts.returnable += page.returnable
    parts.kept += page.kept
    parts.pinned += page.pinned
    parts.hugeZeros += page.hugeZeros
    parts.own += page.own
    parts.unwalked += page.unwalked
    let range = Range(start: address, byteCount: pageSize)
    if sweep.mapped.byteCount(in: range) > 0 { mapped += page.used }
    if sweep.threadArenas.byteCount(in: range) > 0 {
      threadArenas += page.sum
      freeInThreadArenas += page.free
    }
    if page.used > 0, page.pinned >= pageSize / 2 {
      sparsePageCount += 1
      sparseByteCount += page.pinned
      sparsePages.add(address)
    }
  }
}

extension HeapAccount {
  /// Looks for what holds the sparse pages, where these are what is to be told.
  ///
  /// - Parameters:
  ///   - heap: the heap of the account, with its blocks.
  ///   - source: the memory that was walked.
  ///   - process: the process with that memory, where it still runs.
  public mutating func findPins(
    of heap: HeapSummary, in source: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) {
    guard finding?.word == .fragmentation || finding?.word == .arenas else { return }
    pins = try HeapPin.pins(self, of: heap, in: source, process: process)
  }

  /// Looks for who holds what holds the sparse pages.
  ///
  /// - Parameter search: a search in the same memory.
  public mutating func findHolders(_ search: inout ReferenceSearch) throws(MemDumpError) {
    for index in pins.indices {
      let pin = pins[index]
      pins[index].holders = try search.references(toBlocksAt: pin.samples, footprint: pin.footprint)
    }
  }
}

/// What is in the pages of a heap, asked page by page along the addresses.
struct PageSweep {
  private var used: PageOccupancy.Reading
  private var cached: PageOccupancy.Reading
  private var walked: RangeSweep
  private var own: RangeSweep
  private var returnable: RangeSweep
  private var kept: RangeSweep
  private var skipped: RangeSweep
  /// The memory of blocks with a mapping of their own, and that of arenas of threads.
  var (mapped, threadArenas): (RangeSweep, RangeSweep)

  init(_ heap: HeapSummary, _ ranges: [Range<Address>]) {
    (used, cached) = (heap.occupancy.reading(), heap.cachedOccupancy.reading())
    walked = RangeSweep(ranges)
    own = RangeSweep(ranges.subtracting(ranges.subtracting(heap.ownRanges.union())))
    (returnable, kept) = (RangeSweep(heap.returnableRanges), RangeSweep(heap.keptRanges))
    skipped = RangeSweep(
      heap.breaks.map { broken in
        let end = broken.resumedAt ?? ranges.index(holding: broken.address).map { ranges[$0].upperBound }
        return broken.address..<max(broken.address, end ?? broken.address)
      }.union())
    (mapped, threadArenas) = (
      RangeSweep(heap.mappedRanges), RangeSweep(heap.threadArenas.flatMap(\.self).union())
    )
  }

  /// The parts of a page, as far as it is in a range, which ends in no page of the heap but the last.
  mutating func parts(ofPageAt page: Address, within limits: Range<Address>, isZero: Bool) -> HeapAccount.Parts {
    let range = Range(start: page, byteCount: pageSize).clamped(to: limits)
    var parts = HeapAccount.Parts()
    if isZero, returnable.byteCount(in: range) < range.byteCount {
      parts.hugeZeros = range.byteCount
      return parts
    }
    var left = range.byteCount
    func take(_ byteCount: UInt64) -> UInt64 {
      let taken = min(byteCount, left)
      left -= taken
      return taken
    }
    let outside = range.byteCount - min(range.byteCount, walked.byteCount(in: range))
    parts.used = take(used.byteCount(ofPageAt: page))
    parts.cached = take(cached.byteCount(ofPageAt: page))
    parts.own = take(outside + own.byteCount(in: range))
    parts.unwalked = take(skipped.byteCount(in: range))
    parts.returnable = take(returnable.byteCount(in: range))
    parts.kept = take(kept.byteCount(in: range))
    parts.pinned = left
    return parts
  }
}

/// A reading of ranges along the addresses.
struct RangeSweep {
  private let ranges: [Range<Address>]
  private var next = 0

  /// - Parameter ranges: the ranges, in order and none twice.
  init(_ ranges: [Range<Address>]) { self.ranges = ranges }

  /// How many bytes of a range are in one of these.
  mutating func byteCount(in range: Range<Address>) -> UInt64 {
    if ranges.isEmpty { return 0 }
    let isBehind = next < ranges.count && ranges[next].upperBound <= range.lowerBound
    let isBefore = next > 0 && ranges[next - 1].upperBound > range.lowerBound
    if isBehind || isBefore || next >= ranges.count {
      next = ranges.partitionIndex { $0.upperBound > range.lowerBound }
    }
    var sum: UInt64 = 0
    var index = next
    while index < ranges.count, ranges[index].lowerBound < range.upperBound {
      sum += ranges[index].clamped(to: range).byteCount
      index += 1
    }
    return sum
  }
}
