/// What a walk over the heap of an allocator came to.
public struct HeapSummary: Sendable {
  /// Where the walk broke.
  public struct Break: Hashable, Sendable {
    /// Why.
    public enum Reason: String, Sendable {
      /// The size is none that a block has.
      case size
      /// The block would reach behind the end of the heap.
      case end
      /// What the header leads to does not agree with it.
      case next
      /// The header was not read.
      case unread
    }

    /// The header that it broke at.
    public var address: Address
    /// Why.
    public var reason: Reason
    /// Where it went on; nil where nothing more was found.
    public var resumedAt: Address?

    /// Makes a break.
    public init(address: Address, reason: Reason, resumedAt: Address?) {
      (self.address, self.reason, self.resumedAt) = (address, reason, resumedAt)
    }
  }

  /// Blocks of a sort, and the bytes that they take of the heap.
  public struct Sum: Hashable, Sendable {
    /// How many.
    public var count: UInt64 = 0
    /// How many bytes, with what the allocator keeps beside them.
    public var byteCount: UInt64 = 0

    mutating func add(_ more: UInt64, _ each: UInt64) {
      count &+= more
      byteCount &+= more &* each
    }
  }

  /// Whose heap it is.
  public let allocator: any Allocator
  /// The blocks by size, those that take up most first.
  public let classes: [HeapClass]
  /// The blocks in use, those with a mapping of their own among them.
  public let used: Sum
  /// The free blocks, whoever has them.
  public let free: Sum
  /// How many free blocks there are, by who has them.
  public let freeCounts: [HeapBlock.FreeReason: UInt64]
  /// Blocks in use that have a mapping of their own.
  public let mapped: Sum
  /// Bytes of the heap from block to block, without a break.
  public let walkedByteCount: UInt64
  /// Bytes between a break and where the walk went on.
  public let skippedByteCount: UInt64
  /// How often the walk broke.
  public let breakCount: UInt64
  /// The first of the breaks.
  public let breaks: [Break]
  /// The stretches of memory that were walked, in order.
  public let ranges: [Range<Address>]
  /// The memory that the allocator has for itself alone, in order, as far as it is known.
  public let ownRanges: [Range<Address>]
  /// What the allocator says of itself.
  public let description: AllocatorDescription
  /// Whether every byte of the heap was walked.
  public let isClean: Bool
  /// Where the footprints of blocks in use begin.
  private(set) var blocks: BlockMap
  /// Tells what blocks these are.
  let layout: any BlockLayout

  init(_ record: consuming HeapRecord, of allocator: any Allocator, _ layout: any BlockLayout) {
    (self.allocator, self.layout) = (allocator, layout)
    classes = record.classes.classes.sorted {
      ($0.byteCount, $0.freeCount, $0.footprint) > ($1.byteCount, $1.freeCount, $1.footprint)
    }
    var (used, free) = (Sum(), Sum())
    for row in classes {
      used.add(row.count, row.footprint)
      free.add(row.freeCount, row.footprint)
    }
    (self.used, self.free) = (used, free)
    freeCounts = Dictionary(
      uniqueKeysWithValues: HeapBlock.FreeReason.allCases.map { ($0, record.freeCounts[$0.rawValue]) })
    mapped = record.mapped
    (walkedByteCount, skippedByteCount) = (record.walkedByteCount, record.skippedByteCount)
    (breakCount, breaks) = (record.breakCount, record.breaks)
    ranges = record.ranges.sorted { $0.lowerBound < $1.lowerBound }
    ownRanges = record.ownRanges.sorted { $0.lowerBound < $1.lowerBound }
    description = record.description
    isClean = record.breakCount == 0 && record.isComplete
    blocks = record.blocks
  }

  /// Forgets where blocks are: the counts stay.
  mutating func forgetBlocks() { blocks = BlockMap() }
}

extension HeapSummary {
  /// The names of the facts that there are of any heap.
  static let factNames: [AllocatorFact.Name] = [
    "mapped_chunks", "mapped_bytes", "walked_bytes", "skipped_bytes", "breaks", "first_break",
  ]

  /// What there is to say of the heap and its allocator in figures.
  public var facts: [AllocatorFact] {
    description.facts + [
      AllocatorFact("mapped_chunks", mapped.count), AllocatorFact("mapped_bytes", mapped.byteCount),
      AllocatorFact("walked_bytes", walkedByteCount), AllocatorFact("skipped_bytes", skippedByteCount),
      AllocatorFact("breaks", breakCount), AllocatorFact("first_break", breaks.first?.address),
    ]
  }
}
