/// The blocks in use of a heap, numbered in the order of their addresses: 11 bytes for each, and 4 for each 512 bytes of heap.
struct BlockTable: Sendable {
  /// The number of a block.
  typealias Number = UInt32

  /// The most blocks that are numbered: an edge of ``HeapGraph`` has 27 bits for a number.
  static let mostBlocks = 1 << 27
  /// The number of words of a stretch of the heap in which blocks are found by a look at its first one.
  private static let stretchShift = 6

  /// The words of the heap.
  let space: WordSpace
  /// The number of the word that each block begins with, as the program got it.
  private(set) var starts: [UInt32] = []
  /// How many words of each block pointers lead to; see ``HeapBlock/targets``.
  private(set) var targetWords: [UInt32] = []
  /// How many words of the content of each block lie behind those.
  private var tails: [UInt8] = []
  /// How many bytes the footprint has beside the words that pointers lead to.
  private var extras: [UInt16] = []
  private var largeExtras: [Number: UInt64] = [:]
  /// The first block that begins in each stretch, or behind it.
  private var firsts: [Number] = []
  /// The number of blocks in use that have no number: more than there is room for, or changed since the walk.
  private(set) var omittedCount: UInt64 = 0

  var count: Int { starts.count }

  /// Numbers the blocks of a heap.
  init(_ heap: HeapSummary, _ words: inout WordCache, _ control: WorkControl) throws(MemDumpError) {
    let ranges = heap.ranges.union()
    space = WordSpace(ranges)
    let layout = heap.layout
    let known = Int(clamping: min(heap.used.count, UInt64(Self.mostBlocks)))
    starts.reserveCapacity(known)
    targetWords.reserveCapacity(known)
    tails.reserveCapacity(known)
    extras.reserveCapacity(known)
    var hint = 0
    try heap.blocks.forEach { (start) throws(MemDumpError) in
      guard let block = try layout.block(at: start, in: &words),
        let place = space.number(of: block.address, hint: &hint),
        block.footprint.upperBound <= space.ranges[hint].upperBound, count < Self.mostBlocks,
        starts.last.map({ $0 < place }) ?? true
      else {
        omittedCount += 1
        return !control.isStopped
      }
      add(block, at: UInt32(place))
      return !control.isStopped
    }
    let stretchCount = space.wordCount >> Self.stretchShift + 1
    firsts.reserveCapacity(stretchCount)
    var next = 0
    for stretch in 0..<stretchCount {
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
    starts.append(place)
    targetWords.append(UInt32(clamping: words))
    tails.append(UInt8(clamping: (content.upperBound - targets.upperBound) / 8))
    extras.append(UInt16(clamping: extra))
  }

  /// The block that pointers to a word of the heap lead to; nil where that is in none.
  @inline(__always)
  func block(atWord word: Int) -> Number? {
    var index = Int(firsts[word >> Self.stretchShift])
    while index < starts.count, Int(starts[index]) <= word { index += 1 }
    index -= 1
    guard index >= 0, word - Int(starts[index]) < Int(targetWords[index]) else { return nil }
    return Number(truncatingIfNeeded: index)
  }

  /// The words of a block's content.
  @inline(__always)
  func content(of block: Int) -> Range<Int> {
    let start = Int(starts[block])
    return start..<start + Int(targetWords[block]) + Int(tails[block])
  }

  /// The bytes of the heap that a block takes.
  @inline(__always)
  func footprint(of block: Int) -> UInt64 {
    let extra = extras[block]
    return UInt64(targetWords[block]) * 8
      + (extra == .max ? largeExtras[Number(truncatingIfNeeded: block)] ?? UInt64(extra) : UInt64(extra))
  }

  /// The address of a block, as the program got it.
  func address(of block: Int) -> Address { space.address(of: Int(starts[block])) }
}
