/// Puts the runs of window after window together and passes them on.
struct RunGatherer {
  private let strings: Strings
  private let regions: [MemoryRegion]
  private let number: Int
  private let control: WorkControl
  /// Where a run may have begun in the block before, and where one may go on in the next block; nil for neither.
  private var (front, back): (Address?, Address?) = (nil, nil)
  /// The runs that touch the ends of the block.
  private(set) var ends: RunEnds
  /// The number of runs that were passed on.
  private(set) var findingCount: UInt64 = 0
  /// Whether the search was told to end.
  private(set) var isPartial = false
  private var open: RunFragment?
  private var region = 0
  private var regionRange: Range<Address>
  private var units: [UInt8] = []

  /// - Parameter block: the block to gather in; nil for all memory.
  init(_ strings: Strings, regions: [MemoryRegion], number: Int, control: WorkControl, block: SearchBlocks.Block?) {
    (self.strings, self.regions, self.number, self.control) = (strings, regions, number, control)
    regionRange = regions.first?.range ?? Address(0)..<Address(0)
    ends = RunEnds(range: block?.range ?? Address(0)..<Address(0))
    guard let block else { return }
    if block.range.lowerBound > block.run.lowerBound { front = block.range.lowerBound }
    if block.range.upperBound < block.run.upperBound { back = block.range.upperBound }
  }

  /// Takes the runs in the bytes that a window owns. Returns whether the scan shall go on.
  mutating func gather<Sink: FindingSink>(
    _ bytes: RawSpan, _ window: ChunkWalk.Window, _ matches: inout MatchList, into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    let owned = window.owned
    var from = owned.lowerBound
    while from < owned.upperBound {
      let start = from
      matches.removeAll()
      ScanKernel.findStrings(
        bytes, encoding: strings.encoding, shortest: strings.shortest, from: &from, to: owned.upperBound, into: &matches
      )
      if start == owned.lowerBound, let run = open {
        let isNext = run.end == window.base + UInt64(start)
        let goesOn = isNext && matches.count > 0 && Int(matches[0].offset) == start
        if !goesOn { try close(into: &sink) }
      }
      for place in 0..<matches.count where !isPartial {
        let (start, end) = (Int(matches[place].offset), Int(matches[place].offset + matches[place].length))
        let address = window.base + UInt64(start)
        if start > owned.lowerBound, end < owned.upperBound {
          try give(bytes.extracting(start..<end), at: address, byteCount: UInt64(end - start), into: &sink)
        } else {
          var run = open ?? RunFragment(at: address, region: region(of: address))
          run.append(bytes.extracting(start..<end), encoding: strings.encoding, keeping: strings.keptByteCount)
          open = run
          if end < owned.upperBound { try close(into: &sink) }
        }
      }
      if isPartial { return false }
    }
    control.add(UInt64(owned.count))
    if control.isStopped { isPartial = true }
    return !isPartial
  }

  /// Closes the run that is open at the end of the memory.
  mutating func finish<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) {
    guard let run = open, run.end == back, run.start != front else { return try close(into: &sink) }
    (ends.last, open) = (run, nil)
  }

  /// Passes on a run whose ends are known, if the run is long enough. Returns whether the sink wants more.
  mutating func give<Sink: FindingSink>(_ run: RunFragment, into sink: inout Sink) throws(MemDumpError) -> Bool {
    let characterCount = run.characterCount(strings.encoding)
    if characterCount >= UInt64(strings.shortest) {
      let byteCount = strings.encoding == .utf16 ? 2 * characterCount : run.byteCount
      try unsafe give(run.bytes.span.bytes, at: run.start, byteCount: byteCount, into: &sink)
    }
    return !isPartial
  }

  private mutating func close<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) {
    guard let run = open else { return }
    open = nil
    if run.start == front { ends.first = run } else { _ = try give(run, into: &sink) }
  }

  private mutating func give<Sink: FindingSink>(
    _ run: RawSpan, at address: Address, byteCount: UInt64, into sink: inout Sink
  ) throws(MemDumpError) {
    guard !isPartial else { return }
    findingCount += 1
    let finding = Finding(
      pattern: 0, address: address, region: region(of: address), source: number, byteCount: byteCount)
    let text = run.extracting(first: strings.textByteCount(of: run))
    guard strings.encoding == .utf16 else {
      if try !sink.receive(finding, text: text) { isPartial = true }
      return
    }
    units.removeAll(keepingCapacity: true)
    for offset in stride(from: 0, to: text.byteCount, by: 2) {
      unsafe units.append(text.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
    }
    if try unsafe !sink.receive(finding, text: units.span.bytes) { isPartial = true }
  }

  private mutating func region(of address: Address) -> Int {
    if !regionRange.contains(address), let index = regions.index(holding: address) {
      (region, regionRange) = (index, regions[index].range)
    }
    return region
  }
}
