internal import Synchronization

/// Brings findings of blocks that were scanned in any order to a sink, block by block: the thread whose turn it is delivers
/// its own, while the others scan.
@safe final class Delivery<Sink: FindingSink>: @unchecked Sendable {
  /// Touched by the one whose turn it is, and when all threads have ended.
  private(set) var sink: Sink
  private let turns = Turns()
  private let over = Atomic<Bool>(false)
  private let sums = Mutex<(summary: SearchSummary, error: MemDumpError?)>((SearchSummary(), nil))

  init(_ sink: Sink) { self.sink = sink }

  /// Whether nothing more is wanted.
  var isOver: Bool { over.load(ordering: .relaxed) }

  /// Lets `body` deliver the findings of a block when those of all blocks before it are delivered. Every block must come,
  /// also one that was not looked at any more.
  ///
  /// - Parameters:
  ///   - number: the place of the block in its list.
  ///   - failure: what ended looking at the block; what was found before is delivered still.
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

  /// Ends all with an error; the first one counts.
  func end(_ error: MemDumpError) {
    over.store(true, ordering: .relaxed)
    sums.withLock { if $0.error == nil { $0.error = error } }
  }

  /// Adds what a thread went over.
  func add(_ summary: SearchSummary) { sums.withLock { $0.summary.add(summary) } }

  /// What all went over. Throws what ended it.
  func result() throws(MemDumpError) -> SearchSummary {
    let (summary, error) = sums.withLock { $0 }
    if let error { throw error }
    return summary
  }
}
