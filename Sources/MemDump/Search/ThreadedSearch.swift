internal import Synchronization

/// What one thread of a search works with.
protocol SearchPart: ~Copyable {
  /// What it went over so far.
  var summary: SearchSummary { get }

  /// Searches memory that no one else has a part in.
  mutating func search<Sink: FindingSink>(_ ranges: [Range<Address>], into sink: inout Sink) throws(MemDumpError)

  /// Searches a block. Returns whether the search shall go on.
  mutating func search<Sink: FindingSink>(
    _ block: ScanBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool

  /// Gives on what had to wait for the block that was just searched: it is of this block and those before. Returns whether
  /// the sink wants more.
  mutating func join<Sink: FindingSink>(block number: Int, into sink: inout Sink) throws(MemDumpError) -> Bool

  /// Gives on what is left when all blocks are done. Returns whether the sink wants more.
  mutating func finish<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> Bool
}

/// A search that threads share block by block.
struct ThreadedSearch<Part: SearchPart & ~Copyable> {
  /// A thread takes blocks of this size: large enough that its margins cost nothing.
  private static var countingBlock: UInt64 { 16 << 20 }
  /// Where the order of findings matters, a block's are kept until it is their turn, so it is smaller.
  private static var orderedBlock: UInt64 { 2 << 20 }

  let ranges: [Range<Address>]
  /// How many threads there may be.
  let threads: Int
  let control: ScanControl
  /// The size of a block where a test wants its borders elsewhere.
  var blockByteCount: UInt64?
  /// Makes what a thread works with.
  let makePart: () throws(MemDumpError) -> Part

  /// Counts what is found.
  func count(into tally: SharedTally) throws(MemDumpError) -> SearchSummary {
    guard threads > 1 else {
      var feed = TallyFeed(tally)
      defer { feed.finish() }
      return try searchAlone(into: &feed)
    }
    let blocks = ScanBlocks(ranges, byteCount: blockByteCount ?? Self.countingBlock).blocks
    let next = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let result = Mutex<(summary: SearchSummary, error: MemDumpError?)>((SearchSummary(), nil))
    Syscall.concurrently(min(threads, blocks.count)) { _ in
      var feed = TallyFeed(tally)
      do throws(MemDumpError) {
        var part = try makePart()
        while !control.isStopped, !isOver.load(ordering: .relaxed) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < blocks.count else { break }
          let goesOn = try part.search(blocks[index], into: &feed)
          guard try part.join(block: index, into: &feed), goesOn else { break }
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
    var rest = try makePart()
    var feed = TallyFeed(tally)
    defer { feed.finish() }
    _ = try rest.finish(into: &feed)
    summary.add(rest.summary)
    return summary
  }

  /// Gives what is found to a sink, in the order of addresses.
  func run<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> SearchSummary {
    guard threads > 1 else { return try searchAlone(into: &sink) }
    let blocks = ScanBlocks(ranges, byteCount: blockByteCount ?? Self.orderedBlock).blocks
    let next = Atomic<Int>(0)
    let threadCount = min(threads, blocks.count)
    let batches = (0..<max(1, threadCount)).map { _ in sink.makeBatch() }
    let delivery = Delivery(sink)
    Syscall.concurrently(threadCount) { thread in
      var batch = batches[thread]
      do throws(MemDumpError) {
        var part = try makePart()
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < blocks.count else { break }
          var isSearched = false
          var failure: MemDumpError?
          if !delivery.isOver, !control.isStopped {
            do throws(MemDumpError) {
              _ = try part.search(blocks[index], into: &batch)
              isSearched = true
            } catch { failure = error }
          }
          delivery.take(number: index, failure) { (sink) throws(MemDumpError) in
            // What had to wait for this block is from before its own findings.
            if isSearched, try !part.join(block: index, into: &sink) { return false }
            return try sink.take(&batch)
          }
        }
        delivery.add(part.summary)
      } catch { delivery.end(error) }
    }
    sink = delivery.sink
    var summary = try delivery.result()
    guard !delivery.isOver else { return summary }
    var rest = try makePart()
    if try !rest.finish(into: &sink) { summary.isPartial = true }
    summary.add(rest.summary)
    return summary
  }

  private func searchAlone<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> SearchSummary {
    var part = try makePart()
    try part.search(ranges, into: &sink)
    return part.summary
  }
}
