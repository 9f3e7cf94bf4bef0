/// The part of a scan that one thread does.
struct ScanPart: SearchPart, ~Copyable {
  private let patterns: [any Pattern]
  private let plan: ScanPlan
  private let literals: LiteralSearch?
  private let regions: [MemoryRegion]
  private let number: Int
  private let context: Int
  private let control: WorkControl
  private var walk: ChunkWalk
  private var matches = MatchList()
  private var findingCount: UInt64 = 0
  private var limitCount: UInt64 = 0
  private var firstLimit: SourceAddress?
  private var isPartial = false

  init(_ scan: Scan, _ source: any MemorySource, number: Int, control: WorkControl) throws(MemDumpError) {
    (patterns, regions, self.number, self.control) = (scan.patterns, source.regions, number, control)
    (context, plan) = (scan.context, scan.plan)
    literals = scan.plan.literals.map { LiteralSearch($0.kernel) }
    walk = try ChunkWalk(source, margin: context + (scan.patterns.map(\.reach).max() ?? 0), chunk: scan.chunk)
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
    var seeker = Seeker(patterns, plan, literals, regions, number, context, control)
    defer { take(seeker) }
    try walk.walk(ranges) { (bytes, window) throws(MemDumpError) in
      try seeker.seek(bytes, window, &matches, &sink)
    }
  }

  mutating func search<Sink: FindingSink>(
    _ block: SearchBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    var seeker = Seeker(patterns, plan, literals, regions, number, context, control)
    defer { take(seeker) }
    try walk.walk(block.range, within: block.run) { (bytes, window) throws(MemDumpError) in
      try seeker.seek(bytes, window, &matches, &sink)
    }
    return !seeker.isPartial
  }

  // A match belongs to the block of its anchor and is seen whole from there.
  func join<Sink: FindingSink>(block number: Int, into sink: inout Sink) -> Bool { true }
  func finish<Sink: FindingSink>(into sink: inout Sink) -> Bool { true }

  private mutating func take(_ seeker: Seeker) {
    findingCount += seeker.findingCount
    limitCount += seeker.limitCount
    firstLimit = [firstLimit, seeker.firstLimit].compactMap(\.self).min()
    isPartial = isPartial || seeker.isPartial
  }
}

/// Looks for patterns in one window after the other.
private struct Seeker {
  let patterns: [any Pattern]
  let plan: ScanPlan
  let literals: LiteralSearch?
  let regions: [MemoryRegion]
  let number: Int
  let context: Int
  let control: WorkControl
  var region = 0
  var findingCount: UInt64 = 0
  var limitCount: UInt64 = 0
  var firstLimit: SourceAddress?
  var isPartial = false
  private var text: [UInt8] = []
  private typealias Gathered = (match: Match, pattern: Int)
  private var gathered: [Gathered] = []

  init(
    _ patterns: [any Pattern], _ plan: ScanPlan, _ literals: LiteralSearch?, _ regions: [MemoryRegion], _ number: Int,
    _ context: Int, _ control: WorkControl
  ) {
    (self.patterns, self.plan, self.literals, self.regions) = (patterns, plan, literals, regions)
    (self.number, self.context, self.control) = (number, context, control)
  }

  mutating func seek<Sink: FindingSink>(
    _ bytes: RawSpan, _ window: ChunkWalk.Window, _ matches: inout MatchList, _ sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    for index in plan.single {
      let pattern = patterns[index]
      var from = window.owned.lowerBound
      while from < window.owned.upperBound {
        matches.removeAll()
        pattern.scan(bytes, base: window.base, from: &from, to: window.owned.upperBound, into: &matches)
        for limit in matches.limits where !window.isUntouched(Int(limit)) { note(window.base + UInt64(limit)) }
        for place in 0..<matches.count where window.untouched.isEmpty || !window.isUntouched(Int(matches[place].offset))
        {
          if patterns.count > 1 {
            gathered.append((matches[place], index))
          } else {
            guard try give(matches[place], of: index, bytes, window, &sink) else { return false }
          }
        }
      }
    }
    gatherLiterals(bytes, window)
    if !zip(gathered, gathered.dropFirst()).allSatisfy({ Self.isInOrder($0, $1) }) {
      gathered.sort { !Self.isInOrder($1, $0) }
    }
    for (match, pattern) in gathered {
      guard try give(match, of: pattern, bytes, window, &sink) else { return false }
    }
    gathered.removeAll(keepingCapacity: true)
    control.add(UInt64(window.owned.count))
    if control.isStopped { isPartial = true }
    return !isPartial
  }

  /// Looks for all literals in one pass.
  private mutating func gatherLiterals(_ bytes: RawSpan, _ window: ChunkWalk.Window) {
    guard let set = plan.literals, let literals else { return }
    literals.run(bytes, from: window.owned.lowerBound, to: window.owned.upperBound)
    for place in literals.places where window.untouched.isEmpty || !window.isUntouched(Int(place.offset)) {
      set.matches(at: place, in: bytes) { match, pattern in gathered.append((match, pattern)) }
    }
  }

  private static func isInOrder(_ left: Gathered, _ right: Gathered) -> Bool {
    (left.match.offset, left.pattern) <= (right.match.offset, right.pattern)
  }

  private mutating func note(_ address: Address) {
    let place = SourceAddress(source: number, address: address)
    limitCount += 1
    firstLimit = min(firstLimit ?? place, place)
  }

  private mutating func give<Sink: FindingSink>(
    _ match: Match, of pattern: Int, _ bytes: RawSpan, _ window: ChunkWalk.Window, _ sink: inout Sink
  ) throws(MemDumpError) -> Bool {
    let offset = Int(match.offset)
    let address = window.base + UInt64(match.offset)
    if region >= regions.count || !regions[region].range.contains(address) {
      region = regions.index(holding: address) ?? region
    }
    findingCount += 1
    var finding = Finding(
      pattern: pattern, address: address, region: region, source: number, byteCount: UInt64(match.length))
    let found = bytes.extracting(offset..<offset + Int(match.length))
    let goesOn: Bool
    if plan.isVerbatim[pattern], context == 0 {
      goesOn = try sink.receive(finding, text: found)
    } else {
      text.removeAll(keepingCapacity: true)
      let isWritten = patterns[pattern].write(found, to: &text)
      if context > 0 {
        if !isWritten { unsafe found.withUnsafeBytes { unsafe text.append(contentsOf: $0) } }
        addContext(of: offset..<offset + Int(match.length), bytes, to: &finding)
      }
      goesOn =
        isWritten || context > 0
        ? try unsafe sink.receive(finding, text: text.span.bytes) : try sink.receive(finding, text: found)
    }
    if !goesOn { isPartial = true }
    return goesOn
  }

  /// Adds the bytes around a match to the text of its finding.
  private mutating func addContext(of match: Range<Int>, _ bytes: RawSpan, to finding: inout Finding) {
    let around = max(0, match.lowerBound - context)..<min(bytes.byteCount, match.upperBound + context)
    finding.contextByteCount = UInt32(around.count)
    finding.contextLead = UInt32(match.lowerBound - around.lowerBound)
    unsafe bytes.extracting(around).withUnsafeBytes { unsafe text.append(contentsOf: $0) }
  }
}
