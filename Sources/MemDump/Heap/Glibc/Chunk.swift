/// The header of a block of glibc's malloc (`struct malloc_chunk`, malloc/malloc.c), which begins 16 bytes before what
/// malloc returned.
struct Chunk: Hashable, Sendable {
  /// How chunks are aligned, and what every size is a multiple of.
  static let alignment: UInt64 = 16
  /// The smallest chunk.
  static let smallest: UInt64 = 32
  /// Where what malloc returned begins in a chunk.
  static let headerByteCount: UInt64 = 16

  /// The word of the header, whose low bits are flags.
  var head: UInt64

  /// How many bytes it spans, its header included.
  var byteCount: UInt64 { head & ~7 }
  /// Whether the chunk before it is in use, or says so: one of a tcache or a fastbin does.
  var isPreviousInUse: Bool { head & 1 != 0 }
  /// Whether it has a mapping of its own.
  var isMapped: Bool { head & 2 != 0 }
  /// Whether it is in use and of the arena of a thread.
  var isOfThread: Bool { head & 4 != 0 }

  /// Whether an arena can hold a chunk of that header.
  var isPlausible: Bool { !isMapped && byteCount >= Self.smallest && byteCount % Self.alignment == 0 }
  /// Whether it is a mark at the end of a stretch of an arena that goes on elsewhere (`fencepost`).
  var isFencepost: Bool { byteCount == 16 || head == 1 }

  /// The block in it, where it begins at an address. The block has the first word of the chunk behind it, too.
  func block(at start: Address) -> HeapBlock {
    HeapBlock(
      address: start + Self.headerByteCount, byteCount: byteCount - min(byteCount, Self.headerByteCount / 2),
      footprint: Range(start: start, byteCount: byteCount))
  }
}

/// Tells the size of a block by the header of its chunk.
struct ChunkLayout: BlockLayout {
  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let head = try words.word(at: start + 8), Chunk(head: head).byteCount >= Chunk.smallest else { return nil }
    return Chunk(head: head).block(at: start)
  }
}
