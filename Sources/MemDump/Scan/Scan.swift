/// Looks for patterns in memory, in one pass, with a memory use that does not depend on how much there is.
public struct Scan: Sendable {
  /// What a scan went over.
  public struct Summary: Hashable, Sendable {
    /// Bytes that were looked at.
    public var byteCount: UInt64 = 0
    /// Bytes of untouched memory, which hold nothing.
    public var absentByteCount: UInt64 = 0
    /// Bytes that could not be read, or were left alone.
    public var unreadByteCount: UInt64 = 0
    /// How many findings there were.
    public var findingCount: UInt64 = 0
    /// Whether it ended before everything was looked at.
    public var isPartial = false

    /// Nothing so far.
    public init() {}
  }

  /// What to look for.
  public let patterns: [any Pattern]
  /// How many bytes are read at once. Results do not depend on it.
  public let chunk: Int

  /// Prepares a scan.
  public init(patterns: [any Pattern], chunk: Int = 1 << 20) {
    precondition(!patterns.isEmpty && chunk > 0)
    (self.patterns, self.chunk) = (patterns, chunk)
  }

  /// Scans memory.
  ///
  /// - Parameters:
  ///   - source: where it is.
  ///   - ranges: which of it, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - sink: who takes the findings.
  public func run<Sink: FindingSink>(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into sink: inout Sink
  ) throws(MemDumpError) -> Summary {
    let regions = source.regions
    var walk = try ChunkWalk(source, margin: patterns.map(\.reach).max() ?? 0, chunk: chunk)
    var matches = MatchList()
    var summary = Summary()
    var region = 0
    try walk.walk(ranges ?? regions.map(\.range)) { (bytes, window) throws(MemDumpError) in
      for (index, pattern) in patterns.enumerated() {
        var from = window.owned.lowerBound
        while from < window.owned.upperBound {
          matches.removeAll()
          pattern.scan(bytes, from: &from, to: window.owned.upperBound, into: &matches)
          for place in 0..<matches.count {
            let match = matches[place]
            let offset = Int(match.offset)
            let address = window.base + UInt64(match.offset)
            if region >= regions.count || !regions[region].range.contains(address) {
              region = regions.index(holding: address) ?? region
            }
            summary.findingCount += 1
            let finding = Finding(pattern: index, address: address, region: region, source: number)
            guard try sink.receive(finding, text: bytes.extracting(offset..<offset + Int(match.length))) else {
              summary.isPartial = true
              return false
            }
          }
        }
      }
      return true
    }
    summary.byteCount = walk.totals.byteCount
    summary.absentByteCount = walk.totals.absentByteCount
    summary.unreadByteCount = walk.totals.unreadByteCount
    return summary
  }
}
