/// A finder for the caches of threads of jemalloc (`tcache_t`), whose blocks the bitmaps of slabs call used.
///
/// A cache has a row of 24 bytes for each size class. Nothing names its place, which is in the thread-local variables of a thread:
/// a word of jemalloc's own variables leads to those of some thread, and words beside a cache to those of others, since all
/// are in a ring. Rows are known by their shape: what ends one begins the next.
struct JemallocCaches: ~Copyable {
  /// A row of a cache: where its blocks are noted, and how many.
  struct Row: Sendable {
    var items: Address
    var count: Int
  }

  /// The pages around what a pointer leads to in which rows are looked for, and the words around rows that may lead on.
  private static let (pagesBefore, pagesBehind, reach): (UInt64, UInt64, UInt64) = (1, 3, 4096)
  /// The rows that make a cache: so many agree with each other in no other memory.
  private static let leastRows = 20
  /// The bytes of a row, and the most blocks that it can have.
  private static let (rowByteCount, mostItems): (UInt64, UInt64) = (24, 4096)
  /// The most pages that are looked at for caches.
  private static let mostPages = 1 << 17

  private let memory: AnonymousMemory
  /// The memory of extents, and where these are kept: no thread has its variables there.
  private let taken: [Range<Address>]
  private let isPacked: Bool
  private var words: WordCache
  private var seen: Set<UInt64> = []

  /// - Parameters:
  ///   - taken: memory that holds no cache, in order.
  ///   - isPacked: whether rows are those of 5.3, which note places by their low 16 bits.
  init(
    _ source: any MemorySource, _ memory: AnonymousMemory, taken: [Range<Address>], isPacked: Bool
  ) throws(MemDumpError) {
    (self.memory, self.taken, self.isPacked) = (memory, taken, isPacked)
    words = try WordCache(source, .jumps)
  }

  /// The rows of each cache, by where the cache begins.
  mutating func find(from variables: Range<Address>) throws(MemDumpError) -> [Address: [Row]] {
    var found: [Address: [Row]] = [:]
    var pointers: [Address] = []
    var address = variables.lowerBound.alignedUp(to: 8)
    while variables.upperBound - address >= 8 {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let word = try words.word(at: address), isPlace(word) { pointers.append(Address(word)) }
      address = address + 8
    }
    var added = try look(around: pointers, &found)
    while !added.isEmpty {
      var next: [Address] = []
      for cache in added {
        let start = cache - Self.reach
        for offset in stride(from: 0, to: 2 * Self.reach + 512, by: 8) {
          guard let word = try words.word(at: Address(start.rawValue &+ offset)), isPlace(word) else { continue }
          next.append(Address(word))
        }
      }
      added = try look(around: next, &found)
    }
    return found
  }

  /// Whether a word can lead to the variables of a thread.
  private func isPlace(_ word: UInt64) -> Bool {
    word & 7 == 0 && word > 1 << 16 && word >> 47 == 0 && memory.stretches.index(holding: Address(word)) != nil
      && taken.index(holding: Address(word)) == nil
  }

  /// Looks for caches in the pages around some places. Returns those that are new.
  private mutating func look(
    around places: [Address], _ found: inout [Address: [Row]]
  ) throws(MemDumpError) -> [Address] {
    var pages: Set<UInt64> = []
    for place in places {
      let page = place.rawValue >> 12
      for number in page - min(page, Self.pagesBefore)..<page + Self.pagesBehind where !seen.contains(number) {
        pages.insert(number)
      }
    }
    var added: [Address] = []
    for page in pages.sorted() where seen.count < Self.mostPages {
      seen.insert(page)
      let start = Address(page << 12)
      guard memory.stretches.index(holding: start) != nil else { continue }
      var address = start
      while address < start + pageSize {
        if let rows = try rows(at: address), found[address] == nil {
          found[address] = rows
          added.append(address)
          address = address + UInt64(rows.count) * Self.rowByteCount
        } else {
          address = address + 8
        }
      }
    }
    return added
  }

  /// The rows of a cache that begins at an address; nil where none does.
  private mutating func rows(at address: Address) throws(MemDumpError) -> [Row]? {
    // Nearly everywhere a look at the first row is enough.
    guard try row(at: address) != nil, try follows(address) else { return nil }
    if address.rawValue >= Self.rowByteCount, try row(at: address - Self.rowByteCount) != nil,
      try follows(address - Self.rowByteCount)
    {
      return nil
    }
    var rows: [Row] = []
    var (place, isLast) = (address, false)
    while !isLast, let row = try row(at: place) {
      rows.append(row)
      isLast = try !follows(place)
      place = place + Self.rowByteCount
    }
    guard rows.count >= Self.leastRows else { return nil }
    if !isPacked { rows += try largeRows(behind: place) }
    return rows
  }

  /// Whether the row at an address is followed by another one of the same cache.
  private mutating func follows(_ address: Address) throws(MemDumpError) -> Bool {
    let next = address + Self.rowByteCount
    guard try row(at: next) != nil else { return false }
    guard let last = try words.word(at: address + 16), let first = try words.word(at: next + 16) else { return false }
    if isPacked { return last >> 32 & 0xffff == first >> 16 & 0xffff }
    return first > last && first - last <= Self.mostItems * 8
  }

  /// The row at an address, by itself.
  private mutating func row(at address: Address) throws(MemDumpError) -> Row? {
    guard let first = try words.word(at: address), let last = try words.word(at: address + 16) else { return nil }
    return isPacked ? Self.packed(first, last) : Self.plain(first, last)
  }

  /// A row of 5.3: the top of the stack, a count of requests, and the low 16 bits of where the stack was lowest, is full and is
  /// empty; then, from 5.3.1 on, how many it can have.
  private static func packed(_ head: UInt64, _ bits: UInt64) -> Row? {
    guard head & 7 == 0, head > 1 << 16, head >> 47 == 0 else { return nil }
    let (low, full, empty, most) = (bits & 0xffff, bits >> 16 & 0xffff, bits >> 32 & 0xffff, bits >> 48)
    let (room, count, rest) = ((empty &- full) & 0xffff, (empty &- head) & 0xffff, (empty &- low) & 0xffff)
    guard room > 0, room & 7 == 0, full & 7 == 0, most == 0 || most * 8 == room, count & 7 == 0, count <= room,
      rest & 7 == 0, rest <= room
    else { return nil }
    return Row(items: Address(head), count: Int(count / 8))
  }

  /// A row of 5.0 to 5.2: the fewest and the number of blocks now, a count of requests, and the end of the stack.
  private static func plain(_ counts: UInt64, _ end: UInt64) -> Row? {
    let (low, count) = (Int32(truncatingIfNeeded: counts), Int32(truncatingIfNeeded: counts >> 32))
    guard count >= 0, count <= mostItems, low >= -1, low <= count, end & 7 == 0, end > 1 << 16, end >> 47 == 0 else {
      return nil
    }
    return Row(items: Address(end) - UInt64(count) * 8, count: Int(count))
  }

  /// The rows of larger classes, which follow some words behind those of the small ones in 5.0 to 5.2.
  private mutating func largeRows(behind end: Address) throws(MemDumpError) -> [Row] {
    guard let top = try words.word(at: end - 8) else { return [] }
    for offset in stride(from: 0, to: 512, by: 8) as StrideTo<UInt64> {
      var (rows, place, last): ([Row], Address, UInt64) = ([], end + offset, top)
      while let row = try row(at: place), let next = try words.word(at: place + 16), next > last,
        next - last <= Self.mostItems * 8
      {
        rows.append(row)
        (place, last) = (place + Self.rowByteCount, next)
      }
      if !rows.isEmpty { return rows }
    }
    return []
  }

  /// The blocks of a row.
  mutating func blocks(of row: Row) throws(MemDumpError) -> [Address] {
    var blocks: [Address] = []
    for index in 0..<UInt64(row.count) {
      if let word = try words.word(at: row.items + index * 8) { blocks.append(Address(word)) }
    }
    return blocks
  }
}
