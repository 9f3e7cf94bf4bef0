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
  /// Of chunks that may be tcaches, which come in the order of their addresses, and seldom are any.
  private var candidates: WordCache

  init(_ source: any MemorySource) throws(MemDumpError) {
    let words = try WordCache(source, .jumps)
    candidates = try WordCache(source, .hops)
    self.words = words
  }

  /// Takes the chunks of a thread's tcache away from those in use, where the chunk is a tcache: each list has as many
  /// chunks of its size as its count says.
  mutating func takeCache(
    at chunk: Address, in record: inout HeapRecord
  ) throws(MemDumpError) {
    guard let head = try candidates.word(at: chunk + 8), let form = CacheForm.of(Chunk(head: head).byteCount),
      try form.isLikely(at: chunk, &candidates), let counts = try form.counts(at: chunk, &candidates)
    else { return }
    var lists: [(first: Address, count: UInt64, sizes: ClosedRange<UInt64>)] = []
    for (index, count) in counts.enumerated() {
      guard let first = try candidates.word(at: form.list(index, of: chunk)), (count == 0) == (first == 0),
        first & 15 == 0
      else { return }
      guard count > 0 else { continue }
      let sizes = CacheForm.sizes(index)
      guard try usedByteCount(Address(first) - Chunk.headerByteCount, sizes, record) != nil else { return }
      lists.append((Address(first) - Chunk.headerByteCount, count, sizes))
    }
    for list in lists {
      let taken = try take(
        list.first, offset: Chunk.headerByteCount, most: list.count, list.sizes, .cached, in: &record)
      cachedCount += taken
      if taken < list.count { brokenCount += 1 }
    }
  }

  /// Takes the chunks of an arena's fastbins away from those in use.
  mutating func takeFastbins(
    of arena: Arena, in record: inout HeapRecord
  ) throws(MemDumpError) {
    for index in 0..<arena.layout.fastbinCount {
      guard let first = try words.word(at: arena.fastbin(index)), first != 0 else { continue }
      let byteCount = Chunk.smallest + 16 * index
      let taken = try take(Address(first), offset: 0, most: .max, byteCount...byteCount, .listed, in: &record)
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
        let bin = arena.bin(index)
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
      let bin = arena.bin(index)
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

  /// Follows a list, as far as it leads to chunks in use of its sizes.
  ///
  /// - Parameters:
  ///   - first: the first chunk.
  ///   - offset: where in a chunk the links lead: of a tcache to what malloc returned, of a fastbin to the header.
  private mutating func take(
    _ first: Address, offset: UInt64, most: UInt64, _ sizes: ClosedRange<UInt64>, _ reason: HeapBlock.FreeReason,
    in record: inout HeapRecord
  ) throws(MemDumpError) -> UInt64 {
    var chunk = first
    var taken: UInt64 = 0
    while taken < most, let byteCount = try usedByteCount(chunk, sizes, record),
      record.free(chunk, footprint: byteCount, reason)
    {
      taken += 1
      let place = chunk + Chunk.headerByteCount
      guard let link = try words.word(at: place) else { break }
      let plain = Address(link ^ (place.rawValue >> 12)) - offset
      // Of a link that is written as it is, up to glibc 2.31, the high bits are those of an address.
      chunk = try usedByteCount(plain, sizes, record) != nil ? plain : Address(link) - offset
    }
    return taken
  }

  /// The size of a chunk in use; nil of another, and of one of no such size.
  private mutating func usedByteCount(
    _ chunk: Address, _ sizes: ClosedRange<UInt64>, _ record: borrowing HeapRecord
  ) throws(MemDumpError) -> UInt64? {
    guard record.isUsed(chunk), let head = try words.word(at: chunk + 8) else { return nil }
    let byteCount = Chunk(head: head).byteCount
    return sizes.contains(byteCount) ? byteCount : nil
  }
}

/// A form of the tcache of a thread (`tcache_perthread_struct`): numbers of 16 bits, one for each list, and then the lists.
enum CacheForm {
  /// From glibc 2.30 to 2.41: the numbers are those of the chunks.
  case counts
  /// From glibc 2.42 on: the numbers are those of the chunks that there is room for still, and lists of large chunks are behind
  /// the others, each of which has the sizes up to the next power of 2.
  case room

  /// The lists of one size each.
  private static let smallCount = 64

  /// The form of a tcache in a chunk of a size; nil for a chunk that has none.
  static func of(_ byteCount: UInt64) -> CacheForm? {
    switch byteCount {
    case 0x290: .counts
    // glibc 2.43 rounds the size up twice for all threads but the first.
    case 0x300, 0x310: .room
    default: nil
    }
  }

  private var listCount: Int { self == .counts ? Self.smallCount : Self.smallCount + 12 }

  /// Where the word of a list is.
  func list(_ index: Int, of chunk: Address) -> Address {
    chunk + Chunk.headerByteCount + UInt64(2 * listCount + 8 * index)
  }

  /// The sizes of the chunks of a list, in bytes.
  static func sizes(_ index: Int) -> ClosedRange<UInt64> {
    let small = Chunk.smallest + 16 * UInt64(index)
    if index < smallCount { return small...small }
    let first: UInt64 = 1024 << UInt64(index - smallCount)
    return first...(2 * first - 16)
  }

  /// Whether two words, the last one of the numbers and that of the first list, can be those of a tcache: most blocks of that size
  /// are none, and a program may have millions of them.
  func isLikely(at chunk: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    guard let last = try words.word(at: chunk + Chunk.headerByteCount + UInt64(2 * listCount - 8)),
      let first = try words.word(at: list(0, of: chunk))
    else { return false }
    return (self == .counts || last != 0) && first & 15 == 0 && first >> 47 == 0
  }

  /// How many chunks each list has; nil where the numbers can be none.
  func counts(at chunk: Address, _ words: inout WordCache) throws(MemDumpError) -> [UInt64]? {
    var numbers: [UInt64] = []
    numbers.reserveCapacity(listCount)
    for index in 0..<listCount {
      guard let four = try words.word(at: chunk + Chunk.headerByteCount + UInt64(index / 4 * 8)) else { return nil }
      numbers.append(four >> (UInt64(index) % 4 * 16) & 0xffff)
    }
    guard self == .room else { return numbers }
    // A list without a chunk has all the room that there is, and most lists are such.
    let most = numbers.max() ?? 0
    guard numbers.count(where: { $0 == most }) * 2 > listCount || most <= Self.mostRoom else { return nil }
    return numbers.map { most - $0 }
  }

  /// More room than any list has that was not set otherwise.
  private static let mostRoom: UInt64 = 64
}
