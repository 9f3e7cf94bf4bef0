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
  /// Where the order of findings matters, blocks are kept until those before them are done, so they are smaller.
  private static let orderedBlock: UInt64 = 4 << 20

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
  ///   - sink: who takes the findings, in the calling thread.
  ///   - control: tells how far it is, and may end it.
  public func run<Sink: FindingSink>(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, number: Int = 0, into sink: inout Sink,
    control: ScanControl = ScanControl()
  ) throws(MemDumpError) -> Scan.Summary {
    let ranges = ranges ?? source.regions.map(\.range)
    var part = try StringsPart(self, source, number: number, control: control)
    guard threads > 1, !source.isSequential else {
      try part.scan(ranges, into: &sink)
      return part.summary
    }
    let blocks = ScanBlocks(ranges, byteCount: blockByteCount ?? Self.orderedBlock).blocks
    var seams = RunSeams(keeping: keptByteCount)
    var summary = Scan.Summary()
    var goesOn = true
    for start in stride(from: 0, to: blocks.count, by: threads) where goesOn && !control.isStopped {
      let batch = start..<min(start + threads, blocks.count)
      let done = try scan(blocks[batch], of: source, number: number, control: control)
      for (index, block) in zip(batch, done) where goesOn {
        // Blocks come in order, so what touches the front of this one is closed before its own findings.
        for run in seams.add(block.ends, block: index) where goesOn { goesOn = try part.give(run, into: &sink) }
        if goesOn { goesOn = try block.list.deliver(to: &sink) }
        summary.add(block.summary)
      }
    }
    for run in seams.finish() where goesOn { goesOn = try part.give(run, into: &sink) }
    summary.add(part.summary)
    summary.isPartial = summary.isPartial || !goesOn || control.isStopped
    return summary
  }

  private typealias Done = (list: FindingList, ends: RunEnds, summary: Scan.Summary)

  /// Scans some blocks, a thread each, and keeps what is found.
  private func scan(
    _ blocks: ArraySlice<ScanBlocks.Block>, of source: any MemorySource, number: Int, control: ScanControl
  ) throws(MemDumpError) -> [Done] {
    let parts = Mutex<[Result<Done, MemDumpError>?]>(Array(repeating: nil, count: blocks.count))
    Syscall.concurrently(blocks.count) { index in
      let part: Result<Done, MemDumpError>
      do throws(MemDumpError) {
        var list = FindingList()
        var worker = try StringsPart(self, source, number: number, control: control)
        let ends = try worker.scan(blocks[blocks.startIndex + index], into: &list)
        part = .success((list, ends, worker.summary))
      } catch { part = .failure(error) }
      parts.withLock { $0[index] = part }
    }
    var done: [Done] = []
    for part in parts.withLock({ $0 }) {
      guard let part else { continue }
      done.append(try part.get())
    }
    return done
  }
}
