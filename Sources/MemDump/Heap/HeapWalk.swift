/// A walk over a heap from the outside, in any source of memory: the heap of the first allocator that has one there.
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
  ///   - allocators: the allocators whose heap it may be.
  ///   - control: is told how far the walk is, and may end it.
  public init(
    _ source: any MemorySource, allocators: [any Allocator] = Allocators.all, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    (self.source, self.allocators, self.control) = (source, allocators, control)
  }

  /// Walks the heap; nil without a heap that can be walked. ``Allocators`` tells which allocator the process has then.
  public consuming func run() throws(MemDumpError) -> HeapSummary? {
    for allocator in allocators where allocator.isWalked {
      var record = HeapRecord(granularity: allocator.granularity)
      if let layout = try allocator.walk(source, into: &record, control) {
        return HeapSummary(record, of: allocator, layout)
      }
    }
    return nil
  }
}
