/// Walks a heap from the outside, in whatever holds the memory: that of the first allocator that has one there.
///
/// It believes nothing that it reads, so a heap in any state comes to an end.
public struct HeapWalk: ~Copyable {
  private let source: any MemorySource
  private let allocators: [any Allocator]
  private let control: WorkControl

  /// Prepares a walk.
  ///
  /// - Parameters:
  ///   - source: where the memory is, with addresses.
  ///   - allocators: whose heap it may be.
  ///   - control: tells how far it is, and may end it.
  public init(
    _ source: any MemorySource, allocators: [any Allocator] = Allocators.all, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    (self.source, self.allocators, self.control) = (source, allocators, control)
  }

  /// Walks the heap. nil where there is none of an allocator that is walked; see ``Allocators`` for whose it is.
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
