/// A size class: the blocks whose footprints have one size.
public struct HeapClass: Hashable, Sendable {
  /// The footprint of each block, in bytes: the block with what the allocator keeps beside it.
  public var footprint: UInt64
  /// The number of blocks in use.
  public var count: UInt64 = 0
  /// The number of free blocks, kept for the next request.
  public var freeCount: UInt64 = 0
  /// The bytes of the heap that the blocks in use take.
  public var byteCount: UInt64 { footprint.multipliedReportingOverflow(by: count).partialValue }
  /// The addresses where the footprints of some blocks in use begin, spread over all of them.
  var samples = BlockSamples()

  init(_ footprint: UInt64) { self.footprint = footprint }

  /// Adds the blocks of another class of the same size, without its samples.
  mutating func add(_ other: HeapClass) {
    count &+= other.count
    freeCount &+= other.freeCount
  }
}

/// A sample of addresses out of many, evenly spread over them, in the order in which they came.
struct BlockSamples: Hashable, Sendable {
  private let limit: Int
  private(set) var addresses: [Address] = []
  private var seen: UInt64 = 0
  private var stride: UInt64 = 1

  /// Makes an empty sample of so many addresses at most.
  init(limit: Int = 64) { self.limit = limit }

  mutating func add(_ address: Address) {
    defer { seen += 1 }
    guard seen & (stride - 1) == 0 else { return }
    if addresses.count == limit {
      thin()
      guard seen & (stride - 1) == 0 else { return }
    }
    addresses.append(address)
  }

  /// Adds addresses of one distance.
  mutating func add(_ first: Address, count: UInt64, distance: UInt64) {
    let (start, end) = (seen, seen &+ count)
    while true {
      // The next one that is wanted, of all that were ever seen.
      seen = (seen &+ (stride - 1)) & ~(stride - 1)
      guard seen < end else { break }
      add(first + (seen - start) * distance)
    }
    seen = end
  }

  /// Adds a sample of blocks that lie behind these.
  mutating func add(_ other: BlockSamples) {
    var other = other
    while stride < other.stride { thin() }
    while other.stride < stride { other.thin() }
    addresses += other.addresses
    seen += other.seen
    while addresses.count > limit { thin() }
  }

  private mutating func thin() {
    addresses = addresses.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    stride *= 2
  }
}

/// The size classes of a heap, found by size.
struct HeapClassTable: Sendable {
  /// The size below which classes are found by index, others by hash.
  private static let smallLimit: UInt64 = 1 << 16
  /// The distance of two sizes that are found by index, in bytes.
  private static let alignment: UInt64 = 8
  private var small = Array(repeating: Int32(-1), count: Int(smallLimit / alignment))
  private var large: [UInt64: Int] = [:]
  private(set) var classes: [HeapClass] = []

  mutating func addUsed(_ start: Address, _ footprint: UInt64) {
    let index = index(footprint)
    classes[index].count += 1
    classes[index].samples.add(start)
  }

  /// Counts blocks that touch.
  mutating func addUsed(_ first: Address, count: UInt64, footprint: UInt64) {
    let index = index(footprint)
    classes[index].count += count
    classes[index].samples.add(first, count: count, distance: footprint)
  }

  /// Adds what another table counted of blocks that lie behind these.
  mutating func add(_ other: HeapClassTable) {
    for row in other.classes {
      let index = index(row.footprint)
      classes[index].add(row)
      classes[index].samples.add(row.samples)
    }
  }

  mutating func addFree(_ footprint: UInt64) { classes[index(footprint)].freeCount += 1 }

  /// Moves a block that was counted as in use to the free ones.
  mutating func free(_ footprint: UInt64) {
    let index = index(footprint)
    classes[index].count -= min(1, classes[index].count)
    classes[index].freeCount += 1
  }

  /// Forgets a block that was counted as in use.
  mutating func remove(_ footprint: UInt64) {
    let index = index(footprint)
    classes[index].count -= min(1, classes[index].count)
  }

  private mutating func index(_ footprint: UInt64) -> Int {
    if footprint < Self.smallLimit, footprint % Self.alignment == 0 {
      let place = Int(footprint / Self.alignment)
      if small[place] < 0 { small[place] = Int32(append(footprint)) }
      return Int(small[place])
    }
    if let index = large[footprint] { return index }
    let index = append(footprint)
    large[footprint] = index
    return index
  }

  private mutating func append(_ footprint: UInt64) -> Int {
    classes.append(HeapClass(footprint))
    return classes.count - 1
  }
}
