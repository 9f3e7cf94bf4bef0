/// The map from pages to extents of jemalloc 5 (rtree.h): a radix tree whose root is an array inside the variables of the module
/// that holds jemalloc.
struct JemallocTree: Hashable, Sendable {
  /// How the tree is built: jemalloc asks the processor that it is built on for the number of its address bits.
  enum Depth: CaseIterable, Sendable {
    /// For addresses of 48 bits: a root and leaves of 2^18 words, each with the extent and flags in one word.
    case two
    /// For addresses of 57 bits: three levels of 2^15, and leaves with two words for a page.
    case three
  }

  /// The depth of the tree.
  var depth: Depth
  /// The address of the root.
  var root: Address
  /// The variables of the module that hold the root.
  var variables: Range<Address>

  /// The bits of an entry that are an extent; the others are flags, and a size class.
  static let extentMask: UInt64 = 0xffff_ffff_ffc0

  /// The shape of the root.
  static func shape(of depth: Depth) -> RootTableSearch.Shape {
    switch depth {
    case .two: .init(wordCount: 1 << 18, unitShift: 30, tableByteCount: 1 << 21, tableAlignment: 64)
    case .three: .init(wordCount: 1 << 15, unitShift: 42, tableByteCount: 1 << 18, tableAlignment: 64)
    }
  }

  /// A leaf has the pages of `1 << unitShift` bytes.
  var unitShift: UInt64 { depth == .two ? 30 : 27 }
  /// The number of pages of a leaf.
  var pageCount: Int { 1 << Int(unitShift - 12) }
  /// The bytes of a page's entry in a leaf.
  var entryByteCount: UInt64 { depth == .two ? 8 : 16 }
  /// The bytes of a leaf.
  var leafByteCount: UInt64 { UInt64(pageCount) * entryByteCount }

  /// The leaf with the pages of a unit; nil for none.
  func leaf(_ unit: UInt64, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    let table: Address
    switch depth {
    case .two:
      guard unit < 1 << 18 else { return nil }
      table = root
    case .three:
      guard unit < 1 << 30, let middle = try words.word(at: root + (unit >> 15) * 8), Self.isTable(middle) else {
        return nil
      }
      table = Address(middle)
    }
    let index = depth == .two ? unit : unit & 0x7fff
    guard let leaf = try words.word(at: table + index * 8), Self.isTable(leaf) else { return nil }
    return Address(leaf)
  }

  private static func isTable(_ word: UInt64) -> Bool { word != 0 && word & 63 == 0 && word >> 47 == 0 }

  /// The extent that holds the page of an address; nil where the tree knows none.
  func extent(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    guard address.rawValue >> 47 == 0, let leaf = try leaf(address.rawValue >> unitShift, &words) else { return nil }
    let page = address.rawValue >> 12 & UInt64(pageCount - 1)
    guard let entry = try words.word(at: leaf + page * entryByteCount) else { return nil }
    let extent = entry & Self.extentMask
    return extent == 0 ? nil : Address(extent)
  }

  /// An extent in a leaf: the first of its pages there, and how many follow each other.
  struct Entry {
    var extent: UInt64
    var (page, count): (UInt64, UInt64)
  }

  /// The entries of a leaf that lead to something, in the order of pages; those of adjacent pages that lead to the same are one.
  func entries(
    of leaf: Address, _ unit: UInt64, most: Int = .max, _ words: inout WordCache
  ) throws(MemDumpError) -> [Entry] {
    var entries: [Entry] = []
    let (first, end) = (unit << (unitShift - 12), leaf + leafByteCount)
    var address = leaf
    while address < end, entries.count < most {
      if let next = try words.emptyEnd(at: address) {
        address = leaf + ((next - leaf) + entryByteCount - 1) / entryByteCount * entryByteCount
        continue
      }
      if let word = try words.word(at: address), word & Self.extentMask != 0 {
        let (extent, page) = (word & Self.extentMask, first + (address - leaf) / entryByteCount)
        if let last = entries.last, last.extent == extent, last.page + last.count == page {
          entries[entries.count - 1].count += 1
        } else {
          entries.append(Entry(extent: extent, page: page, count: 1))
        }
      }
      address = address + entryByteCount
    }
    return entries
  }
}

extension JemallocTree {
  /// The entries of a leaf that are looked at to tell a tree from other memory.
  private static let proofCount = 64

  /// Finds the tree of a process; nil where it has none.
  static func find(
    in source: any MemorySource, _ memory: AnonymousMemory
  ) throws(MemDumpError) -> JemallocTree? {
    var search = try RootTableSearch(source, memory)
    var words = try WordCache(source, .jumps)
    for depth in Depth.allCases {
      let found = try search.first(shape(of: depth)) { (candidate) throws(MemDumpError) in
        let tree = JemallocTree(depth: depth, root: candidate.root, variables: candidate.variables)
        return try tree.isProven(by: candidate, memory, &words)
      }
      if let found { return JemallocTree(depth: depth, root: found.root, variables: found.variables) }
    }
    return nil
  }

  /// Whether the entries of a table lead to extents that hold the pages of the entries.
  private func isProven(
    by candidate: RootTableSearch.Candidate, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    let units =
      depth == .two
      ? [candidate.unit]
      : memory.units(shift: unitShift).filter { $0 >> 15 == candidate.unit }
    var (seen, good) = (0, 0)
    for unit in units where seen < Self.proofCount {
      guard let leaf = try leaf(unit, &words), memory.room(at: leaf) >= leafByteCount else { continue }
      for entry in try entries(of: leaf, unit, most: Self.proofCount, &words) {
        seen += 1
        guard let extent = try JemallocExtent(at: Address(entry.extent), &words) else { continue }
        if extent.holds(page: entry.page) { good += 1 }
      }
    }
    return good > 0 && good * 2 >= seen
  }
}
