/// A chunk of PHP's memory manager (`zend_mm_chunk`): 2 MiB in pages of 4 KiB, of which the first has a map of all of them.
enum ZendChunk {
  static let byteCount: UInt64 = 2 << 20
  static let (pageByteCount, pageCount): (UInt64, UInt64) = (4096, 512)
  /// The heap of a main chunk lies behind the chunk's own members.
  static let heapOffset: UInt64 = 64
  /// What the map of pages says of the first page: a large run of one page.
  private static let firstEntry: UInt64 = 0x4000_0001
  /// Where the map can be: behind the heap.
  private static let mapOffsets = stride(from: heapOffset + 384, to: 1600, by: 8)

  /// The sizes of small blocks, with how many blocks and pages a run of them has (zend_alloc_sizes.h).
  static let bins: [(byteCount: UInt64, blockCount: UInt64, pageCount: UInt64)] = [
    (8, 512, 1), (16, 256, 1), (24, 170, 1), (32, 128, 1), (40, 102, 1), (48, 85, 1), (56, 73, 1), (64, 64, 1),
    (80, 51, 1), (96, 42, 1), (112, 36, 1), (128, 32, 1), (160, 25, 1), (192, 21, 1), (224, 18, 1), (256, 16, 1),
    (320, 64, 5), (384, 32, 3), (448, 9, 1), (512, 8, 1), (640, 32, 5), (768, 16, 3), (896, 9, 2), (1024, 8, 2),
    (1280, 16, 5), (1536, 8, 3), (1792, 16, 7), (2048, 8, 4), (2560, 8, 5), (3072, 4, 3),
  ]

  /// The bytes of the block that a request gets.
  static func blockByteCount(for byteCount: UInt64) -> UInt64 {
    if let bin = bins.first(where: { $0.byteCount >= byteCount }) { return bin.byteCount }
    return (byteCount &+ (pageByteCount - 1)) & ~(pageByteCount - 1)
  }

  /// What an entry of the map says of a page.
  enum Page: Equatable {
    case free
    /// The first page of blocks of a size, by its number in ``bins``.
    case small(Int)
    /// A page of such blocks behind the first.
    case behind
    /// The first page of one block of so many pages.
    case large(UInt64)

    init?(_ entry: UInt32) {
      switch entry >> 30 {
      case 0: self = .free
      case 1:
        guard entry & 0x3ff > 0, UInt64(entry & 0x3ff) <= pageCount else { return nil }
        self = .large(UInt64(entry & 0x3ff))
      case 2:
        guard Int(entry & 0x1f) < bins.count else { return nil }
        self = .small(Int(entry & 0x1f))
      default: self = .behind
      }
    }
  }

  /// The chunk that an address is in.
  static func chunk(of address: Address) -> Address { Address(address.rawValue & ~(byteCount - 1)) }

  /// Where chunks have the map of their pages, a number of 32 bits for each: behind a bit for each, of which as many are not set as
  /// the chunk says that pages are free. nil where nothing agrees so.
  static func mapOffset(of chunk: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
    guard let counts = try words.word(at: chunk + 24) else { return nil }
    for offset in mapOffsets {
      guard let first = try words.word(at: chunk + offset), first & 0xffff_ffff == firstEntry else { continue }
      var freeCount: UInt64 = 0
      for word in 1...8 as ClosedRange<UInt64> {
        freeCount += UInt64((~(try words.word(at: chunk + offset - word * 8) ?? 0)).nonzeroBitCount)
      }
      if freeCount == counts & 0xffff_ffff { return offset }
    }
    return nil
  }

  /// What the map of a chunk says of a page; nil where that is not known, or can not be.
  static func page(
    _ number: UInt64, of chunk: Address, _ mapOffset: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> Page? {
    guard let pair = try words.word(at: chunk + mapOffset + (number / 2) * 8) else { return nil }
    return Page(UInt32(truncatingIfNeeded: pair >> (number % 2 * 32)))
  }
}
