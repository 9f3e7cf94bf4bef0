/// The header of a chunk of glibc's malloc (`struct malloc_chunk`, malloc/malloc.c), which begins 16 bytes before the
/// address that malloc returned.
struct Chunk: Hashable, Sendable {
  /// The alignment of chunks, in bytes; every size of a chunk is a multiple.
  static let alignment: UInt64 = 16
  /// The size of the smallest chunk, in bytes.
  static let smallest: UInt64 = 32
  /// The distance from the start of a chunk to the address that malloc returned, in bytes.
  static let headerByteCount: UInt64 = 16

  /// The size word of the header (`mchunk_size`), whose low bits are flags.
  var head: UInt64

  /// The size of the chunk, header included, in bytes.
  var byteCount: UInt64 { head & ~7 }
  /// Whether the previous chunk is in use, or says so, as one in a tcache or a fastbin does (PREV_INUSE).
  var isPreviousInUse: Bool { head & 1 != 0 }
  /// Whether the chunk has a mapping of its own (IS_MMAPPED).
  var isMapped: Bool { head & 2 != 0 }
  /// Whether the chunk is in use and of the arena of a thread (NON_MAIN_ARENA).
  var isOfThread: Bool { head & 4 != 0 }

  /// Whether an arena can hold a chunk with this header.
  var isPlausible: Bool { !isMapped && byteCount >= Self.smallest && byteCount % Self.alignment == 0 }
  /// Whether the chunk is a fencepost: a mark at the end of a stretch of an arena that goes on elsewhere.
  var isFencepost: Bool { byteCount == 16 || head == 1 }

  /// The block in the chunk that begins at an address. The block has the first word of the next chunk, too.
  func block(at start: Address) -> HeapBlock {
    HeapBlock(
      address: start + Self.headerByteCount, byteCount: byteCount - min(byteCount, Self.headerByteCount / 2),
      footprint: Range(start: start, byteCount: byteCount))
  }
}

/// The layout that tells the size of a block by the header of its chunk.
struct ChunkLayout: BlockLayout {
  let leadByteCount = Chunk.headerByteCount

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let head = try words.word(at: start + 8), Chunk(head: head).byteCount >= Chunk.smallest else { return nil }
    return Chunk(head: head).block(at: start)
  }
}
