/// An arena of glibc's malloc (`struct malloc_state`, malloc/malloc.c), which has one layout from glibc 2.27 to 2.41 on
/// 64-bit machines.
struct Arena: Hashable, Sendable {
  /// Where it is.
  var address: Address
  /// The chunk at the end, of which new ones are cut.
  var top: Address
  /// How many bytes it has from the system.
  var systemByteCount: UInt64
  /// The arena after it in the ring of all.
  var next: Address

  /// How many bytes it spans itself.
  static let byteCount: UInt64 = 2200
  static let fastbinCount: UInt64 = 10
  static let binCount: UInt64 = 127
  private static let fastbinOffset: UInt64 = 16
  private static let topOffset: UInt64 = 96
  private static let nextOffset: UInt64 = 2160
  private static let systemOffset: UInt64 = 2184
  private static let highestSystemOffset: UInt64 = 2192

  /// Where the head of a list of fast chunks is.
  func fastbin(_ index: UInt64) -> Address { address + (Self.fastbinOffset + 8 * index) }

  /// What the lists of a bin lead back to: as if a chunk's header were there, whose fd and bk are the bin's.
  static func bin(_ index: UInt64, of address: Address) -> Address { address + (topOffset + 16 * (index - 1)) }

  /// Reads an arena; nil where there is none.
  ///
  /// Its signature are the bins: each leads to itself, being empty, or to two chunks. No other memory has 127 such pairs.
  static func read(_ address: Address, _ words: inout WordCache) throws(MemDumpError) -> Arena? {
    guard try looksLikeOne(address, &words) else { return nil }
    for index in 1...binCount - 1 {
      let bin = bin(index, of: address)
      guard let forward = try words.word(at: bin + 16), let back = try words.word(at: bin + 24) else { return nil }
      guard (forward == bin.rawValue) == (back == bin.rawValue), forward & 15 == bin.rawValue & 15 || forward & 15 == 0,
        forward != 0, back != 0
      else { return nil }
    }
    guard let top = try words.word(at: address + topOffset), top & 7 == 0, top != 0,
      let next = try words.word(at: address + nextOffset), next & 7 == 0, next != 0,
      let system = try words.word(at: address + systemOffset),
      let highest = try words.word(at: address + highestSystemOffset), system <= highest
    else { return nil }
    return Arena(address: address, top: Address(top), systemByteCount: system, next: Address(next))
  }

  /// A look that nearly all other memory fails: of the bins of the largest chunks, one at least is empty.
  private static func looksLikeOne(_ address: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    for index in [binCount - 1, binCount - 2, 120, 113, 97, 64] {
      let bin = bin(index, of: address)
      if try words.word(at: bin + 16) == bin.rawValue, try words.word(at: bin + 24) == bin.rawValue { return true }
    }
    return false
  }

  /// Whether it is of a thread: then it lies in the first of its heaps, behind the heap's header.
  var isOfThread: Bool { [32, 48].contains(address - ThreadHeap.start(of: address)) }

  /// Whether it never had a chunk: its top is still a bin's place.
  var isUnused: Bool { top == Self.bin(1, of: address) }
}
