/// What an allocator writes down of its heap as it goes over it. What it takes up depends on the addresses that blocks span,
/// and on how many sizes there are, not on how many blocks.
public struct HeapRecord: Sendable {
  /// Where the footprints of blocks in use begin.
  var blocks: BlockMap
  private(set) var classes = HeapClassTable()
  private(set) var freeCounts = [UInt64](repeating: 0, count: HeapBlock.FreeReason.allCases.count)
  private(set) var mapped = HeapSummary.Sum()
  private(set) var walkedByteCount: UInt64 = 0
  private(set) var skippedByteCount: UInt64 = 0
  private(set) var breaks: [HeapSummary.Break] = []
  private(set) var breakCount: UInt64 = 0
  private(set) var ranges: [Range<Address>] = []
  /// How many blocks were added, in use or free.
  public private(set) var blockCount: UInt64 = 0

  /// The memory that the allocator has for itself alone: its own structures, where they are known.
  public var ownRanges: [Range<Address>] = []
  /// Whether all of the heap is accounted for, but for breaks.
  public var isComplete = true
  /// What there is to say of the allocator.
  public var description = AllocatorDescription()

  /// Makes an empty record.
  ///
  /// - Parameter granularity: what the addresses are multiples of at which footprints begin.
  public init(granularity: UInt64) { blocks = BlockMap(granularity: granularity) }

  /// Adds a block in use.
  ///
  /// - Parameters:
  ///   - start: where its footprint begins.
  ///   - footprint: how many bytes of the heap it takes.
  @inline(__always)
  public mutating func addUsed(_ start: Address, footprint: UInt64) {
    blockCount &+= 1
    blocks.insert(start)
    classes.addUsed(start, footprint)
  }

  /// Adds a block that is free.
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

  /// Whether there is a block in use whose footprint begins there.
  public func isUsed(_ start: Address) -> Bool { blocks.contains(start) }

  /// A block that was added as one in use turned out to be free. Returns whether it was there.
  public mutating func free(_ start: Address, footprint: UInt64, _ reason: HeapBlock.FreeReason) -> Bool {
    guard blocks.remove(start) else { return false }
    freeCounts[reason.rawValue] &+= 1
    classes.free(footprint)
    return true
  }

  /// Adds a stretch of memory that was gone over.
  ///
  /// - Parameters:
  ///   - range: the stretch.
  ///   - skipped: how many bytes of it lie between a break and where the walk went on.
  ///   - breaks: the first of the breaks.
  ///   - breakCount: how many breaks there were.
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
