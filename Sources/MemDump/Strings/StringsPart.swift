/// What one thread of a search for texts works with.
struct StringsPart: ~Copyable {
  private let strings: Strings
  private let regions: [MemoryRegion]
  private let number: Int
  private let control: ScanControl
  private var walk: ChunkWalk
  private var matches = MatchList()
  private var findingCount: UInt64 = 0
  private var isPartial = false

  init(
    _ strings: Strings, _ source: any MemorySource, number: Int, control: ScanControl
  ) throws(MemDumpError) {
    (self.strings, regions, self.number, self.control) = (strings, source.regions, number, control)
    walk = try ChunkWalk(source, margin: ScanKernel.stringsMargin, chunk: strings.chunk)
  }

  /// What it went over so far.
  var summary: Scan.Summary {
    var summary = Scan.Summary()
    summary.byteCount = walk.totals.byteCount
    summary.absentByteCount = walk.totals.absentByteCount
    summary.unreadByteCount = walk.totals.unreadByteCount
    summary.findingCount = findingCount
    summary.isPartial = isPartial || control.isStopped
    return summary
  }

  /// Scans memory that no one else has a part in.
  mutating func scan<Sink: FindingSink>(_ ranges: [Range<Address>], into sink: inout Sink) throws(MemDumpError) {
    var gatherer = gatherer()
    defer { take(gatherer) }
    try walk.walk(ranges) { (bytes, window) throws(MemDumpError) in
      try gatherer.gather(bytes, window, &matches, into: &sink)
    }
    try gatherer.finish(into: &sink)
  }

  /// Scans a block. Returns what touches its ends, which is not given to the sink.
  mutating func scan<Sink: FindingSink>(
    _ block: ScanBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> RunEnds {
    var gatherer = gatherer(block)
    defer { take(gatherer) }
    try walk.walk(block.range, within: block.run) { (bytes, window) throws(MemDumpError) in
      try gatherer.gather(bytes, window, &matches, into: &sink)
    }
    try gatherer.finish(into: &sink)
    return gatherer.ends
  }

  /// Gives on a run that was put together from blocks. Returns whether the sink wants more.
  mutating func give<Sink: FindingSink>(_ run: RunFragment, into sink: inout Sink) throws(MemDumpError) -> Bool {
    var gatherer = gatherer()
    defer { take(gatherer) }
    return try gatherer.give(run, into: &sink)
  }

  private func gatherer(_ block: ScanBlocks.Block? = nil) -> RunGatherer {
    RunGatherer(strings, regions: regions, number: number, control: control, block: block)
  }

  private mutating func take(_ gatherer: RunGatherer) {
    findingCount += gatherer.findingCount
    isPartial = isPartial || gatherer.isPartial
  }
}
