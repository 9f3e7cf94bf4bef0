/// The result of a walk over the heap of an allocator.
public struct HeapSummary: Sendable {
  /// A break of the walk: a block that could not be believed.
  public struct Break: Hashable, Sendable {
    /// The reason for a break.
    public enum Reason: String, Sendable {
      /// The size in the header is none that a block has.
      case size
      /// The block would reach beyond the end of the heap.
      case end
      /// The memory that the header leads to does not agree with the header.
      case next
      /// The header was not read.
      case unread
    }

    /// The address of the header that the walk broke at.
    public var address: Address
    /// The reason for the break.
    public var reason: Reason
    /// The address where the walk went on; nil where no more blocks were found.
    public var resumedAt: Address?

    /// Makes a break from its parts.
    public init(address: Address, reason: Reason, resumedAt: Address?) {
      (self.address, self.reason, self.resumedAt) = (address, reason, resumedAt)
    }
  }

  /// A number of blocks of a sort, with the bytes of the heap that they take.
  public struct Sum: Hashable, Sendable {
    /// The number of blocks.
    public var count: UInt64 = 0
    /// The bytes of the blocks, with what the allocator keeps beside them.
    public var byteCount: UInt64 = 0

    /// Makes a sum.
    public init(count: UInt64 = 0, byteCount: UInt64 = 0) { (self.count, self.byteCount) = (count, byteCount) }

    mutating func add(_ more: UInt64, _ each: UInt64) {
      count &+= more
      byteCount &+= more &* each
    }
  }

  /// The allocator whose heap was walked.
  public let allocator: any Allocator
  /// The size classes, those that take up most first.
  public let classes: [HeapClass]
  /// The blocks in use, those with a mapping of their own among them.
  public let used: Sum
  /// The free blocks, whether a thread or a list has them.
  public let free: Sum
  /// The number of free blocks for each reason to be free.
  public let freeCounts: [HeapBlock.FreeReason: UInt64]
  /// The blocks in use that have a mapping of their own.
  public let mapped: Sum
  /// The memory of those, in order and none twice.
  public let mappedRanges: [Range<Address>]
  /// The bytes of the heap that were walked from block to block, without a break.
  public let walkedByteCount: UInt64
  /// The bytes of the heap between a break and where the walk went on.
  public let skippedByteCount: UInt64
  /// The number of breaks.
  public let breakCount: UInt64
  /// The first of the breaks.
  public let breaks: [Break]
  /// The stretches of memory that were walked, in order.
  public let ranges: [Range<Address>]
  /// The memory that the allocator uses for its own structures alone, in order, as far as that is known.
  public let ownRanges: [Range<Address>]
  /// Whether a collector tells what is in use, and has not run yet: nothing can be compared with that.
  public let isUncollected: Bool
  /// Memory whose words hold nothing, in order; see ``HeapRecord/noteRanges``.
  public let noteRanges: [Range<Address>]
  /// Whole pages that the allocator would give back to the system when told to, in order and none twice.
  public let returnableRanges: [Range<Address>]
  /// Whole pages without a block that the allocator would keep all the same, in order and none twice.
  public let keptRanges: [Range<Address>]
  /// Memory that the allocator handed out for stacks, as Go does for goroutines, in order.
  public let stackRanges: [Range<Address>]
  /// Memory that goroutines hold blocks with, in order; see ``HeapRecord/goroutineRanges``.
  public let goroutineRanges: [Range<Address>]
  /// The memory of each arena for threads besides the first, where the allocator has such.
  public let threadArenas: [[Range<Address>]]
  /// The description of the allocator.
  public let description: AllocatorDescription
  /// Whether every byte of the heap was walked.
  public let isClean: Bool
  /// The addresses where the footprints of blocks in use begin.
  let blocks: BlockMap
  /// What the blocks in use take of each page, and what the blocks in caches of threads.
  let (occupancy, cachedOccupancy): (PageOccupancy, PageOccupancy)
  /// The layout that tells the block at an address.
  let layout: any BlockLayout

  init(_ record: consuming HeapRecord, of allocator: any Allocator, _ layout: any BlockLayout) {
    (self.allocator, self.layout) = (allocator, layout)
    classes = record.classes.classes.filter { $0.count > 0 || $0.freeCount > 0 }.sorted {
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
    mappedRanges = record.mappedRanges.union()
    (walkedByteCount, skippedByteCount) = (record.walkedByteCount, record.skippedByteCount)
    (breakCount, breaks) = (record.breakCount, record.breaks)
    ranges = record.ranges.sorted { $0.lowerBound < $1.lowerBound }
    ownRanges = record.ownRanges.sorted { $0.lowerBound < $1.lowerBound }
    noteRanges = record.noteRanges.union()
    returnableRanges = record.returnableRanges.union()
    stackRanges = record.stackRanges.union()
    goroutineRanges = record.goroutineRanges.union()
    keptRanges = record.keptRanges.union().subtracting(returnableRanges)
    threadArenas = record.threadArenas
    description = record.description
    isClean = record.breakCount == 0 && record.isComplete
    isUncollected = record.isUncollected
    blocks = record.blocks
    (occupancy, cachedOccupancy) = (record.occupancy, record.cachedOccupancy)
  }
}

extension HeapSummary {
  /// The names of the facts that any heap has.
  static let factNames: [AllocatorFact.Name] = [
    "mapped_chunks", "mapped_bytes", "walked_bytes", "skipped_bytes", "breaks", "first_break",
  ]

  /// The facts about the heap and its allocator.
  public var facts: [AllocatorFact] { description.facts + commonFacts }

  /// The facts that any heap has.
  public var commonFacts: [AllocatorFact] {
    [
      AllocatorFact("mapped_chunks", mapped.count), AllocatorFact("mapped_bytes", mapped.byteCount),
      AllocatorFact("walked_bytes", walkedByteCount), AllocatorFact("skipped_bytes", skippedByteCount),
      AllocatorFact("breaks", breakCount), AllocatorFact("first_break", breaks.first?.address),
    ]
  }
}
