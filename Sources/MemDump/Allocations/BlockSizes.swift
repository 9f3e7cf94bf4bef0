/// The sizes of blocks as they are now, by the layouts that the walks over the heaps have found.
final class BlockSizes {
  private let heaps: Heaps
  private var words: WordCache

  /// Asks the live memory of a process, which may have grown since the walk.
  convenience init(_ heaps: Heaps, of target: TargetProcess) throws(MemDumpError) {
    try self.init(heaps, in: LiveMemory(target, regions: target.regions(usage: false)))
  }

  init(_ heaps: Heaps, in memory: LiveMemory) throws(MemDumpError) {
    self.heaps = heaps
    words = try WordCache(memory, .jumps)
  }

  /// What a block takes of the heap, in bytes; nil where that is none that a block takes, or is not known any more: musl
  /// spoils the header of a block that is taken back, and knows no other way to its size.
  func footprint(of block: Address) throws(MemDumpError) -> UInt64? {
    for number in heaps.walkOrder {
      if let found = try self.block(at: block, heaps.all[number].layout.live) { return found.footprint.byteCount }
    }
    // Where the walk has noted places for blocks, it knows more of those that were taken back since.
    for number in heaps.walkOrder {
      if let found = try self.block(at: block, heaps.all[number].layout) { return found.footprint.byteCount }
    }
    return nil
  }

  /// What a block takes that was in use at the walk; nil where no such block was.
  func footprint(ofKnown block: Address) throws(MemDumpError) -> UInt64? {
    for heap in heaps.all {
      guard let found = try self.block(at: block, heap.layout.live) else { continue }
      // A block of musl begins anywhere in its slot, which the walk knows by where it begins.
      if heap.blocks.contains(found.footprint.lowerBound) { return found.footprint.byteCount }
    }
    return nil
  }

  private func block(at address: Address, _ layout: any BlockLayout) throws(MemDumpError) -> HeapBlock? {
    guard address.rawValue > layout.leadByteCount else { return nil }
    return try layout.block(at: address - layout.leadByteCount, in: &words)
  }
}
