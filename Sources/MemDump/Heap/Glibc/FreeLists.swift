/// The lists of free chunks that look as if in use, because the next chunk was not told: tcaches and fastbins.
///
/// Since glibc 2.32 the links of both are written as `(address of the link >> 12) ^ link` (safe-linking). A list is
/// followed as far as the links lead to chunks in use of the list's size, each of which the list takes away: so every
/// list ends, whatever the links are.
struct FreeLists: ~Copyable {
  /// The number of free chunks in tcaches.
  private(set) var cachedCount: UInt64 = 0
  private(set) var fastCount: UInt64 = 0
  private(set) var binnedCount: UInt64 = 0
  /// The number of lists that led to something that is no chunk.
  private(set) var brokenCount: UInt64 = 0

  private var words: WordCache

  init(_ source: any MemorySource) throws(MemDumpError) { words = try WordCache(source, .jumps) }

  /// The size of the chunk with the tcache of a thread (`tcache_perthread_struct`), glibc 2.30 to 2.41, in bytes.
  static let cacheByteCount: UInt64 = 0x290
  private static let cacheCount: UInt64 = 64

  /// Takes the chunks of a thread's tcache away from those in use, where the chunk is a tcache: each list has as many
  /// chunks of its size as its count says.
  mutating func takeCache(
    at chunk: Address, in record: inout HeapRecord
  ) throws(MemDumpError) {
    let start = chunk + Chunk.headerByteCount
    var lists: [(first: Address, count: UInt64, byteCount: UInt64)] = []
    for index in 0..<Self.cacheCount {
      guard let counts = try words.word(at: start + (index / 4 * 8)),
        let first = try words.word(at: start + (2 * Self.cacheCount + 8 * index))
      else { return }
      let count = counts >> (index % 4 * 16) & 0xffff
      guard (count == 0) == (first == 0), first & 15 == 0 else { return }
      guard count > 0 else { continue }
      let byteCount = Chunk.smallest + 16 * index
      guard try isUsed(Address(first) - Chunk.headerByteCount, byteCount, record) else { return }
      lists.append((Address(first) - Chunk.headerByteCount, count, byteCount))
    }
    for list in lists {
      let taken = try take(
        list.first, offset: Chunk.headerByteCount, most: list.count, list.byteCount, .cached, in: &record)
      cachedCount += taken
      if taken < list.count { brokenCount += 1 }
    }
  }

  /// Takes the chunks of an arena's fastbins away from those in use.
  mutating func takeFastbins(
    of arena: Arena, in record: inout HeapRecord
  ) throws(MemDumpError) {
    for index in 0..<Arena.fastbinCount {
      guard let first = try words.word(at: arena.fastbin(index)), first != 0 else { continue }
      let byteCount = Chunk.smallest + 16 * index
      let taken = try take(Address(first), offset: 0, most: .max, byteCount, .listed, in: &record)
      fastCount += taken
      if taken == 0 { brokenCount += 1 }
    }
  }

  /// Counts the chunks of the bins of all arenas, which are free by what the next chunks say. The lists are followed only where
  /// not all of them are whole: each of their links leads elsewhere.
  ///
  /// - Parameters:
  ///   - links: those of the free chunks.
  ///   - most: the most chunks that there can be.
  mutating func countBins(of arenas: [Arena], _ links: BinLinks, most: UInt64) throws(MemDumpError) {
    var links = links
    for arena in arenas {
      for index in 1...Arena.binCount - 1 {
        let bin = Arena.bin(index, of: arena.address)
        links.add(bin, next: try words.word(at: bin + 16), previous: try words.word(at: bin + 24))
      }
    }
    if links.areWhole {
      binnedCount = links.chunkCount
    } else {
      for arena in arenas { try followBins(of: arena, most: most) }
    }
  }

  private mutating func followBins(of arena: Arena, most: UInt64) throws(MemDumpError) {
    for index in 1...Arena.binCount - 1 {
      let bin = Arena.bin(index, of: arena.address)
      var place = try words.word(at: bin + 16).map { Address($0) } ?? bin
      var previous = bin
      while place != bin {
        guard binnedCount < most, try words.word(at: place + 24) == previous.rawValue,
          let next = try words.word(at: place + 16)
        else {
          brokenCount += 1
          break
        }
        binnedCount += 1
        (previous, place) = (place, Address(next))
      }
    }
  }

  /// Follows a list, as far as it leads to chunks in use of one size.
  ///
  /// - Parameters:
  ///   - first: the first chunk.
  ///   - offset: where in a chunk the links lead: of a tcache to what malloc returned, of a fastbin to the header.
  private mutating func take(
    _ first: Address, offset: UInt64, most: UInt64, _ byteCount: UInt64, _ reason: HeapBlock.FreeReason,
    in record: inout HeapRecord
  ) throws(MemDumpError) -> UInt64 {
    var chunk = first
    var taken: UInt64 = 0
    while taken < most, try isUsed(chunk, byteCount, record), record.free(chunk, footprint: byteCount, reason) {
      taken += 1
      let place = chunk + Chunk.headerByteCount
      guard let link = try words.word(at: place) else { break }
      let plain = Address(link ^ (place.rawValue >> 12)) - offset
      // Of a link that is written as it is, up to glibc 2.31, the high bits are those of an address.
      chunk = try isUsed(plain, byteCount, record) ? plain : Address(link) - offset
    }
    return taken
  }

  private mutating func isUsed(
    _ chunk: Address, _ byteCount: UInt64, _ record: borrowing HeapRecord
  ) throws(MemDumpError) -> Bool {
    guard record.isUsed(chunk), let head = try words.word(at: chunk + 8) else { return false }
    return Chunk(head: head).byteCount == byteCount
  }
}
