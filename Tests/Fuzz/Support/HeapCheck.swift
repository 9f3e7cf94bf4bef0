public import MemDump

/// What has to hold of any heap that is walked.
public enum HeapCheck {
  /// Walks the heaps of a memory: each is walked or refused, whatever stands there; no byte is of two blocks, and every block has
  /// one holder or is held by nobody.
  @discardableResult
  public static func heaps(in memory: any MemorySource) -> Heaps {
    do throws(MemDumpError) {
      let heaps = try HeapWalk(memory).run()
      for heap in heaps.all {
        precondition(heap.used.byteCount <= heap.ranges.reduce(0) { $0 + $1.byteCount } + heap.mapped.byteCount)
        let samples = try heap.samples(in: memory)
        precondition(samples.count == heap.classes.count)
      }
      guard let used = heaps.used else { return heaps }
      var holders = HoldingSearch(memory, heaps: heaps)
      let holdings = try holders.run()
      precondition(holdings.total.count + holdings.omittedCount == used.count)
      precondition(holdings.profile.total(ofType: 1) == holdings.total.byteCount)
      precondition(holdings.lost.reduce(0) { $0 + $1.amount.count } == holdings.unheld.count)
      return heaps
    } catch { preconditionFailure("\(error)") }
  }
}
