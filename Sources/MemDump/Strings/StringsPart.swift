/// The part of a search for texts that one thread does.
struct StringsPart: SearchPart, ~Copyable {
  private let strings: Strings
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
    _ strings: Strings, _ source: any MemorySource, number: Int, seams: SharedSeams, control: WorkControl
  ) throws(MemDumpError) {
    self.seams = seams
    (self.strings, regions, self.number, self.control) = (strings, source.regions, number, control)
    walk = try ChunkWalk(source, margin: ScanKernel.stringsMargin, chunk: strings.chunk)
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
    var gatherer = gatherer()
    defer { take(gatherer) }
    try walk.walk(ranges) { (bytes, window) throws(MemDumpError) in
      try gatherer.gather(bytes, window, &matches, into: &sink)
    }
    try gatherer.finish(into: &sink)
  }

  mutating func search<Sink: FindingSink>(
    _ block: SearchBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    ends = nil
    var gatherer = gatherer(block)
    defer { take(gatherer) }
    try walk.walk(block.range, within: block.run) { (bytes, window) throws(MemDumpError) in
      try gatherer.gather(bytes, window, &matches, into: &sink)
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

  private mutating func take(_ gatherer: RunGatherer) {
    findingCount += gatherer.findingCount
    isPartial = isPartial || gatherer.isPartial
  }
}
