/// The map from pages to spans of gperftools' tcmalloc (pagemap.h): a root of words inside the variables of the module that holds
/// it, and leaves of 2^18 pages.
struct TcmallocPageMap: Hashable, Sendable {
  /// A page has `1 << pageShift` bytes.
  var pageShift: UInt64
  /// The address of the root.
  var root: Address
  /// The variables of the module that hold the root.
  var variables: Range<Address>

  private static let leafShift: UInt64 = 18
  /// The bytes of a leaf.
  static let leafByteCount: UInt64 = 8 << leafShift
  /// The sizes of pages that it can be built with (TCMALLOC_PAGE_SIZE_SHIFT), the usual one first.
  private static let pageShifts: [UInt64] = [13, 12, 15, 16, 18]

  /// A leaf has the pages of `1 << unitShift` bytes.
  var unitShift: UInt64 { pageShift + Self.leafShift }

  /// The shape of the root.
  private static func shape(_ pageShift: UInt64) -> RootTableSearch.Shape {
    let unitShift = pageShift + leafShift
    return .init(
      wordCount: 1 << Int(48 - unitShift), unitShift: unitShift, tableByteCount: leafByteCount, tableAlignment: 8)
  }

  /// The leaf with the pages of a unit; nil for none.
  func leaf(_ unit: UInt64, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    guard unit < 1 << (48 - unitShift), let leaf = try words.word(at: root + unit * 8), leaf != 0, leaf & 7 == 0,
      leaf >> 47 == 0
    else { return nil }
    return Address(leaf)
  }

  /// The span that holds the page of an address; nil where the map knows none.
  func span(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> TcmallocSpan? {
    guard address.rawValue >> 47 == 0, let leaf = try leaf(address.rawValue >> unitShift, &words) else { return nil }
    let page = address.rawValue >> pageShift
    guard let entry = try words.word(at: leaf + (page & (1 << Self.leafShift - 1)) * 8), entry != 0, entry & 7 == 0,
      let span = try TcmallocSpan(at: Address(entry), self, &words), span.holds(page: page)
    else { return nil }
    return span
  }

  /// An entry of a leaf: the number of a page, and the span that it leads to.
  struct Entry {
    var (page, span): (UInt64, UInt64)
  }

  /// The entries of a leaf that lead somewhere, in order; of those that follow each other and lead to the same, the first.
  func entries(
    of leaf: Address, _ unit: UInt64, most: Int = .max, _ words: inout WordCache
  ) throws(MemDumpError) -> [Entry] {
    var entries: [Entry] = []
    let (first, end) = (unit << Self.leafShift, leaf + Self.leafByteCount)
    var (address, last) = (leaf, UInt64(0))
    while address < end, entries.count < most {
      if let next = try words.emptyEnd(at: address) {
        (address, last) = (next.alignedUp(to: 8), 0)
        continue
      }
      let word = try words.word(at: address) ?? 0
      if word != 0, word != last, word & 7 == 0, word >> 47 == 0 {
        entries.append(Entry(page: first + (address - leaf) / 8, span: word))
      }
      last = word
      address = address + 8
    }
    return entries
  }

  /// The spans that are looked at to tell a map from other memory, and the most entries of a leaf that are read for them.
  private static let (proofCount, entryCount) = (64, 1 << 12)

  /// Finds the page map of a process; nil where it has none.
  static func find(
    in source: any MemorySource, _ memory: AnonymousMemory
  ) throws(MemDumpError) -> TcmallocPageMap? {
    var search = try RootTableSearch(source, memory)
    var words = try WordCache(source, .jumps)
    for pageShift in pageShifts {
      let found = try search.first(shape(pageShift)) { (candidate) throws(MemDumpError) in
        let map = TcmallocPageMap(pageShift: pageShift, root: candidate.root, variables: candidate.variables)
        var (seen, good) = (0, 0)
        var end: UInt64 = 0
        for entry in try map.entries(of: candidate.table, candidate.unit, most: entryCount, &words)
        where seen < proofCount && entry.page >= end {
          seen += 1
          guard let span = try TcmallocSpan(at: Address(entry.span), map, &words) else { continue }
          guard span.holds(page: entry.page), memory.contains(span.range) else { continue }
          good += 1
          // The pages within a span that was joined lead to those that it was made of, whose structures are used again.
          end = span.page + span.pageCount
        }
        return good > 0 && good * 2 >= seen
      }
      if let found {
        return TcmallocPageMap(pageShift: pageShift, root: found.root, variables: found.variables)
      }
    }
    return nil
  }
}

/// A span of gperftools' tcmalloc (span.h): a run of pages, with blocks of one class, or one large block, or free.
struct TcmallocSpan: Sendable {
  /// Where a span is.
  enum Location: UInt64, Sendable {
    /// Handed out, to a program or to the lists of a class.
    case used
    /// Free, with its memory.
    case free
    /// Free, and its memory was given back.
    case returned
  }

  /// The address of the structure.
  var address: Address
  /// The number of the first page, and of pages.
  var (page, pageCount): (UInt64, UInt64)
  /// The memory.
  var range: Range<Address>
  /// The first free block of the span's own list; 0 for none.
  var first: UInt64
  /// The number of blocks that are out of the list.
  var usedCount: UInt64
  /// The number of the size class; 0 for one large block.
  var sizeClass: Int
  /// Where the span is.
  var location: Location

  /// Reads a span; nil where there is none that can be.
  init?(at address: Address, _ map: TcmallocPageMap, _ words: inout WordCache) throws(MemDumpError) {
    guard let page = try words.word(at: address),
      let pageCount = try words.word(at: address + 8), let first = try words.word(at: address + 32),
      let bits = try words.word(at: address + 40), page >> (47 - map.pageShift) == 0, pageCount > 0,
      pageCount >> (47 - map.pageShift) == 0, let location = Location(rawValue: bits >> 24 & 3)
    else { return nil }
    let range = Range(start: Address(page << map.pageShift), byteCount: pageCount << map.pageShift)
    (self.address, self.page, self.pageCount, self.range) = (address, page, pageCount, range)
    (self.first, usedCount, sizeClass) = (first, bits & 0xffff, Int(bits >> 16 & 0xff))
    self.location = location
  }

  /// The blocks of a span in use, by the sizes of the classes; nil where it has none that can be.
  func blocks(_ byteCounts: [UInt64]) -> ExtentTable.Extent? {
    guard location == .used, sizeClass < byteCounts.count else { return nil }
    let each = sizeClass == 0 ? range.byteCount : byteCounts[sizeClass]
    let count = range.byteCount / each
    return count == 0 ? nil : .init(start: range.lowerBound, byteCount: each * count, blockByteCount: each)
  }

  /// Whether a page, by its number, is one of the span's.
  func holds(page number: UInt64) -> Bool { page <= number && number < page + pageCount }
}
