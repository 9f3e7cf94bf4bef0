internal import Synchronization

/// Brings findings of blocks that were scanned in any order to a sink, block by block: each thread delivers when its
/// turn comes, while the others scan.
@safe final class Delivery<Sink: FindingSink>: @unchecked Sendable {
  /// The sink, touched by the thread whose turn it is, and when all threads have ended.
  private(set) var sink: Sink
  private let turns = Turns()
  private let over = Atomic<Bool>(false)
  private let sums = Mutex<(summary: SearchSummary, error: MemDumpError?)>((SearchSummary(), nil))

  init(_ sink: Sink) { self.sink = sink }

  /// Whether the sink wants no more, or an error has ended the search.
  var isOver: Bool { over.load(ordering: .relaxed) }

  /// Lets `body` deliver the findings of a block when those of all blocks before are delivered. Every block must come,
  /// also a block that was not looked at any more.
  ///
  /// - Parameters:
  ///   - number: the place of the block in the list of blocks.
  ///   - failure: the error that ended the search of the block; what was found before is delivered still.
  ///   - body: returns whether the sink wants more.
  func take(number: Int, _ failure: MemDumpError?, _ body: (inout Sink) throws(MemDumpError) -> Bool) {
    turns.take(number) {
      guard !isOver else { return }
      do throws(MemDumpError) {
        guard try body(&sink) else {
          over.store(true, ordering: .relaxed)
          return sums.withLock { $0.summary.isPartial = true }
        }
        if let failure { end(failure) }
      } catch { end(error) }
    }
  }

  /// Ends the search with an error; the first error counts.
  func end(_ error: MemDumpError) {
    over.store(true, ordering: .relaxed)
    sums.withLock { if $0.error == nil { $0.error = error } }
  }

  /// Adds the summary of a thread.
  func add(_ summary: SearchSummary) { sums.withLock { $0.summary.add(summary) } }

  /// The summary of all threads. Throws the error that ended the search.
  func result() throws(MemDumpError) -> SearchSummary {
    let (summary, error) = sums.withLock { $0 }
    if let error { throw error }
    return summary
  }
}
