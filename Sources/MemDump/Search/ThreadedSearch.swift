internal import Synchronization

/// The part of a search that one thread does.
protocol SearchPart: ~Copyable {
  /// The numbers of the thread's search so far.
  var summary: SearchSummary { get }

  /// Searches memory that no other thread has a part in.
  mutating func search<Sink: FindingSink>(_ ranges: [Range<Address>], into sink: inout Sink) throws(MemDumpError)

  /// Searches a block. Returns whether the search shall go on.
  mutating func search<Sink: FindingSink>(
    _ block: SearchBlocks.Block, into sink: inout Sink
  ) throws(MemDumpError) -> Bool

  /// Passes on findings of this block and those before that had to wait for the block just searched. Returns whether
  /// the sink wants more.
  mutating func join<Sink: FindingSink>(block number: Int, into sink: inout Sink) throws(MemDumpError) -> Bool

  /// Passes on the findings that are left when all blocks are done. Returns whether the sink wants more.
  mutating func finish<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> Bool
}

/// A search that threads share block by block.
struct ThreadedSearch<Part: SearchPart & ~Copyable> {
  /// The size of a block that a thread takes, in bytes: large enough that the margins cost nothing.
  private static var countingBlock: UInt64 { 16 << 20 }
  /// The size of a block where order matters, in bytes: smaller, since findings are kept until their turn.
  private static var orderedBlock: UInt64 { 2 << 20 }

  let source: any MemorySource
  let ranges: [Range<Address>]
  /// The largest number of threads.
  let threads: Int
  let control: WorkControl
  /// The size of a block in bytes, where a test wants other borders.
  var blockByteCount: UInt64?
  /// Makes the part of a thread.
  let makePart: () throws(MemDumpError) -> Part

  /// Counts the findings.
  ///
  /// - Parameter makeFeed: makes what takes the findings of a thread.
  func count<Feed: CountingFeed>(_ makeFeed: () -> Feed) throws(MemDumpError) -> SearchSummary {
    guard threads > 1 else {
      var feed = makeFeed()
      defer { feed.finish() }
      return try searchAlone(into: &feed)
    }
    let present = try present(Self.countingBlock)
    let blocks = SearchBlocks(present.ranges, byteCount: blockByteCount ?? Self.countingBlock).blocks
    let next = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let result = Mutex<(summary: SearchSummary, error: MemDumpError?)>((SearchSummary(), nil))
    Syscall.concurrently(min(threads, blocks.count)) { _ in
      var feed = makeFeed()
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
    summary.add(present)
    var rest = try makePart()
    var feed = makeFeed()
    defer { feed.finish() }
    _ = try rest.finish(into: &feed)
    summary.add(rest.summary)
    return summary
  }

  /// Passes the findings to a sink, in the order of addresses.
  func run<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> SearchSummary {
    guard threads > 1 else { return try searchAlone(into: &sink) }
    let present = try present(Self.orderedBlock)
    let blocks = SearchBlocks(present.ranges, byteCount: blockByteCount ?? Self.orderedBlock).blocks
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
            // Findings that had to wait for this block are from before its own findings.
            if isSearched, try !part.join(block: index, into: &sink) { return false }
            return try sink.take(&batch)
          }
        }
        delivery.add(part.summary)
      } catch { delivery.end(error) }
    }
    sink = delivery.sink
    var summary = try delivery.result()
    summary.add(present)
    guard !delivery.isOver else { return summary }
    var rest = try makePart()
    if try !rest.finish(into: &sink) { summary.isPartial = true }
    summary.add(rest.summary)
    return summary
  }

  /// What is to be cut into blocks; the rest counts as gone over.
  private func present(_ step: UInt64) throws(MemDumpError) -> PresentMemory {
    let present = try PresentMemory(of: source, in: ranges, step: step)
    control.add(present.absentByteCount + present.unreadByteCount)
    return present
  }

  private func searchAlone<Sink: FindingSink>(into sink: inout Sink) throws(MemDumpError) -> SearchSummary {
    var part = try makePart()
    try part.search(ranges, into: &sink)
    return part.summary
  }
}

extension SearchSummary {
  /// Adds what was left out since there is nothing in it.
  fileprivate mutating func add(_ present: PresentMemory) {
    absentByteCount += present.absentByteCount
    unreadByteCount += present.unreadByteCount
  }
}
