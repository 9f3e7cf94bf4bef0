/// A proof that the doubly linked lists of free chunks are whole, which needs no list to be followed: as the chunks come by their
/// addresses, each adds its link forward to one sum and its link back to another.
///
/// A link forward from one to another is a link back from that one where a list is whole. So of whole lists the links forward are
/// the links back, and the sums of their hashes are equal; of others they are not, but by a chance of 1 in 2^64. A ring that no
/// bin is in is whole, too.
struct BinLinks {
  /// The number of chunks that were added.
  private(set) var chunkCount: UInt64 = 0
  private var (forward, back): (UInt64, UInt64) = (0, 0)
  private var areKnown = true

  /// Adds a free chunk.
  mutating func add(chunk: Address, next: UInt64?, previous: UInt64?) {
    chunkCount &+= 1
    add(chunk, next: next, previous: previous)
  }

  /// Adds a chunk, or the head of a bin. A link that is nil was not read.
  mutating func add(_ place: Address, next: UInt64?, previous: UInt64?) {
    guard let next, let previous else { return areKnown = false }
    forward &+= Self.hash(from: place.rawValue, to: next)
    back &+= Self.hash(from: previous, to: place.rawValue)
  }

  /// Whether every link forward is a link back.
  var areWhole: Bool { areKnown && forward == back }

  /// A hash of an ordered pair, by the last steps of MurmurHash3.
  private static func hash(from: UInt64, to: UInt64) -> UInt64 {
    var hash = from &* 0x9e37_79b9_7f4a_7c15 &+ to
    hash = (hash ^ hash &>> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash &>> 33) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash &>> 33
  }
}
