internal import Synchronization

/// Looks for printable texts in memory, as strings(1) does in files.
///
/// A text is a longest run of printable characters, at least ``shortest`` of them. Runs go on over borders of chunks, pages
/// and adjacent mappings; unmapped, unread and untouched memory ends them. Results are the same for every size of a chunk,
/// number of threads and kind of source.
///
/// A run may have any length. Of a longer one than ``longestText`` only so much is given as its text, in whole characters;
/// ``Finding/byteCount`` is its true length. So memory use does not depend on the runs, and texts that agree so far are
/// counted as one.
public struct Strings: Sendable {
  /// How many bytes of a text are given at most.
  public static let longestText = 4096
  /// A thread takes blocks of this size.
  private static let countingBlock: UInt64 = 16 << 20
  /// Where the order of findings matters, a block's are kept until it is their turn, so it is smaller.
  private static let orderedBlock: UInt64 = 2 << 20

  /// How texts are encoded.
  public let encoding: TextEncoding
  /// How many characters a text has at least.
  public let shortest: Int
  /// How many bytes are read at once.
  public let chunk: Int
  /// How many threads share the work. A stream has one.
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

  /// How many bytes of a run are kept: those of its text, and the next one, which tells whether a character ends there.
  var keptByteCount: Int { longest * encoding.unitByteCount + 1 }

  /// How many bytes of a run make its text.
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

  /// Counts what is found.
  ///
  /// - Parameters:
  ///   - source: where the memory is.
  ///   - ranges: which of it, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - tally: what the counts are added to.
  ///   - control: tells how far it is, and may end it.
  public func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: inout Tally,
    control: ScanControl = ScanControl()
  ) throws(MemDumpError) -> Scan.Summary {
    try tally.share { (shared) throws(MemDumpError) in
      try count(source, ranges: ranges, number: number, into: shared, control: control)
    }
  }

  /// Counts what is found, while others may count other sources into the same tally.
  package func count(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into tally: SharedTally,
    control: ScanControl
  ) throws(MemDumpError) -> Scan.Summary {
    let ranges = ranges ?? source.regions.map(\.range)
    guard threads > 1, !source.isSequential else {
      var feed = TallyFeed(tally)
      defer { feed.finish() }
      return try run(source, ranges: ranges, number: number, into: &feed, control: control)
    }
    let blocks = ScanBlocks(ranges, byteCount: blockByteCount ?? Self.countingBlock).blocks
    let next = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let seams = Mutex(RunSeams(keeping: keptByteCount))
    let result = Mutex<(summary: Scan.Summary, error: MemDumpError?)>((Scan.Summary(), nil))
    Syscall.concurrently(min(threads, blocks.count)) { _ in
      var feed = TallyFeed(tally)
      do throws(MemDumpError) {
        var part = try StringsPart(self, source, number: number, control: control)
        while !control.isStopped, !isOver.load(ordering: .relaxed) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < blocks.count else { break }
          let ends = try part.scan(blocks[index], into: &feed)
          for run in seams.withLock({ $0.add(ends, block: index) }) { _ = try part.give(run, into: &feed) }
        }
        let summary = part.summary
        result.withLock { $0.summary.add(summary) }
      } catch {
        isOver.store(true, ordering: .relaxed)
        result.withLock { $0.error = error }
      }
      feed.finish()
    }
    var (summary, error) = result.withLock { $0 }
    if let error { throw error }
    var rest = try StringsPart(self, source, number: number, control: control)
    var feed = TallyFeed(tally)
    defer { feed.finish() }
    for run in seams.withLock({ $0.finish() }) { _ = try rest.give(run, into: &feed) }
    summary.add(rest.summary)
    summary.isPartial = summary.isPartial || control.isStopped
    return summary
  }

  /// Gives what is found to a sink, in the order of addresses.
  ///
  /// - Parameters:
  ///   - source: where the memory is.
  ///   - ranges: which of it, in order; nil for all regions of the source.
  ///   - number: the number of the source in the findings.
  ///   - sink: who takes the findings, one after the other, in whatever thread.
  ///   - control: tells how far it is, and may end it.
  public func run<Sink: FindingSink>(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into sink: inout Sink,
    control: ScanControl = ScanControl()
  ) throws(MemDumpError) -> Scan.Summary {
    let ranges = ranges ?? source.regions.map(\.range)
    guard threads > 1, !source.isSequential else {
      var part = try StringsPart(self, source, number: number, control: control)
      try part.scan(ranges, into: &sink)
      return part.summary
    }
    let blocks = ScanBlocks(ranges, byteCount: blockByteCount ?? Self.orderedBlock).blocks
    let next = Atomic<Int>(0)
    let seams = Mutex(RunSeams(keeping: keptByteCount))
    let delivery = Delivery(sink)
    Syscall.concurrently(min(threads, blocks.count)) { _ in
      var list = FindingList()
      do throws(MemDumpError) {
        var part = try StringsPart(self, source, number: number, control: control)
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < blocks.count else { break }
          var ends: RunEnds?
          var failure: MemDumpError?
          if !delivery.isOver, !control.isStopped {
            do throws(MemDumpError) { ends = try part.scan(blocks[index], into: &list) } catch { failure = error }
          }
          delivery.take(number: index, failure) { (sink) throws(MemDumpError) in
            // Blocks come in order, so what touches the front of this one is closed before its own findings.
            for run in ends.map({ ends in seams.withLock { $0.add(ends, block: index) } }) ?? [] {
              guard try part.give(run, into: &sink) else { return false }
            }
            return try list.deliver(to: &sink)
          }
          list.removeAll()
        }
        delivery.add(part.summary)
      } catch { delivery.end(error) }
    }
    sink = delivery.sink
    var summary = try delivery.result()
    var rest = try StringsPart(self, source, number: number, control: control)
    for run in seams.withLock({ $0.finish() }) where !delivery.isOver {
      guard try rest.give(run, into: &sink) else {
        summary.isPartial = true
        break
      }
    }
    summary.add(rest.summary)
    summary.isPartial = summary.isPartial || control.isStopped
    return summary
  }
}
