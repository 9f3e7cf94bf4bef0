/// A stretch of memory of the arena of a thread (`struct heap_info`, malloc/arena.c): 64 MiB that begin at a multiple of 64
/// MiB, of which a part at the front can be used.
struct ThreadHeap: Hashable, Sendable {
  static let alignment: UInt64 = 64 << 20
  /// No arena has more heaps than this: 4 TiB.
  private static let mostHeaps = 65536

  /// Where it begins.
  var address: Address
  /// The heap before it; 0 for none.
  var previous: Address
  /// Its chunks, from the first one on.
  var chunks: Range<Address>

  /// Where the heap begins that an address would be in.
  static func start(of address: Address) -> Address { Address(address.rawValue & ~(alignment - 1)) }

  /// The heaps of an arena, from the one that it cuts from to the first one, as far as they are what they should be.
  static func heaps(of arena: Arena, _ words: inout WordCache) throws(MemDumpError) -> [ThreadHeap] {
    var heaps: [ThreadHeap] = []
    var start = start(of: arena.top)
    while start.rawValue != 0, heaps.count < mostHeaps, !heaps.contains(where: { $0.address == start }) {
      guard let heap = try read(start, of: arena, &words) else { break }
      heaps.append(heap)
      start = heap.previous
    }
    return heaps
  }

  private static func read(
    _ start: Address, of arena: Arena, _ words: inout WordCache
  ) throws(MemDumpError) -> ThreadHeap? {
    guard try words.word(at: start) == arena.address.rawValue,
      let previous = try words.word(at: start + 8), previous & (alignment - 1) == 0,
      let byteCount = try words.word(at: start + 16), byteCount <= alignment, byteCount & (pageSize - 1) == 0
    else { return nil }
    // The header has 32 bytes up to glibc 2.34 and 48 since then; the arena stands right behind that of its first heap.
    let header = arena.address - ThreadHeap.start(of: arena.address)
    let isFirst = ThreadHeap.start(of: arena.address) == start
    let first = isFirst ? (arena.address + Arena.byteCount).alignedUp(to: Chunk.alignment) : start + header
    let end = start + byteCount
    guard first < end else { return nil }
    return ThreadHeap(address: start, previous: Address(previous), chunks: first..<end)
  }
}
