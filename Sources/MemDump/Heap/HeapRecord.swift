/// The record that an allocator makes of its heap during a walk. The record's size depends on the addresses that blocks
/// span, and on the number of sizes, not on the number of blocks.
public struct HeapRecord: Sendable {
  /// The addresses where the footprints of blocks in use begin.
  var blocks: BlockMap
  /// The addresses where the footprints of blocks in the caches of threads begin.
  private(set) var cachedBlocks: BlockMap
  /// What the blocks in use take of each page, and what the blocks in caches of threads.
  private(set) var (occupancy, cachedOccupancy) = (PageOccupancy(), PageOccupancy())
  private(set) var classes = HeapClassTable()
  private(set) var freeCounts = [UInt64](repeating: 0, count: HeapBlock.FreeReason.allCases.count)
  private(set) var mapped = HeapSummary.Sum()
  private(set) var mappedRanges: [Range<Address>] = []
  private(set) var walkedByteCount: UInt64 = 0
  private(set) var skippedByteCount: UInt64 = 0
  private(set) var breaks: [HeapSummary.Break] = []
  private(set) var breakCount: UInt64 = 0
  private(set) var ranges: [Range<Address>] = []
  /// The number of blocks that were added, in use or free.
  public private(set) var blockCount: UInt64 = 0

  /// The memory of heaps that were walked before, in order: what is there is not this allocator's.
  public internal(set) var takenRanges: [Range<Address>] = []
  /// The memory that the allocator uses for its own structures alone, where that is known.
  public var ownRanges: [Range<Address>] = []
  /// Memory whose words hold nothing: where a runtime notes pointers for a while, and what is left over on stacks that it handed
  /// out, and in memory that it keeps free.
  public var noteRanges: [Range<Address>] = []
  /// Memory inside of the stretches that no block has and that the allocator would give back to the system when told to:
  /// whole pages, such as those inside of free chunks, or free extents.
  public var returnableRanges: [Range<Address>] = []
  /// Whole pages that no block has either, and that the allocator would keep when told to give memory back, such as those
  /// at the top of an arena of a thread.
  public var keptRanges: [Range<Address>] = []
  /// Memory that the allocator handed out for stacks, as Go does for goroutines, where that is known.
  public var stackRanges: [Range<Address>] = []
  /// Memory that goroutines hold blocks with: their stacks as far as calls are under way in them, their descriptions, and the list
  /// of all of them.
  /// A way that comes there goes on nowhere.
  public var goroutineRanges: [Range<Address>] = []
  /// The memory of each arena, where the allocator has arenas for threads: those besides the first.
  public var threadArenas: [[Range<Address>]] = []
  /// Whether all of the heap is accounted for, apart from breaks.
  public var isComplete = true
  /// Whether a collector tells what is in use, and has not run yet.
  public var isUncollected = false
  /// The reason why a heap that looks like one of the allocator's is not believed, with the share of it that agrees with
  /// itself and what was expected; nil where there is no such heap, or it was walked.
  public var refusal: Phrase?
  /// The description of the allocator.
  public var description = AllocatorDescription()

  /// Makes an empty record.
  ///
  /// - Parameter granularity: the alignment of footprints, in bytes.
  public init(granularity: UInt64) {
    (blocks, cachedBlocks) = (BlockMap(granularity: granularity), BlockMap(granularity: granularity))
  }

  /// Adds a block in use.
  ///
  /// - Parameters:
  ///   - start: the address where the footprint begins.
  ///   - footprint: the bytes of the heap that the block takes.
  @inline(__always)
  public mutating func addUsed(_ start: Address, footprint: UInt64) {
    blockCount &+= 1
    blocks.insert(start)
    occupancy.add(start, footprint)
    classes.addUsed(start, footprint)
  }

  /// Adds blocks in use that touch, all of one size.
  ///
  /// - Parameters:
  ///   - first: the address where the footprint of the first begins.
  ///   - count: the number of the blocks.
  ///   - footprint: the bytes of the heap that each takes, a multiple of the granularity and no more than a page.
  mutating func addUsed(_ first: Address, count: UInt64, footprint: UInt64) {
    guard count > 0, footprint > 0 else { return }
    blockCount &+= count
    blocks.insert(first, count: count, footprint: footprint)
    occupancy.add(first, count * footprint)
    classes.addUsed(first, count: count, footprint: footprint)
  }

  /// Adds the blocks of a record that has none in a MiB where this one has some, and whose blocks lie behind these.
  mutating func add(_ other: HeapRecord) {
    blockCount &+= other.blockCount
    blocks.add(other.blocks)
    occupancy.add(other.occupancy)
    classes.add(other.classes)
    for (reason, count) in other.freeCounts.enumerated() { freeCounts[reason] &+= count }
  }

  /// Adds a free block.
  @inline(__always)
  public mutating func addFree(footprint: UInt64, _ reason: HeapBlock.FreeReason) {
    blockCount &+= 1
    freeCounts[reason.rawValue] &+= 1
    classes.addFree(footprint)
  }

  /// Adds a block in use that has a mapping of its own.
  public mutating func addMapped(_ start: Address, footprint: UInt64) {
    addUsed(start, footprint: footprint)
    mapped.add(1, footprint)
    mappedRanges.append(Range(start: start, byteCount: footprint))
    ranges.append(Range(start: start, byteCount: footprint))
  }

  /// Whether the footprint of a block in use begins at an address.
  public func isUsed(_ start: Address) -> Bool { blocks.contains(start) }

  /// Turns a block that was added as in use into a free one. Returns whether there was such a block.
  public mutating func free(_ start: Address, footprint: UInt64, _ reason: HeapBlock.FreeReason) -> Bool {
    guard blocks.remove(start) else { return false }
    occupancy.remove(start, footprint)
    if reason == .cached {
      cachedBlocks.insert(start)
      cachedOccupancy.add(start, footprint)
    }
    freeCounts[reason.rawValue] &+= 1
    classes.free(footprint)
    return true
  }

  /// Takes away a block that was added as in use, and is the allocator's own. Returns whether there was such a block.
  public mutating func own(_ start: Address, footprint: UInt64) -> Bool {
    guard blocks.remove(start) else { return false }
    blockCount &-= 1
    classes.remove(footprint)
    ownRanges.append(Range(start: start, byteCount: footprint))
    return true
  }

  /// Adds a stretch of memory that was walked.
  ///
  /// - Parameters:
  ///   - range: the stretch.
  ///   - skipped: the bytes of the stretch between a break and where the walk went on.
  ///   - breaks: the first of the breaks.
  ///   - breakCount: the number of all breaks.
  public mutating func addStretch(
    _ range: Range<Address>, skipped: UInt64 = 0, breaks: [HeapSummary.Break] = [], breakCount: UInt64 = 0
  ) {
    ranges.append(range)
    self.breaks += breaks
    self.breakCount += breakCount
    skippedByteCount += skipped
    walkedByteCount += range.byteCount - min(range.byteCount, skipped)
  }

  /// Whether more was gone over than skipped: anything has a few words that agree with each other.
  var isMostlyWalked: Bool { walkedByteCount > skippedByteCount && blockCount > 0 }
}
