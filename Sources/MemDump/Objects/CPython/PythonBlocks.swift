/// The blocks of a Python program that are no objects, in the order of their addresses, with the objects whose they are.
struct PythonBlocks: Sendable {
  private struct Block {
    var start: UInt64
    var byteCount: UInt32
    /// How many bytes the footprint has more; the highest bit says whether the block is of pymalloc.
    var more: UInt32
  }

  private var blocks: [Block] = []
  private var owners: [PythonReader.Object?] = []
  /// A bit for each of a few bits of where a block begins, so that most words are told at once to lead to none.
  private var bits: [UInt64] = []
  private var shift: UInt64 = 63

  private static let pooled: UInt32 = 1 << 31
  private static let most = 1 << 26

  /// The number of blocks.
  var count: Int { blocks.count }

  /// Adds a block. Of one of 4 GiB and more, the first 4 GiB are kept.
  mutating func add(_ block: HeapBlock, isPooled: Bool) {
    guard blocks.count < Self.most else { return }
    let more = block.footprint.byteCount - min(block.footprint.byteCount, block.byteCount)
    blocks.append(
      Block(
        start: block.address.rawValue, byteCount: UInt32(clamping: block.byteCount),
        more: UInt32(clamping: more) & ~Self.pooled | (isPooled ? Self.pooled : 0)))
  }

  /// Adds blocks that lie behind these.
  mutating func add(_ other: PythonBlocks) { blocks += other.blocks.prefix(Self.most - blocks.count) }

  /// Puts the blocks in order; called once, after the last one.
  mutating func arrange() {
    if !zip(blocks, blocks.dropFirst()).allSatisfy({ $0.start < $1.start }) { blocks.sort { $0.start < $1.start } }
    owners = Array(repeating: nil, count: blocks.count)
    let bitCount = max(16, UInt64(UInt64.bitWidth - (blocks.count * 8).leadingZeroBitCount))
    (bits, shift) = ([UInt64](repeating: 0, count: 1 << Int(bitCount - 6)), 64 - bitCount)
    for block in blocks {
      let place = place(of: block.start)
      bits[Int(place >> 6)] |= 1 << (place & 63)
    }
  }

  @inline(__always)
  private func place(of address: UInt64) -> UInt64 { (address &* 0x9e37_79b9_7f4a_7c15) &>> shift }

  /// Whether a block may begin at an address; false means that none does.
  @inline(__always)
  func mayBegin(at address: UInt64) -> Bool {
    let place = place(of: address)
    return bits[Int(truncatingIfNeeded: place >> 6)] &>> (place & 63) & 1 == 1
  }

  /// The number of the block that begins at an address; nil for none.
  func index(startingAt address: UInt64) -> Int? {
    let index = blocks.partitionIndex { $0.start >= address }
    return index < blocks.count && blocks[index].start == address ? index : nil
  }

  /// The number of the block that holds an address; nil for none.
  func index(holding address: UInt64) -> Int? {
    let index = blocks.partitionIndex { $0.start > address } - 1
    return index >= 0 && address - blocks[index].start < UInt64(blocks[index].byteCount) ? index : nil
  }

  /// The memory of a block.
  func range(of index: Int) -> Range<Address> {
    Range(start: Address(blocks[index].start), byteCount: UInt64(blocks[index].byteCount))
  }

  /// What a block takes of the heap, in bytes.
  func footprint(of index: Int) -> UInt64 {
    UInt64(blocks[index].byteCount) + UInt64(blocks[index].more & ~Self.pooled)
  }

  /// Whether a block is of pymalloc.
  func isPooled(_ index: Int) -> Bool { blocks[index].more & Self.pooled != 0 }

  /// The object whose block it is; nil for none that is known.
  func owner(of index: Int) -> PythonReader.Object? { owners[index] }

  mutating func setOwner(of index: Int, _ owner: PythonReader.Object) { owners[index] = owner }
}
