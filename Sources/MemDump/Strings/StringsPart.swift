/// The part of a search for texts that one thread does.
struct StringsPart: SearchPart, ~Copyable {
  private let strings: Strings
  /// The scan of the same bytes, with the search for its literals; nil for none.
  private let scan: (scan: Scan, literals: LiteralSearch?)?
  private let regions: [MemoryRegion]
  private let number: Int
  private let control: WorkControl
  private let seams: SharedSeams
  private var walk: ChunkWalk
  private var matches = MatchList()
  private var findingCount: UInt64 = 0
  private var isPartial = false
  /// The runs that touch the ends of the block that was searched last.
  private var ends: RunEnds?

  init(
    _ strings: Strings, beside scan: Scan?, _ source: any MemorySource, number: Int, seams: SharedSeams,
    control: WorkControl
  ) throws(MemDumpError) {
    self.seams = seams
    (self.strings, regions, self.number, self.control) = (strings, source.regions, number, control)
    self.scan = scan.map { ($0, $0.plan.literals.map { LiteralSearch($0.kernel) }) }
    let margin = max(ScanKernel.stringsMargin, scan?.margin ?? 0)
    walk = try ChunkWalk(source, margin: margin, chunk: strings.chunk)
  }

  var summary: SearchSummary {
    var summary = SearchSummary()
    summary.byteCount = walk.totals.byteCount
    summary.absentByteCount = walk.totals.absentByteCount
    summary.unreadByteCount = walk.totals.unreadByteCount
    summary.findingCount = findingCount
    summary.isPartial = isPartial || control.isStopped
    return summary
  }

  mutating func search<Sink: FindingSink>(_ ranges: [Range<Address>], into sink: inout Sink) throws(MemDumpError) {
    var (gatherer, seeker) = (gatherer(), seeker())
    defer { take(gatherer) }
    try walk.walk(ranges) { (bytes, window) throws(MemDumpError) in
      guard try seeker?.seek(bytes, window, &matches, &sink) ?? true else { return false }
      return try gatherer.gather(bytes, window, &matches, into: &sink)
    }
    try gatherer.finish(into: &sink)
  }

  mutating func search<Sink: FindingSink>(
    _ block: SearchBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    ends = nil
    var (gatherer, seeker) = (gatherer(block), seeker())
    defer { take(gatherer) }
    try walk.walk(block.range, within: block.run) { (bytes, window) throws(MemDumpError) in
      guard try seeker?.seek(bytes, window, &matches, &sink) ?? true else { return false }
      return try gatherer.gather(bytes, window, &matches, into: &sink)
    }
    try gatherer.finish(into: &sink)
    ends = gatherer.ends
    return !gatherer.isPartial
  }

  mutating func join<Sink: FindingSink>(block number: Int, into sink: inout Sink) throws(MemDumpError) -> Bool {
    guard let ends else { return true }
    return try give(seams.add(ends, block: number), into: &sink)
  }

  mutating func finish<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> Bool {
    try give(seams.finish(), into: &sink)
  }

  /// Passes on runs that were put together from blocks.
  private mutating func give<Sink: FindingSink>(
    _ runs: [RunFragment], into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    var gatherer = gatherer()
    defer { take(gatherer) }
    for run in runs {
      guard try gatherer.give(run, into: &sink) else { return false }
    }
    return true
  }

  private func gatherer(_ block: SearchBlocks.Block? = nil) -> RunGatherer {
    RunGatherer(strings, regions: regions, number: number, control: control, block: block)
  }

  private func seeker() -> PatternSeeker? {
    scan.map { PatternSeeker($0.scan, $0.literals, regions, number, firstPattern: 1) }
  }

  private mutating func take(_ gatherer: RunGatherer) {
    findingCount += gatherer.findingCount
    isPartial = isPartial || gatherer.isPartial
  }
}
