/// A walk over the heaps of a process from the outside, in any source of memory: the heap of every allocator that has one there.
///
/// The walk believes nothing that it reads, so a walk over a heap in any state ends.
public struct HeapWalk: ~Copyable {
  private let source: any MemorySource
  private let allocators: [any Allocator]
  private let control: WorkControl

  /// Prepares a walk.
  ///
  /// - Parameters:
  ///   - source: the memory, with addresses.
  ///   - allocators: the allocators whose heaps there may be.
  ///   - control: is told how far the walk is, and may end it.
  public init(
    _ source: any MemorySource, allocators: [any Allocator] = Allocators.all, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    (self.source, self.allocators, self.control) = (source, allocators, control)
  }

  /// Walks the heaps. ``Allocators`` tells which other allocators the process has.
  ///
  /// The last of the allocators is walked first, and each is told what memory those before it have.
  public consuming func run() throws(MemDumpError) -> Heaps {
    var heaps: [HeapSummary] = []
    var refusals: [Heaps.Refusal] = []
    for allocator in allocators.reversed() where allocator.isWalked {
      var record = HeapRecord(granularity: allocator.granularity)
      record.takenRanges = heaps.flatMap { $0.ranges + $0.ownRanges + $0.returnableRanges }.union()
      if let layout = try allocator.walk(source, into: &record, control) {
        heaps.append(HeapSummary(record, of: allocator, layout))
      } else if let reason = record.refusal {
        refusals.append(Heaps.Refusal(allocator: allocator, reason: reason))
      }
    }
    return Heaps(heaps, refusals: refusals)
  }
}
