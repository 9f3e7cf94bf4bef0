/// The malloc of the GNU C library, in the layouts that it has from glibc 2.31 to 2.44 on 64-bit machines.
struct GlibcMalloc: Allocator {
  let name = "glibc"
  let title = "glibc's malloc"
  let isWalked = true
  let granularity = Chunk.alignment
  let factNames = GlibcFigures.names
  let settingPrefixes = [
    "MALLOC_ARENA_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES",
  ]

  /// Recognises malloc by an arena. A heap without an arena, but with the name of one, only a walk can tell.
  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    var finder = try ArenaFinder(source)
    return try finder.arenas().first.map { AllocatorRecognition(self, evidence: "there is an arena at \($0.address)") }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    try GlibcWalk(source, control).run(into: &record) ? ChunkLayout() : nil
  }

  /// The state by the headers: a chunk tells its size, and the next chunk whether this one is in use.
  func state(
    of address: Address, byteCount: UInt64, in words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock.State? {
    guard byteCount < 1 << 56, let head = try words.word(at: address - Chunk.headerByteCount / 2) else { return nil }
    let chunk = Chunk(head: head)
    if chunk.isMapped {
      // Up to glibc 2.42 the chunk is all of the mapping, and has room for the word behind it, too.
      let least = byteCount + Chunk.headerByteCount / 2
      return (least..<least + pageSize + Chunk.headerByteCount / 2).contains(chunk.byteCount) ? .used : nil
    }
    // Rounded to 16; the rest of what was split is given along where it would be too small for a chunk of its own.
    let needed = (byteCount &+ 8 &+ 15) & ~15
    guard chunk.byteCount == needed || chunk.byteCount == needed + 16 else { return nil }
    guard let next = try words.word(at: address + chunk.byteCount - 8) else { return .used }
    return Chunk(head: next).isPreviousInUse ? .used : .free(.listed)
  }
}
