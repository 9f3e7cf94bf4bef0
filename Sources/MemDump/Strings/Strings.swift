/// A search for printable texts in memory, as strings(1) does in files.
///
/// A text is a longest run of printable characters, at least ``shortest`` of them. Runs go on over borders of chunks, pages
/// and adjacent mappings; unmapped, unread and untouched memory ends them. Results are the same for every size of a chunk,
/// number of threads and kind of source.
///
/// A run may have any length. Of a run longer than ``longestText`` only so much is given as text, in whole characters;
/// ``Finding/byteCount`` is the true length of the run. So memory use does not depend on the runs, and texts that agree
/// so far are counted as one.
public struct Strings: Sendable {
  /// The largest length of a text, in bytes.
  public static let longestText = 4096
  /// The encoding of the texts.
  public let encoding: TextEncoding
  /// The least number of characters in a text.
  public let shortest: Int
  /// The number of bytes that are read at once.
  public let chunk: Int
  /// The number of threads that share the work. A stream has one.
  public let threads: Int
  private let longest: Int
  private let blockByteCount: UInt64?

  /// Prepares a search.
  public init(encoding: TextEncoding = .ascii, shortest: Int = 4, chunk: Int = 1 << 20, threads: Int = 1) {
    self.init(encoding: encoding, shortest: shortest, chunk: chunk, threads: threads, longest: Self.longestText)
  }

  /// Prepares a search with borders where a test wants them.
  init(
    encoding: TextEncoding, shortest: Int, chunk: Int, threads: Int, longest: Int, blockByteCount: UInt64? = nil
  ) {
    precondition(shortest > 0 && chunk > 0 && threads > 0 && longest >= 4)
    (self.encoding, self.shortest, self.chunk, self.threads) = (encoding, shortest, chunk, threads)
    (self.longest, self.blockByteCount) = (longest, blockByteCount)
  }

  /// How many bytes of a run to keep: those of the text, and the next one, which tells whether a character ends there.
  var keptByteCount: Int { longest * encoding.unitByteCount + 1 }

  /// How many bytes of a run make the text.
  func textByteCount(of run: RawSpan) -> Int {
    guard run.byteCount > longest else { return run.byteCount }
    var count = longest * encoding.unitByteCount
    guard run.byteCount > count else { return run.byteCount }
    guard encoding == .utf8 else { return count }
    while count > 0, unsafe TextEncoding.isContinuation(run.unsafeLoad(fromByteOffset: count, as: UInt8.self)) {
      count -= 1
    }
    return count
  }

  /// Counts the texts that are found.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - ranges: the ranges of memory to search, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - tally: what the counts are added to.
  ///   - control: tells how far the search is, and may end the search.
  public func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: inout Tally,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> SearchSummary {
    try tally.share { (shared) throws(MemDumpError) in
      try count(source, ranges: ranges, number: number, into: shared, control: control)
    }
  }

  /// Counts the texts that are found, while others may count other sources into the same tally.
  package func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: SharedTally,
    control: WorkControl
  ) throws(MemDumpError) -> SearchSummary {
    try search(source, ranges, number, control).count { TallyFeed(tally) }
  }

  /// Counts the texts that are found, and in the same pass the matches of a scan: memory is read once for both.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - ranges: the ranges of memory to search, in order.
  ///   - tally: what the texts are added to.
  ///   - scan: the scan beside; its chunks and threads are those of this search.
  ///   - matches: what the matches are added to.
  ///   - control: tells how far the search is, and may end it.
  func count(
    _ source: any MemorySource, ranges: [Range<Address>], into tally: inout Tally, _ scan: Scan,
    into matches: inout Tally, control: WorkControl
  ) throws(MemDumpError) {
    try tally.share { (texts) throws(MemDumpError) in
      try matches.share { (matches) throws(MemDumpError) in
        _ = try search(source, ranges, 0, control, beside: scan).count { PairedFeed(texts, matches) }
      }
    }
  }

  /// Passes the texts that are found to a sink, in the order of addresses.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - ranges: the ranges of memory to search, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - sink: takes the findings, one after the other, in whatever thread.
  ///   - control: tells how far the search is, and may end the search.
  public func run<Sink: FindingSink>(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into sink: inout Sink,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> SearchSummary {
    try search(source, ranges, number, control).run(into: &sink)
  }

  private func search(
    _ source: any MemorySource, _ ranges: [Range<Address>]?, _ number: Int, _ control: WorkControl,
    beside scan: Scan? = nil
  ) -> ThreadedSearch<StringsPart> {
    let seams = SharedSeams(keeping: keptByteCount)
    return ThreadedSearch(
      source: source, ranges: ranges ?? source.regions.map(\.range), threads: source.isSequential ? 1 : threads,
      control: control,
      blockByteCount: blockByteCount
    ) { () throws(MemDumpError) in
      try StringsPart(self, beside: scan, source, number: number, seams: seams, control: control)
    }
  }
}
