/// Looks for patterns in one window after the other.
struct PatternSeeker {
  private let patterns: [any Pattern]
  private let plan: ScanPlan
  private let context: Int
  private let literals: LiteralSearch?
  private let regions: [MemoryRegion]
  private let number: Int
  private let firstPattern: Int
  private var region = 0
  /// The number of matches that were passed on.
  private(set) var findingCount: UInt64 = 0
  /// The number of places where a pattern came to the end of what it looks at, and the first of them.
  private(set) var (limitCount, firstLimit): (UInt64, SourceAddress?) = (0, nil)
  /// Whether the sink wants no more.
  private(set) var isPartial = false
  private var text: [UInt8] = []
  private typealias Gathered = (match: Match, pattern: Int)
  private var gathered: [Gathered] = []

  /// - Parameters:
  ///   - literals: the search for the literals of the scan's plan, which each thread has of its own.
  ///   - number: the number of the source in the findings.
  ///   - firstPattern: the number of the first pattern in the findings.
  init(_ scan: Scan, _ literals: LiteralSearch?, _ regions: [MemoryRegion], _ number: Int, firstPattern: Int = 0) {
    (patterns, plan, context, self.literals) = (scan.patterns, scan.plan, scan.context, literals)
    (self.regions, self.number, self.firstPattern) = (regions, number, firstPattern)
  }

  /// Passes on the matches whose anchors are in the bytes that a window owns. Returns whether the sink wants more.
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
      pattern: firstPattern + pattern, address: address, region: region, source: number, byteCount: UInt64(match.length)
    )
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
