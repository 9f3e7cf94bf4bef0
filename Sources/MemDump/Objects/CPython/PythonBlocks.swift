/// The blocks of a Python program that are no objects, in the order of their addresses, with the objects whose they are.
struct PythonBlocks: Sendable {
  private struct Block {
    var start: UInt64
    var byteCount: UInt32
    /// How many bytes the footprint has more; the highest bit says whether the block is of pymalloc.
    var more: UInt32
  }

  /// The blocks as they came, in parts.
  private var parts = [PieceArray<Block>()]
  /// The same in order.
  private var blocks: [Block] = []
  private var owners: [PythonReader.Object] = []
  /// A bit for each of a few bits of where a block begins, so that most words are told at once to lead to none.
  private var bits: [UInt64] = []
  private var shift: UInt64 = 63
  /// The numbers of the units of memory where blocks begin, and the first block of each.
  private var units = AddressNumbers()
  private var firsts: [Int] = []

  private let limit: Int

  private static let pooled: UInt32 = 1 << 31
  private static let nobody = PythonReader.Object(type: 0, address: Address(0))
  /// The size of a unit as a power of 2: a pool, whose blocks are of one size.
  private static let unitShift: UInt64 = 14

  /// - Parameter limit: how many blocks are kept at most.
  init(limit: Int) { self.limit = limit }

  /// The number of blocks.
  var count: Int { parts.reduce(blocks.count) { $0 + $1.count } }

  /// Adds a block. Of one of 4 GiB and more, the first 4 GiB are kept.
  mutating func add(_ block: HeapBlock, isPooled: Bool) {
    guard parts[parts.count - 1].count < limit else { return }
    let more = block.footprint.byteCount - min(block.footprint.byteCount, block.byteCount)
    parts[parts.count - 1].append(
      Block(
        start: block.address.rawValue, byteCount: UInt32(clamping: block.byteCount),
        more: UInt32(clamping: more) & ~Self.pooled | (isPooled ? Self.pooled : 0)))
  }

  /// Adds blocks that lie behind these.
  mutating func add(_ other: PythonBlocks) { parts += other.parts }

  /// Puts the blocks in order; called once, after the last one.
  mutating func arrange() {
    blocks.reserveCapacity(count)
    for part in parts { part.forEachPiece { blocks += $0 } }
    parts = []
    if !zip(blocks, blocks.dropFirst()).allSatisfy({ $0.start < $1.start }) { blocks.sort { $0.start < $1.start } }
    owners = Array(repeating: Self.nobody, count: blocks.count)
    let bitCount = max(16, UInt64(UInt64.bitWidth - (blocks.count * 8).leadingZeroBitCount))
    (bits, shift) = ([UInt64](repeating: 0, count: 1 << Int(bitCount - 6)), 64 - bitCount)
    var unit = UInt64.max
    for (index, block) in blocks.enumerated() {
      let place = place(of: block.start)
      bits[Int(place >> 6)] |= 1 << (place & 63)
      guard block.start >> Self.unitShift != unit else { continue }
      unit = block.start >> Self.unitShift
      units.insert(unit + 1, firsts.count)
      firsts.append(index)
    }
    firsts.append(blocks.count)
  }

  @inline(__always)
  private func place(of address: UInt64) -> UInt64 { (address &* 0x9e37_79b9_7f4a_7c15) &>> shift }

  /// Whether a block may begin at an address; false means that none does.
  @inline(__always)
  func mayBegin(at address: UInt64) -> Bool {
    let place = place(of: address)
    return bits[Int(truncatingIfNeeded: place >> 6)] &>> (place & 63) & 1 == 1
  }

  /// The number of the last block that begins at an address or before it; nil for none.
  private func last(upTo address: UInt64) -> Int? {
    guard let unit = units[address >> Self.unitShift + 1], case let range = firsts[unit]..<firsts[unit + 1],
      case let first = blocks[range.lowerBound], first.start <= address
    else {
      let index = blocks.partitionIndex { $0.start > address } - 1
      return index < 0 ? nil : index
    }
    // Most blocks of a pool are no objects, or none of them is.
    let guess = range.lowerBound + Int((address - first.start) / UInt64(max(1, first.byteCount)))
    if guess < range.upperBound, blocks[guess].start <= address,
      guess + 1 == range.upperBound || blocks[guess + 1].start > address
    {
      return guess
    }
    return blocks[range].partitionIndex { $0.start > address } - 1
  }

  /// The number of the block that begins at an address; nil for none.
  func index(startingAt address: UInt64) -> Int? {
    last(upTo: address).flatMap { blocks[$0].start == address ? $0 : nil }
  }

  /// The number of the block that holds an address; nil for none.
  func index(holding address: UInt64) -> Int? {
    last(upTo: address).flatMap { address - blocks[$0].start < UInt64(blocks[$0].byteCount) ? $0 : nil }
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
  func owner(of index: Int) -> PythonReader.Object? { owners[index] == Self.nobody ? nil : owners[index] }

  mutating func setOwner(of index: Int, _ owner: PythonReader.Object) { owners[index] = owner }
}
