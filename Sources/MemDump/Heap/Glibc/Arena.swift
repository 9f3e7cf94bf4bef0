/// An arena of glibc's malloc (`struct malloc_state`, malloc/malloc.c) on 64-bit machines.
struct Arena: Hashable, Sendable {
  /// How an arena is laid out; from its top chunk on, all are alike.
  enum Layout: Hashable, Sendable {
    /// From glibc 2.27 to 2.42.
    case withFastbins
    /// From glibc 2.43 on.
    case withoutFastbins

    /// The number of fastbins.
    var fastbinCount: UInt64 { self == .withFastbins ? 10 : 0 }
    /// Where the word is that leads to the top chunk.
    var topOffset: UInt64 { self == .withFastbins ? 96 : 8 }
    /// The size of `struct malloc_state`, in bytes.
    var byteCount: UInt64 { topOffset + 2104 }
    /// What a mapping of its own has behind the end of its chunk, in bytes.
    var mappedTail: UInt64 { self == .withFastbins ? 0 : Chunk.headerByteCount }
  }

  /// The layout of the arena.
  var layout: Layout
  /// The address of the arena.
  var address: Address
  /// The top chunk, which new chunks are cut from.
  var top: Address
  /// The bytes that the arena has from the system (`system_mem`).
  var systemByteCount: UInt64
  /// The next arena in the ring of all arenas.
  var next: Address

  static let binCount: UInt64 = 127
  private static let fastbinOffset: UInt64 = 16
  /// How far behind the word of the top chunk the others stand.
  private static let (nextOffset, systemOffset, highestSystemOffset): (UInt64, UInt64, UInt64) = (2064, 2088, 2096)

  /// The address of the head of a fastbin.
  func fastbin(_ index: UInt64) -> Address { address + (Self.fastbinOffset + 8 * index) }

  /// The address that the lists of a bin lead back to: as if a chunk began there whose fd and bk are the bin's.
  func bin(_ index: UInt64) -> Address { Self.bin(index, top: address + layout.topOffset) }

  /// The same, by the place of the word of the top chunk.
  private static func bin(_ index: UInt64, top: Address) -> Address { top + 16 * (index - 1) }

  /// Reads the arena at an address; nil where there is none.
  ///
  /// The bins are the signature: each leads to itself, being empty, or to two chunks. Other memory has no such 127
  /// pairs. One of them may be in the midst of a change: malloc writes the two words one after the other.
  static func read(
    _ address: Address, _ layout: Layout, _ words: inout WordCache
  ) throws(MemDumpError) -> Arena? {
    let place = address + layout.topOffset
    guard try looksLikeOne(place, &words) else { return nil }
    var halfChanged = 0
    for index in 1...binCount - 1 {
      let bin = bin(index, top: place)
      guard let forward = try words.word(at: bin + 16), let back = try words.word(at: bin + 24) else { return nil }
      if (forward == bin.rawValue) != (back == bin.rawValue) { halfChanged += 1 }
      guard halfChanged <= 1, forward & 15 == bin.rawValue & 15 || forward & 15 == 0, forward != 0, back != 0 else {
        return nil
      }
    }
    guard let top = try words.word(at: place), top & 7 == 0, top != 0,
      let next = try words.word(at: place + nextOffset), next & 7 == 0, next != 0,
      let system = try words.word(at: place + systemOffset),
      let highest = try words.word(at: place + highestSystemOffset), system <= highest
    else { return nil }
    return Arena(
      layout: layout, address: address, top: Address(top), systemByteCount: system, next: Address(next))
  }

  /// Whether one of a few bins of large chunks is empty, or leads to a chunk that leads back: a quick test that nearly all
  /// other memory fails.
  private static func looksLikeOne(_ top: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    var chunks: [(bin: Address, first: UInt64)] = []
    for index in [binCount - 1, binCount - 2, 120, 113, 97, 64] {
      let bin = bin(index, top: top)
      guard let forward = try words.word(at: bin + 16), let back = try words.word(at: bin + 24) else { return false }
      if forward == bin.rawValue, back == bin.rawValue { return true }
      guard forward & 15 == 0, back & 15 == 0, forward != 0, back != 0 else { return false }
      chunks.append((bin, forward))
    }
    // A process that frees large chunks all the time has some in each of them.
    for (bin, first) in chunks where try words.word(at: Address(first) + 24) == bin.rawValue { return true }
    return false
  }

  /// Whether the arena is that of a thread: then it lies in the first of its heaps, behind the header of the heap.
  var isOfThread: Bool { [32, 48].contains(address - ThreadHeap.start(of: address)) }

  /// Whether the arena never had a chunk: its top is still the place of a bin.
  var isUnused: Bool { top == bin(1) }
}
