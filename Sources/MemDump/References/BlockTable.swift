/// The blocks in use of all heaps, numbered in the order of their addresses: 12 bytes for each, and 4 for each 512 bytes of heap.
struct BlockTable: ~Copyable, Sendable {
  /// The number of a block.
  typealias Number = UInt32

  /// The size of a block.
  struct Extent: BitwiseCopyable {
    /// How many words of the block pointers lead to; see ``HeapBlock/targets``.
    var targetWords: UInt32
    /// How many bytes the footprint has beside these words; `.max` for more than there is room for.
    var extra: UInt16
    /// How many words of the content lie behind those that pointers lead to.
    var tail: UInt8
  }

  /// The most blocks that are numbered: an edge of ``HeapGraph`` has 27 bits for a number.
  static let mostBlocks = 1 << 27
  /// The number of words of a stretch of the heap in which blocks are found by a look at its first one.
  private static let stretchShift = 6

  /// The words of the heap.
  let space: WordSpace
  /// The number of the word that each block begins with, as the program got it.
  private var starts: LargeArray<UInt32>
  private var extents: LargeArray<Extent>
  private var largeExtras: [Number: UInt64] = [:]
  /// Whether pointers lead to each block.
  private var areAllTargets = true
  /// The first block that begins in each stretch, or behind it.
  private var firsts: LargeArray<Number>
  /// The number of blocks in use that have no number: more than there is room for, or changed since the walk.
  private(set) var omittedCount: UInt64 = 0

  var count: Int { starts.count }

  /// Numbers the blocks of heaps.
  static func numbering(
    _ heaps: Heaps, _ words: inout WordCache, _ control: WorkControl
  ) throws(MemDumpError) -> BlockTable {
    let space = WordSpace(heaps.ranges.union())
    let most = min(heaps.all.reduce(0) { $0 + $1.blocks.count }, Self.mostBlocks)
    var table = Self(
      space, try .ofOurs(most), try .ofOurs(most), try .ofOurs(space.wordCount >> Self.stretchShift + 1))
    try table.number(heaps, &words, control)
    table.numberStretches()
    return table
  }

  /// An empty table with room for blocks and stretches.
  private init(
    _ space: WordSpace, _ starts: consuming LargeArray<UInt32>, _ extents: consuming LargeArray<Extent>,
    _ firsts: consuming LargeArray<Number>
  ) {
    self.space = space
    self.starts = starts
    self.extents = extents
    self.firsts = firsts
  }

  private mutating func number(
    _ heaps: Heaps, _ words: inout WordCache, _ control: WorkControl
  ) throws(MemDumpError) {
    let layouts = heaps.all.map(\.layout)
    var (hint, last) = (0, -1)
    try heaps.forEachBlock { (start, heap) throws(MemDumpError) in
      guard let block = try layouts[heap].block(at: start, in: &words),
        let place = space.number(of: block.address, hint: &hint),
        block.footprint.upperBound <= space.ranges[hint].upperBound, count < starts.capacity, last < place
      else {
        omittedCount += 1
        return !control.isStopped
      }
      add(block, at: UInt32(place))
      last = place
      return !control.isStopped
    }
  }

  private mutating func numberStretches() {
    var next = 0
    for stretch in 0..<firsts.capacity {
      let first = UInt32(truncatingIfNeeded: stretch << Self.stretchShift)
      while next < starts.count, starts[next] < first { next += 1 }
      firsts.append(Number(next))
    }
  }

  private mutating func add(_ block: HeapBlock, at place: UInt32) {
    let (targets, content) = (block.targets, block.content)
    let words = targets.byteCount / 8
    let extra = block.footprint.byteCount - min(block.footprint.byteCount, words * 8)
    if extra >= UInt64(UInt16.max) { largeExtras[Number(count)] = extra }
    if words == 0 { areAllTargets = false }
    starts.append(place)
    extents.append(
      Extent(
        targetWords: UInt32(clamping: words), extra: UInt16(clamping: extra),
        tail: UInt8(clamping: (content.upperBound - targets.upperBound) / 8)))
  }

  /// The block that pointers to a word of the heap lead to; nil where that is in none.
  @inline(__always)
  func block(atWord word: Int) -> Number? {
    let index = last(atWord: word, from: first(atWord: word))
    guard index >= 0, leads(toWord: word, of: index) else { return nil }
    return Number(truncatingIfNeeded: index)
  }

  /// The number of the word that a block begins with, as the program got it.
  @inline(__always)
  func start(of block: Int) -> Int { Int(starts[block]) }

  /// The words of a block's content.
  @inline(__always)
  func content(of block: Int) -> Range<Int> {
    let (start, extent) = (Int(starts[block]), extents[block])
    return start..<start + Int(extent.targetWords) + Int(extent.tail)
  }

  /// The bytes of the heap that a block takes.
  @inline(__always)
  func footprint(of block: Int) -> UInt64 {
    let extent = extents[block]
    let extra = UInt64(extent.extra)
    return UInt64(extent.targetWords) * 8
      + (extent.extra == .max ? largeExtras[Number(truncatingIfNeeded: block)] ?? extra : extra)
  }

  /// The address of a block, as the program got it.
  func address(of block: Int) -> Address { space.address(of: start(of: block)) }
}

// A look for the block at a word in steps, for those who look for many at once: what the next step needs is on its way while
// other words are looked at.
extension BlockTable {
  /// Gets ready for ``first(atWord:)``.
  @inline(__always)
  func prepare(word: Int) { ScanKernel.prefetch(firsts, at: word >> Self.stretchShift) }

  /// A block not far behind the last one that begins at or before a word; gets ready for ``last(atWord:from:)``.
  @inline(__always)
  func first(atWord word: Int) -> Int {
    let first = Int(firsts[word >> Self.stretchShift])
    ScanKernel.prefetch(starts, at: first)
    return first
  }

  /// The last block that begins at or before a word, from the one that ``first(atWord:)`` told; -1 where there is none.
  @inline(__always)
  func last(atWord word: Int, from first: Int) -> Int {
    var index = first
    while index < starts.count, Int(starts[index]) <= word { index &+= 1 }
    return index - 1
  }

  /// Gets ready for ``leads(toWord:of:)`` and ``footprint(of:)``.
  @inline(__always)
  func prepare(block: Int) { ScanKernel.prefetch(extents, at: block) }

  /// Whether pointers to a word that is not before a block lead to it.
  @inline(__always)
  func leads(toWord word: Int, of block: Int) -> Bool {
    let distance = word - Int(starts[block])
    return distance == 0 && areAllTargets || distance < Int(extents[block].targetWords)
  }
}
