/// The part of a scan that one thread does.
struct ScanPart: SearchPart, ~Copyable {
  private let scan: Scan
  private let literals: LiteralSearch?
  private let regions: [MemoryRegion]
  private let number: Int
  private let control: WorkControl
  private var walk: ChunkWalk
  private var matches = MatchList()
  private var findingCount: UInt64 = 0
  private var limitCount: UInt64 = 0
  private var firstLimit: SourceAddress?
  private var isPartial = false

  init(_ scan: Scan, _ source: any MemorySource, number: Int, control: WorkControl) throws(MemDumpError) {
    (self.scan, regions, self.number, self.control) = (scan, source.regions, number, control)
    literals = scan.plan.literals.map { LiteralSearch($0.kernel) }
    walk = try ChunkWalk(source, margin: scan.margin, chunk: scan.chunk)
  }

  var summary: SearchSummary {
    var summary = SearchSummary()
    summary.byteCount = walk.totals.byteCount
    summary.absentByteCount = walk.totals.absentByteCount
    summary.unreadByteCount = walk.totals.unreadByteCount
    summary.findingCount = findingCount
    (summary.limitCount, summary.firstLimit) = (limitCount, firstLimit)
    summary.isPartial = isPartial || control.isStopped
    return summary
  }

  mutating func search<Sink: FindingSink>(_ ranges: [Range<Address>], into sink: inout Sink) throws(MemDumpError) {
    var seeker = PatternSeeker(scan, literals, regions, number)
    defer { take(seeker) }
    try walk.walk(ranges) { (bytes, window) throws(MemDumpError) in
      try Self.goesOn(seeker.seek(bytes, window, &matches, &sink), behind: window, control)
    }
  }

  mutating func search<Sink: FindingSink>(
    _ block: SearchBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    var seeker = PatternSeeker(scan, literals, regions, number)
    defer { take(seeker) }
    try walk.walk(block.range, within: block.run) { (bytes, window) throws(MemDumpError) in
      try Self.goesOn(seeker.seek(bytes, window, &matches, &sink), behind: window, control)
    }
    return !seeker.isPartial && !control.isStopped
  }

  // A match belongs to the block of its anchor and is seen whole from there.
  func join<Sink: FindingSink>(block number: Int, into sink: inout Sink) -> Bool { true }
  func finish<Sink: FindingSink>(into sink: inout Sink) -> Bool { true }

  /// Whether the scan shall go on behind a window, which is told of.
  private static func goesOn(_ isWanted: Bool, behind window: ChunkWalk.Window, _ control: WorkControl) -> Bool {
    control.add(UInt64(window.owned.count))
    return isWanted && !control.isStopped
  }

  private mutating func take(_ seeker: PatternSeeker) {
    findingCount += seeker.findingCount
    limitCount += seeker.limitCount
    firstLimit = [firstLimit, seeker.firstLimit].compactMap(\.self).min()
    isPartial = isPartial || seeker.isPartial
  }
}
