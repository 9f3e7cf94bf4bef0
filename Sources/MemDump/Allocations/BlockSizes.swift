/// The sizes of blocks of a heap as they are now, by the layout that a walk has found.
final class BlockSizes {
  private let layout: any BlockLayout
  private var words: WordCache

  /// Asks the live memory of a process, which may have grown since the walk.
  convenience init(_ heap: HeapSummary, of target: TargetProcess) throws(MemDumpError) {
    try self.init(heap, in: LiveMemory(target, regions: target.regions(usage: false)))
  }

  init(_ heap: HeapSummary, in memory: LiveMemory) throws(MemDumpError) {
    layout = heap.layout
    words = try WordCache(memory, .jumps)
  }

  /// Where the footprint of a block begins.
  func start(of block: Address) -> Address { block - layout.leadByteCount }

  /// What a block takes of the heap, in bytes; nil where that is none that a block takes.
  func footprint(of block: Address) throws(MemDumpError) -> UInt64? {
    guard block.rawValue > layout.leadByteCount, let found = try layout.block(at: start(of: block), in: &words) else {
      return nil
    }
    return found.footprint.byteCount
  }
}
