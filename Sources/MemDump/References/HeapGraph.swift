/// The pointers between the blocks of a heap: for each block, which others its words lead to.
///
/// Made in one pass over the heap. It takes 6 bytes for each block and 4 for each pointer, of which ``mostEdges`` are kept; the
/// blocks behind the last one that there is room for are read again when they are asked for.
struct HeapGraph: ~Copyable {
  /// A pointer from one block to another: the block, and at which of its first words it leads there.
  struct Edge {
    fileprivate var bits: UInt32

    /// The block that the pointer leads to.
    var block: Int { Int(bits & (1 << 27 - 1)) }
    /// The number of the word in that block; ``HeapGraph/farSlot`` for those far behind, and for what leads between words.
    var slot: Int { Int(bits >> 27) }
  }

  /// The slot of all words far behind the start of a block.
  static let farSlot = 31
  /// The most pointers that are kept.
  private static let mostEdges = 128 << 20
  /// A place in blocks of one size to which so many pointers lead, and at least one for every so many blocks, is one that
  /// the program leads to by intent, as where a header stands in front of what it works with.
  private static let (leastAlike, leastShare): (UInt32, UInt64) = (3, 4)
  /// Of so many sizes, those that take up most, it is known where pointers lead to by intent.
  private static let mostClasses = 1 << 14
  /// The most different words that blocks begin with and that are kept.
  private static let mostTypes = Int(UInt16.max) - 1

  let table: BlockTable
  /// The address in a mapped file that blocks of a type begin with; the first stands for none.
  private(set) var typeAddresses: [Address] = [Address(0)]
  private var types: [UInt16]
  private var edgeStarts: [UInt32] = [0]
  private var edges: [UInt32] = []
  private var storedCount = 0
  private var classes: ClassNumbers
  /// For each class and slot: how many pointers lead there, and the last block they led to.
  private var alike: [(count: UInt32, last: UInt32)]
  private var isIntended: [Bool] = []
  /// The values that lead to the heap, or between two parts of it.
  let bounds: ClosedRange<UInt64>

  /// Goes over the heap.
  init(
    _ table: consuming BlockTable, _ heap: HeapSummary, _ source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    self.table = table
    let rows = heap.classes.prefix(Self.mostClasses)
    classes = ClassNumbers(rows)
    alike = Array(repeating: (0, .max), count: rows.count * (Self.farSlot + 1))
    types = Array(repeating: 0, count: self.table.count)
    let (lowest, highest) = (self.table.space.ranges.first?.lowerBound, self.table.space.ranges.last?.upperBound)
    bounds = (lowest?.rawValue ?? 0)...max(lowest?.rawValue ?? 0, highest?.rawValue ?? 0)
    try gather(heap, source, control)
    let counts = rows.map(\.count)
    isIntended = alike.indices.map { index in
      let count = alike[index].count
      let slot = index % (Self.farSlot + 1)
      return slot == 0
        || slot != Self.farSlot && count >= Self.leastAlike
          && UInt64(count) >= counts[index / (Self.farSlot + 1)] / Self.leastShare
    }
    alike = []
  }

  /// Notes the pointers of all blocks, in the order of their addresses.
  private mutating func gather(
    _ heap: HeapSummary, _ source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    let (regions, own) = (source.regions, heap.ownRanges)
    var typeNumbers: [UInt64: UInt16] = [:]
    var (hint, targetHint, current) = (0, 0, -1)
    var content = 0..<0
    var isFull = false
    edgeStarts.reserveCapacity(table.count + 1)
    // Small numbers and texts are no addresses of a program.
    try WordSpace.forEachWord(of: source, in: table.space.ranges, within: 4096...0x7fff_ffff_ffff, control) {
      value, place in
      guard let word = table.space.number(of: place, hint: &hint) else { return }
      while current + 1 < table.count, Int(table.starts[current + 1]) <= word {
        close(&current, &isFull)
        content = table.content(of: current)
      }
      guard content.contains(word) else { return }
      if bounds.contains(value) {
        if let edge = edge(to: value, &targetHint), edge.block != current, !isFull {
          if edges.count == Int(edgeStarts[current]) || edges[edges.count - 1] != edge.bits {
            edges.append(edge.bits)
            note(edge)
          }
          isFull = edges.count >= Self.mostEdges
        }
      } else if word == content.lowerBound {
        types[current] = Self.type(of: value, regions, own, &typeNumbers, &typeAddresses)
      }
    }
    while current + 1 < table.count { close(&current, &isFull) }
    close(&current, &isFull)
  }

  /// Ends the pointers of a block, and goes to the next one.
  private mutating func close(_ current: inout Int, _ isFull: inout Bool) {
    if current >= 0, storedCount == current {
      if isFull {
        edges.removeLast(edges.count - Int(edgeStarts[current]))
      } else {
        storedCount = current + 1
        edgeStarts.append(UInt32(edges.count))
      }
    }
    current += 1
  }

  private mutating func note(_ edge: Edge) {
    guard edge.slot > 0, edge.slot < Self.farSlot, let number = classes.number(of: table.footprint(of: edge.block))
    else {
      return
    }
    let index = number * (Self.farSlot + 1) + edge.slot
    if alike[index].last != UInt32(edge.block) { alike[index] = (alike[index].count &+ 1, UInt32(edge.block)) }
  }

  /// The pointer that a value is; nil where it leads to no block.
  @inline(__always)
  func edge(to value: UInt64, _ hint: inout Int) -> Edge? {
    guard bounds.contains(value), let word = table.space.number(of: Address(value), hint: &hint),
      let block = table.block(atWord: word)
    else { return nil }
    let distance = value & 7 == 0 ? word - Int(table.starts[Int(block)]) : Self.farSlot
    return Edge(bits: block | UInt32(min(distance, Self.farSlot)) << 27)
  }

  /// Whether a pointer leads to the start of a block, or to where the program leads to by intent in blocks of that size.
  @inline(__always)
  func isExact(_ edge: Edge) -> Bool {
    if edge.slot == 0 { return true }
    guard edge.slot != Self.farSlot, let number = classes.number(of: table.footprint(of: edge.block)) else {
      return false
    }
    return isIntended[number * (Self.farSlot + 1) + edge.slot]
  }

  /// The type of a block: the number of the address in a mapped file that it begins with in ``typeAddresses``; 0 for none.
  func type(of block: Int) -> Int { Int(types[block]) }

  /// Where the pointers of a block are kept; nil where they are to be read.
  @inline(__always)
  func stored(of block: Int) -> Range<Int>? {
    block < storedCount ? Int(edgeStarts[block])..<Int(edgeStarts[block + 1]) : nil
  }

  /// A pointer by where it is kept.
  @inline(__always)
  func stored(at index: Int) -> Edge { Edge(bits: edges[index]) }

  /// The pointers of a block, from memory.
  func read(_ block: Int, _ words: inout WordCache) throws(MemDumpError) -> [Edge] {
    var (found, hint): ([Edge], Int) = ([], 0)
    for word in table.content(of: block) {
      guard let value = try words.word(at: table.space.address(of: word)), let edge = edge(to: value, &hint),
        edge.block != block
      else { continue }
      found.append(edge)
    }
    return found
  }

  private static func type(
    of value: UInt64, _ regions: [MemoryRegion], _ own: [Range<Address>], _ numbers: inout [UInt64: UInt16],
    _ addresses: inout [Address]
  ) -> UInt16 {
    if let number = numbers[value] { return number }
    guard addresses.count <= mostTypes, let index = regions.index(holding: Address(value)),
      regions[index].kind == .file, regions[index].inode != 0, !own.contains(where: { $0.contains(Address(value)) })
    else { return 0 }
    numbers[value] = UInt16(addresses.count)
    addresses.append(Address(value))
    return UInt16(addresses.count - 1)
  }
}

/// The numbers of size classes, found by size.
struct ClassNumbers: Sendable {
  private static let smallLimit: UInt64 = 1 << 16
  private var small = [Int32](repeating: -1, count: Int(smallLimit / 8))
  private var large: [UInt64: Int] = [:]

  init(_ classes: some Sequence<HeapClass>) {
    for (number, row) in classes.enumerated() {
      if row.footprint < Self.smallLimit, row.footprint % 8 == 0 {
        small[Int(row.footprint / 8)] = Int32(truncatingIfNeeded: number)
      } else {
        large[row.footprint] = number
      }
    }
  }

  /// The number of the class with a footprint; nil where there is none.
  @inline(__always)
  func number(of footprint: UInt64) -> Int? {
    guard footprint < Self.smallLimit, footprint % 8 == 0 else { return large[footprint] }
    let number = small[Int(footprint / 8)]
    return number >= 0 ? Int(number) : nil
  }
}
