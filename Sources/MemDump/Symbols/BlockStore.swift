/// What was read last of files and memory, in blocks: whatever the number and the size of the modules, all of them together take
/// up no more than was told.
///
/// Blocks have two generations. When the young one has half of the room, the old one is dropped, and the young one is old from
/// then on; a block that is asked for is young again.
final class BlockStore {
  private struct Key: Hashable {
    var owner: Int
    var number: UInt64
  }

  private let mostBytes: Int
  private var (young, old): ([Key: [UInt8]], [Key: [UInt8]]) = ([:], [:])
  private var youngByteCount = 0
  private var ownerCount = 0

  /// Besides its bytes, an entry takes up about so many.
  private static let overhead = 128

  /// - Parameter byteCount: the most memory for all blocks together, in bytes.
  init(byteCount: Int = 256 << 20) { mostBytes = byteCount }

  /// The memory that the blocks take up, in bytes, as far as it is theirs.
  var byteCount: Int {
    (young.values.map(\.count) + old.values.map(\.count)).reduce(0) { $0 + $1 + Self.overhead }
  }

  /// A number for somebody who has blocks of his own.
  func newOwner() -> Int {
    ownerCount += 1
    return ownerCount
  }

  /// A block of an owner: as it was read before, or else read now.
  func block(_ number: UInt64, of owner: Int, read: () -> [UInt8]) -> [UInt8] {
    let key = Key(owner: owner, number: number)
    if let known = young[key] { return known }
    let block = old.removeValue(forKey: key) ?? read()
    if youngByteCount + block.count + Self.overhead > mostBytes / 2 { (old, young, youngByteCount) = (young, [:], 0) }
    young[key] = block
    youngByteCount += block.count + Self.overhead
    return block
  }
}
