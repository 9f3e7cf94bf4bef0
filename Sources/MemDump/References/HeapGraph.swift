/// The pointers between the blocks of a heap: for each block, which others its words lead to.
///
/// Made in one pass over the heap. It takes 8 bytes for each block and 4 for each pointer, of which ``mostEdges`` are kept; the
/// blocks behind the last one that there is room for are read again when they are asked for.
struct HeapGraph: ~Copyable {
  /// A pointer from one block to another: the block, and at which of its first words it leads there.
  struct Edge {
    fileprivate var bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    /// A pointer to a word of a block.
    @inline(__always)
    fileprivate init(_ table: borrowing BlockTable, toWord word: Int, isAligned: Bool, of block: Int) {
      let slot = isAligned ? min(word - table.start(of: block), farSlot) : farSlot
      bits = UInt32(truncatingIfNeeded: block) | UInt32(truncatingIfNeeded: slot) << 27
    }

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

  /// What the way over a block needs to know of it.
  struct Block: BitwiseCopyable {
    /// The first of its pointers.
    var edgeStart: UInt32 = 0
    var type: UInt16 = 0
    /// The number of its footprint in ``footprints``; ``noClass`` for one that is not there.
    var sizeClass: UInt16 = noClass

    static let noClass = UInt16.max
  }

  let table: BlockTable
  /// The address in a mapped file that blocks of a type begin with; the first stands for none.
  private(set) var typeAddresses: [Address] = [Address(0)]
  /// The blocks, and behind the last one where its pointers end.
  private var blocks: LargeArray<Block>
  private var edges: LargeArray<UInt32>
  /// The number of blocks, the first ones, whose pointers are kept.
  private var storedCount: Int
  /// The number of blocks, the first ones, of which it is known where their pointers begin.
  private var begunCount = 0
  private let classes: ClassNumbers
  private let footprints: [UInt64]
  /// For each class and slot: how many pointers lead there, and the last block they led to.
  private var alike: [(count: UInt32, last: UInt32)]
  private var isIntended: [Bool] = []
  /// The values that lead to the heap, or between two parts of it.
  let bounds: ClosedRange<UInt64>

  /// Goes over the heap.
  static func gathering(
    _ table: consuming BlockTable, _ heaps: Heaps, _ source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) -> HeapGraph {
    let blocks = try LargeArray<Block>.ofOurs(table.count + 1)
    let edges = try LargeArray<UInt32>.ofOurs(min(Self.mostEdges, table.space.wordCount))
    let rows = Array(heaps.classes.prefix(Self.mostClasses))
    var graph = Self(table, blocks, edges, rows)
    try graph.gather(heaps, source, control)
    graph.tellIntended(rows)
    return graph
  }

  private init(
    _ table: consuming BlockTable, _ blocks: consuming LargeArray<Block>, _ edges: consuming LargeArray<UInt32>,
    _ rows: [HeapClass]
  ) {
    classes = ClassNumbers(rows)
    footprints = rows.map(\.footprint)
    alike = Array(repeating: (0, .max), count: rows.count * (Self.farSlot + 1))
    storedCount = table.count
    let (lowest, highest) = (table.space.ranges.first?.lowerBound, table.space.ranges.last?.upperBound)
    bounds = (lowest?.rawValue ?? 0)...max(lowest?.rawValue ?? 0, highest?.rawValue ?? 0)
    self.table = table
    self.blocks = blocks
    self.edges = edges
  }

  /// Says where pointers lead to by intent, once all are noted.
  private mutating func tellIntended(_ rows: [HeapClass]) {
    isIntended = alike.indices.map { index in
      let count = alike[index].count
      let slot = index % (Self.farSlot + 1)
      return slot == 0
        || slot != Self.farSlot && count >= Self.leastAlike
          && UInt64(count) >= rows[index / (Self.farSlot + 1)].count / Self.leastShare
    }
    alike = []
  }

  /// Notes the pointers of all blocks, in the order of their addresses.
  private mutating func gather(
    _ heaps: Heaps, _ source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    let (regions, own) = (source.regions, heaps.ownRanges)
    var typeNumbers: [UInt64: UInt16] = [:]
    var (hint, targetHint) = (0, 0)
    // The block of the words, and where the next one begins.
    var (content, next) = (0..<0, table.count > 0 ? table.start(of: 0) : .max)
    var batch = WordBatch()
    // Small numbers and texts are no addresses of a program.
    var others = AscendingRanges((heaps.noteRanges + heaps.goroutineRanges).union())
    try WordSpace.forEachWord(of: source, in: table.space.ranges, within: 4096...0x7fff_ffff_ffff, control) {
      value, place in
      guard !others.contains(place), let word = table.space.number(of: place, hint: &hint) else { return }
      if next <= word {
        repeat {
          addBlock()
          next = blocks.count < table.count ? table.start(of: blocks.count) : .max
        } while next <= word
        content = table.content(of: blocks.count - 1)
      }
      guard content.contains(word) else { return }
      if bounds.contains(value) {
        guard let target = table.space.number(of: Address(value), hint: &targetHint) else { return }
        table.prepare(word: target)
        batch.add(target, isAligned: value & 7 == 0, of: blocks.count - 1)
        if batch.isFull { take(&batch) }
      } else if word == content.lowerBound {
        blocks[blocks.count - 1].type = Self.type(of: value, regions, own, &typeNumbers, &typeAddresses)
      }
    }
    take(&batch)
    while blocks.count < table.count { addBlock() }
    blocks.append(Block())
    begin(blocks.count - 1)
  }

  private mutating func addBlock() {
    let number = classes.number(of: table.footprint(of: blocks.count))
    blocks.append(Block(sizeClass: number.map { UInt16(truncatingIfNeeded: $0) } ?? Block.noClass))
  }

  /// Notes that the pointers that follow are those of a block.
  @inline(__always)
  private mutating func begin(_ block: Int) {
    while begunCount <= block {
      blocks[begunCount].edgeStart = UInt32(truncatingIfNeeded: edges.count)
      begunCount &+= 1
    }
  }

  /// Notes the pointers of a batch.
  private mutating func take(_ batch: inout WordBatch) {
    batch.resolve(table)
    for index in 0..<batch.count {
      let item = batch[index]
      let holder = Int(item.holder)
      guard item.found != holder, storedCount == table.count else { continue }
      begin(holder)
      let edge = Edge(table, toWord: Int(item.target), isAligned: item.isAligned, of: Int(item.found))
      if edges.count == Int(blocks[holder].edgeStart) || edges[edges.count - 1] != edge.bits {
        edges.append(edge.bits)
        note(edge)
      }
      if edges.count >= Self.mostEdges {
        edges.removeAll(from: Int(blocks[holder].edgeStart))
        storedCount = holder
      }
    }
    batch.removeAll()
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
  func edge(to value: UInt64, _ hint: inout Int) -> Edge? {
    guard bounds.contains(value), let word = table.space.number(of: Address(value), hint: &hint),
      let block = table.block(atWord: word)
    else { return nil }
    return Edge(table, toWord: word, isAligned: value & 7 == 0, of: Int(block))
  }

  /// Whether a pointer leads to the start of a block, or to where the program leads to by intent in blocks of that size.
  @inline(__always)
  func isExact(_ edge: Edge) -> Bool {
    if edge.slot == 0 { return true }
    let number = blocks[edge.block].sizeClass
    return number != Block.noClass && edge.slot != Self.farSlot
      && isIntended[Int(number) * (Self.farSlot + 1) + edge.slot]
  }

  /// The type of a block: the number of the address in a mapped file that it begins with in ``typeAddresses``; 0 for none.
  @inline(__always)
  func type(of block: Int) -> Int { Int(blocks[block].type) }

  /// The bytes of the heap that a block takes.
  @inline(__always)
  func footprint(of block: Int) -> UInt64 {
    let number = blocks[block].sizeClass
    return number != Block.noClass ? footprints[Int(number)] : table.footprint(of: block)
  }

  /// Where the pointers of a block are kept; nil where they are to be read.
  @inline(__always)
  func stored(of block: Int) -> Range<Int>? {
    block < storedCount ? Int(blocks[block].edgeStart)..<Int(blocks[block + 1].edgeStart) : nil
  }

  /// A pointer by where it is kept.
  @inline(__always)
  func stored(at index: Int) -> Edge { Edge(bits: edges[index]) }

  /// Gets ready for what is asked of a block.
  @inline(__always)
  func prepare(block: Int) { ScanKernel.prefetch(blocks, at: block) }

  /// Gets ready for pointers by where they are kept.
  @inline(__always)
  func prepare(storedAt index: Int) { ScanKernel.prefetch(edges, at: index) }

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
