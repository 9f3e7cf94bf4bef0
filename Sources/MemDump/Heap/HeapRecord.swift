/// The record that an allocator makes of its heap during a walk. The record's size depends on the addresses that blocks
/// span, and on the number of sizes, not on the number of blocks.
public struct HeapRecord: Sendable {
  /// The addresses where the footprints of blocks in use begin.
  var blocks: BlockMap
  private(set) var classes = HeapClassTable()
  private(set) var freeCounts = [UInt64](repeating: 0, count: HeapBlock.FreeReason.allCases.count)
  private(set) var mapped = HeapSummary.Sum()
  private(set) var walkedByteCount: UInt64 = 0
  private(set) var skippedByteCount: UInt64 = 0
  private(set) var breaks: [HeapSummary.Break] = []
  private(set) var breakCount: UInt64 = 0
  private(set) var ranges: [Range<Address>] = []
  /// The number of blocks that were added, in use or free.
  public private(set) var blockCount: UInt64 = 0

  /// The memory that the allocator uses for its own structures alone, where that is known.
  public var ownRanges: [Range<Address>] = []
  /// Whether all of the heap is accounted for, apart from breaks.
  public var isComplete = true
  /// The description of the allocator.
  public var description = AllocatorDescription()

  /// Makes an empty record.
  ///
  /// - Parameter granularity: the alignment of footprints, in bytes.
  public init(granularity: UInt64) { blocks = BlockMap(granularity: granularity) }

  /// Adds a block in use.
  ///
  /// - Parameters:
  ///   - start: the address where the footprint begins.
  ///   - footprint: the bytes of the heap that the block takes.
  @inline(__always)
  public mutating func addUsed(_ start: Address, footprint: UInt64) {
    blockCount &+= 1
    blocks.insert(start)
    classes.addUsed(start, footprint)
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
    ranges.append(Range(start: start, byteCount: footprint))
  }

  /// Whether the footprint of a block in use begins at an address.
  public func isUsed(_ start: Address) -> Bool { blocks.contains(start) }

  /// Turns a block that was added as in use into a free one. Returns whether there was such a block.
  public mutating func free(_ start: Address, footprint: UInt64, _ reason: HeapBlock.FreeReason) -> Bool {
    guard blocks.remove(start) else { return false }
    freeCounts[reason.rawValue] &+= 1
    classes.free(footprint)
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
