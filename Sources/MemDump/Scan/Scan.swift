/// A search for patterns in memory, in one pass, with a memory use that does not depend on how much memory there is.
///
/// Results are the same for every size of a chunk, number of threads and kind of source.
public struct Scan: Sendable {
  /// The patterns to look for.
  public let patterns: [any Pattern]
  /// The number of bytes that are read at once.
  public let chunk: Int
  /// The number of threads that share the work. A stream has one.
  public let threads: Int
  /// The number of bytes on either side of a finding that go with it, as far as memory reaches without a gap; see
  /// ``Finding/contextByteCount``.
  public let context: Int
  let plan: ScanPlan

  /// The number of bytes on either side of an anchor that decide on a match, with its context.
  var margin: Int { context + (patterns.map(\.reach).max() ?? 0) }

  /// The largest number of patterns of a scan.
  public static let mostPatterns = 1 << 16

  /// Prepares a scan.
  public init(patterns: [any Pattern], chunk: Int = 1 << 20, threads: Int = 1, context: Int = 0) {
    precondition((1...Self.mostPatterns).contains(patterns.count) && chunk > 0 && threads > 0 && context >= 0)
    (self.patterns, self.chunk, self.threads, self.context) = (patterns, chunk, threads, context)
    plan = ScanPlan(patterns)
  }

  /// Counts the matches that are found.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - ranges: the ranges of memory to scan, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - tally: what the counts are added to.
  ///   - control: tells how far the scan is, and may end the scan.
  public func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: inout Tally,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> SearchSummary {
    try tally.share { (shared) throws(MemDumpError) in
      try count(source, ranges: ranges, number: number, into: shared, control: control)
    }
  }

  /// Counts the matches that are found, while others may count other sources into the same tally.
  package func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: SharedTally,
    control: WorkControl
  ) throws(MemDumpError) -> SearchSummary {
    try search(source, ranges, number, control).count { TallyFeed(tally) }
  }

  /// Passes the matches that are found to a sink, in the order of addresses.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - ranges: the ranges of memory to scan, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - sink: takes the findings, one after the other, in whatever thread.
  ///   - control: tells how far the scan is, and may end the scan.
  public func run<Sink: FindingSink>(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into sink: inout Sink,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> SearchSummary {
    let search = search(source, ranges, number, control)
    guard patterns.count > 1 || patterns[0].isWide else { return try search.run(into: &sink) }
    var ordered = OrderedFindings(sink, reach: patterns.map(\.reach).max() ?? 0)
    defer { sink = ordered.base }
    var summary = try search.run(into: &ordered)
    if try !ordered.finish() { summary.isPartial = true }
    return summary
  }

  private func search(
    _ source: any MemorySource, _ ranges: [Range<Address>]?, _ number: Int, _ control: WorkControl
  ) -> ThreadedSearch<ScanPart> {
    ThreadedSearch(
      source: source, ranges: ranges ?? source.regions.map(\.range), threads: source.isSequential ? 1 : threads,
      control: control
    ) { () throws(MemDumpError) in
      try ScanPart(self, source, number: number, control: control)
    }
  }
}
