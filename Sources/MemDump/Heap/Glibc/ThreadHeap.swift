/// A heap of the arena of a thread (`struct heap_info`, malloc/arena.c): 64 MiB that begin at a multiple of 64 MiB, of
/// which a part at the front can be used.
struct ThreadHeap: Hashable, Sendable {
  static let alignment: UInt64 = 64 << 20
  /// The most heaps that an arena can have: 4 TiB.
  private static let mostHeaps = 65536

  /// The address of the heap.
  var address: Address
  /// The previous heap of the arena; 0 for none.
  var previous: Address
  /// The memory of the chunks, from the first chunk on.
  var chunks: Range<Address>

  /// The start of the heap that an address of a thread's arena lies in.
  static func start(of address: Address) -> Address { Address(address.rawValue & ~(alignment - 1)) }

  /// The heaps of an arena, from the newest one, which chunks are cut from, back to the first, or to a broken one.
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
    let first = isFirst ? (arena.address + arena.layout.byteCount).alignedUp(to: Chunk.alignment) : start + header
    let end = start + byteCount
    guard first < end else { return nil }
    return ThreadHeap(address: start, previous: Address(previous), chunks: first..<end)
  }
}
