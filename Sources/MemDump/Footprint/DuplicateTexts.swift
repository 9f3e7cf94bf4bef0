/// The texts that stand in several blocks of heaps, with what the blocks cost: what a table of each text once would save.
///
/// A text counts once for each block in use that it stands in, as far as it is inside of that block.
public struct DuplicateTexts: Sendable {
  /// A text.
  public struct Row: Hashable, Sendable {
    /// The text.
    public var text: [UInt8]
    /// The number of blocks that it stands in.
    public var blockCount: UInt64
    /// What these blocks take of the heap together, in bytes.
    public var byteCount: UInt64
    /// What each block takes, in bytes; nil where they are of several sizes.
    public var footprint: UInt64?
    /// The name of the allocator of the first block.
    public var allocator: String
    /// The address of the first finding.
    public var firstAddress: Address
    /// By how much the bytes may be too low, since the text was forgotten once; 0 if exact.
    public var error: UInt64

    /// What all blocks but one take, in bytes.
    public var excess: UInt64 { blockCount == 0 ? 0 : byteCount - byteCount / blockCount }
  }

  /// The rows, those whose blocks take most first.
  public let rows: [Row]
  /// The number of distinct texts in blocks.
  public let distinctCount: Int
  /// What the blocks of all texts that stand in several of them take, as far as rows tell, in bytes.
  public var byteCount: UInt64 { rows.reduce(0) { $0 &+ $1.byteCount } }
  /// The most bytes that a text without a row can have; 0 where all are known.
  public let errorBound: UInt64

  /// Looks for texts.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - heaps: the heaps in it.
  ///   - strings: says what a text is.
  ///   - limit: the most rows; nil for all.
  ///   - minimumCount: in how many blocks a text has to stand.
  ///   - memory: the most memory that counting may take, in bytes.
  ///   - control: may end the search.
  public init(
    in source: any MemorySource, heaps: Heaps, strings: Strings, limit: Int?, minimumCount: UInt64 = 2,
    memory: UInt64 = Tally.standardLimit, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    let blocks = try BlockLookup(source, heaps)
    var counter = BlockTextCounter(blocks, limit: memory)
    _ = try strings.run(source, ranges: heaps.ranges, into: &counter, control: control)
    let tally = counter.tally
    (distinctCount, errorBound) = (tally.distinctCount, tally.errorBound)
    var rows: [Row] = []
    for row in tally.rows(limit: limit, minimumCount: minimumCount) {
      guard let (block, heap) = try blocks.block(holding: row.firstAddress) else { continue }
      let size = block.footprint.byteCount
      rows.append(
        Row(
          text: row.text, blockCount: row.count, byteCount: row.byteCount,
          footprint: size.multipliedReportingOverflow(by: row.count) == (row.byteCount, false) ? size : nil,
          allocator: heap.allocator.name, firstAddress: row.firstAddress, error: row.error))
    }
    self.rows = rows
  }
}

/// A lookup of the block in use that holds an address, quick along the addresses.
final class BlockLookup {
  private let heaps: Heaps
  private var words: WordCache
  private var last: (block: HeapBlock, heap: Int)?

  init(_ source: any MemorySource, _ heaps: Heaps) throws(MemDumpError) {
    self.heaps = heaps
    // Each lookup goes to the start of the heap, too, and that must not evict where the texts are.
    words = try WordCache(source, .hops)
  }

  /// The block whose content holds an address, with its heap; nil for none.
  func block(holding address: Address) throws(MemDumpError) -> (HeapBlock, HeapSummary)? {
    if let last, last.block.content.contains(address) { return (last.block, heaps.all[last.heap]) }
    for (number, heap) in heaps.all.enumerated() {
      if let block = try heap.block(using: address, &words) {
        last = (block, number)
        return (block, heap)
      }
    }
    return nil
  }
}

/// A sink that counts each text once for every block that it stands in, with the bytes of the block.
private struct BlockTextCounter: FindingSink {
  private let blocks: BlockLookup
  private(set) var tally: Tally
  /// The block of the last text, and the texts that were found there.
  private var current: (start: Address, seen: Set<UInt64>) = (Address(.max), [])

  init(_ blocks: BlockLookup, limit: UInt64) {
    self.blocks = blocks
    tally = Tally(grouping: .textByBytes, limit: limit)
  }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    guard let (block, _) = try blocks.block(holding: finding.address) else { return true }
    // Behind a block stands the header of the next one, whose first byte may be printable.
    let byteCount = min(UInt64(text.byteCount), block.content.upperBound - finding.address)
    let inside = text.extracting(0..<Int(byteCount))
    if block.address != current.start { current = (block.address, []) }
    guard current.seen.insert(TallyKey(inside, of: 0).hash).inserted else { return true }
    var counted = finding
    (counted.pattern, counted.byteCount) = (0, block.footprint.byteCount)
    return tally.receive(counted, text: inside)
  }
}
