/// The heaps of a process: one for each allocator that has one there. Whoever asks about a block, a size or memory of the
/// heap asks here, whichever of them it is of.
public struct Heaps: Sendable {
  /// A heap that looks like one of an allocator and is not believed.
  public struct Refusal: Sendable {
    /// The allocator.
    public let allocator: any Allocator
    /// What speaks against it, as ``HeapRecord/refusal`` has it.
    public let reason: Phrase
  }

  /// The heaps, those with most bytes in use first.
  public let all: [HeapSummary]
  /// The heaps that were found and not walked, since they contradict themselves.
  public let refusals: [Refusal]
  /// The places in ``all`` in the order in which the heaps were walked: those that prove what they are come first.
  let walkOrder: [Int]
  /// The stretches of memory of all heaps, in order; those that touch are one.
  let ranges: [Range<Address>]
  /// The memory that the allocators use for themselves, in order.
  let ownRanges: [Range<Address>]
  /// The memory inside of blocks whose words hold nothing, in order.
  let noteRanges: [Range<Address>]
  /// The memory that goroutines hold blocks with, in order.
  let goroutineRanges: [Range<Address>]

  /// Puts heaps together, in the order in which they were walked.
  public init(_ heaps: [HeapSummary] = [], refusals: [Refusal] = []) {
    let order = heaps.indices.sorted { (heaps[$1].used.byteCount, $0) < (heaps[$0].used.byteCount, $1) }
    all = order.map { heaps[$0] }
    walkOrder = order.indices.sorted { order[$0] < order[$1] }
    self.refusals = refusals
    ranges = heaps.count == 1 ? heaps[0].ranges : heaps.flatMap(\.ranges).union()
    ownRanges = heaps.flatMap(\.ownRanges).union()
    noteRanges = heaps.flatMap(\.noteRanges).union()
    goroutineRanges = heaps.flatMap(\.goroutineRanges).union()
  }

  /// Whether no heap was walked.
  public var isEmpty: Bool { all.isEmpty }
  /// Whether there are several heaps, so that a size alone does not tell whose blocks are meant.
  public var areSeveral: Bool { all.count > 1 }
  /// The blocks in use of all heaps; nil without a heap.
  public var used: HeapSummary.Sum? {
    isEmpty
      ? nil
      : all.reduce(into: HeapSummary.Sum()) { sum, heap in
        sum.count &+= heap.used.count
        sum.byteCount &+= heap.used.byteCount
      }
  }
  /// Whether every byte of all heaps was walked.
  public var isClean: Bool { all.allSatisfy(\.isClean) }
  /// The number of breaks of all walks.
  public var breakCount: UInt64 { all.reduce(0) { $0 &+ $1.breakCount } }

  /// The size classes of all heaps, one for each size, those that take up most first.
  public var classes: [HeapClass] {
    guard areSeveral else { return all.first?.classes ?? [] }
    var classes: [UInt64: HeapClass] = [:]
    for row in all.flatMap(\.classes) { classes[row.footprint, default: HeapClass(row.footprint)].add(row) }
    return classes.values.sorted {
      ($0.byteCount, $0.freeCount, $0.footprint) > ($1.byteCount, $1.freeCount, $1.footprint)
    }
  }

  /// The number of blocks in use of a class.
  func count(of wanted: BlockClass) -> UInt64 {
    all.reduce(0) { sum, heap in
      guard wanted.includes(heap.allocator) else { return sum }
      return sum &+ (heap.classes.first { $0.footprint == wanted.footprint }?.count ?? 0)
    }
  }
}

extension Heaps {
  /// The block in use whose footprint holds an address; nil for none.
  func block(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    for heap in all { if let block = try heap.block(holding: address, &words) { return block } }
    return nil
  }

  /// The block in use whose content holds an address; nil for none.
  func block(using address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    for heap in all { if let block = try heap.block(using: address, &words) { return block } }
    return nil
  }

  /// A page of bits of the maps of blocks, and the heaps in ``all`` that have blocks there.
  typealias BlockPage = (key: UInt64, heaps: [Int])

  /// The pages that have blocks in use, in the order of addresses.
  var blockPages: [BlockPage] {
    var owners: [UInt64: [Int]] = [:]
    for (number, heap) in all.enumerated() { for key in heap.blocks.keys { owners[key, default: []].append(number) } }
    return owners.map { ($0.key, $0.value) }.sorted { $0.key < $1.key }
  }

  /// Hands out where the footprint of every block in use begins, in the order of addresses, with the number of its heap in
  /// ``all``, until `body` returns false.
  func forEachBlock(_ body: (Address, Int) throws(MemDumpError) -> Bool) throws(MemDumpError) {
    try forEachBlock(in: blockPages[...], body)
  }

  /// Hands out where the footprint of every block in use of some pages begins, as ``forEachBlock(_:)`` does.
  func forEachBlock(
    in pages: ArraySlice<BlockPage>, _ body: (Address, Int) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    for (key, numbers) in pages {
      if numbers.count == 1 {
        let number = numbers[0]
        guard
          try all[number].blocks.forEach(inPage: key, { (start) throws(MemDumpError) in try body(start, number) })
        else { return }
        continue
      }
      var blocks: [(start: Address, number: Int)] = []
      for number in numbers {
        _ = try all[number].blocks.forEach(inPage: key) { (start) throws(MemDumpError) in
          blocks.append((start, number))
          return true
        }
      }
      for block in blocks.sorted(by: { ($0.start, $0.number) < ($1.start, $1.number) }) {
        guard try body(block.start, block.number) else { return }
      }
    }
  }
}

/// The blocks of one size, of one allocator or of any.
public struct BlockClass: Hashable, Sendable {
  /// The name of the allocator, as ``Allocator/name``; nil for any.
  public var allocator: String?
  /// What each block takes of the heap, in bytes.
  public var footprint: UInt64

  /// Names a class.
  public init(of allocator: String? = nil, footprint: UInt64) {
    (self.allocator, self.footprint) = (allocator, footprint)
  }

  /// Whether blocks of an allocator can be of the class.
  func includes(_ allocator: any Allocator) -> Bool { self.allocator == nil || self.allocator == allocator.name }
}
