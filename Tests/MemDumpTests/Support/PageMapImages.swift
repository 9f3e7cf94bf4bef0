import ScanReferences

@testable import MemDump

extension PageMapInput {
  /// The memory of an input.
  static func memory(_ layout: Layout, _ input: [UInt8]) -> SparseMemory {
    SparseMemory(
      regions.map { Range(start: Address($0.start), byteCount: $0.byteCount) },
      names: Dictionary(
        uniqueKeysWithValues: regions.enumerated().filter { !$0.element.name.isEmpty }.map {
          ($0.offset, $0.element.name)
        }),
      contents: layout.contents(input))
  }
}

/// A heap of jemalloc, as its versions lay it out: slabs, a large block, free extents, and a thread that keeps some blocks.
struct JemallocImage {
  enum Version: CaseIterable { case v5_0, v5_2, v5_3 }

  let version: Version
  let isDeep: Bool
  private(set) var image: InputImage
  private var extentCount: UInt64 = 0

  /// The large block: it begins somewhere in its first page.
  static let large = (start: PageMapInput.heap + 0x2_0340, byteCount: 20_480 as UInt64)
  /// The blocks of 48 bytes that are free, by their numbers in their slab of 256, and those that the thread keeps.
  static let (free, cached): ([UInt64], [UInt64]) = ([3, 4, 64, 255], [0, 7])

  init(_ version: Version = .v5_3, isDeep: Bool = false) {
    (self.version, self.isDeep) = (version, isDeep)
    image = InputImage((isDeep ? PageMapInput.deepJemalloc : PageMapInput.jemalloc).parts)
    let (heap, root) = (PageMapInput.heap, PageMapInput.rootAddress)
    put(8 << 20, at: PageMapInput.structures)
    if isDeep {
      put(PageMapInput.middle, at: root + (heap >> 42) * 8)
      put(PageMapInput.leaf, at: PageMapInput.middle + (heap >> 27 & 0x7fff) * 8)
    } else {
      put(PageMapInput.leaf, at: root + (heap >> 30) * 8)
    }
    addSlab(page: 0, pages: 3, sizeClass: 3, blocks: 256, free: Self.free)
    addSlab(page: 4, pages: 1, sizeClass: 0, blocks: 512, free: Array(0..<511))
    addSlab(page: 5, pages: 7, sizeClass: 35, blocks: 2, free: [])
    // Four classes for each doubling from 64 on: 20,480 is number 37.
    add(page: 0x20, pages: 6, sizeClass: 37, state: 0, start: Self.large.start, pagesInTree: [0x20, 0x25])
    add(page: 0x10, pages: 4, sizeClass: 235, state: 1, pagesInTree: [0x10, 0x13])
    add(page: 0x14, pages: 2, sizeClass: 235, state: 2, pagesInTree: [0x14, 0x15])
    add(page: 0x16, pages: 8, sizeClass: 235, state: 3, pagesInTree: [0x16, 0x1d])
    addCache()
  }

  /// The memory of the process.
  var memory: SparseMemory {
    PageMapInput.memory(isDeep ? PageMapInput.deepJemalloc : PageMapInput.jemalloc, image.input)
  }

  /// The blocks of 48 bytes in use.
  var used: [UInt64] {
    (0..<256 as Range<UInt64>).filter { !Self.free.contains($0) && !Self.cached.contains($0) }.map { block($0) }
  }

  /// The address of a block of 48 bytes.
  func block(_ number: UInt64) -> UInt64 { PageMapInput.heap + number * 48 }

  /// The address of the structure of an extent.
  func extent(_ number: UInt64) -> UInt64 { PageMapInput.records + number * 128 }

  /// Writes a word.
  mutating func put(_ word: UInt64, at address: UInt64) { image.put(word, at: address) }

  /// Adds another slab of 48 bytes at a page, which says that it has so many free blocks beside those of its bitmap.
  mutating func addSlab(
    page: UInt64, pages: UInt64, sizeClass: UInt64, blocks: UInt64, free: [UInt64], wrongBy: UInt64 = 0
  ) {
    let number = extentCount
    add(
      page: page, pages: pages, sizeClass: sizeClass, state: 0, free: UInt64(free.count) + wrongBy, isSlab: true,
      pagesInTree: Array(page..<page + pages))
    for word in 0..<8 as Range<UInt64> {
      // What lies behind the last block is not looked at.
      let bits = (0..<64 as Range<UInt64>).reduce(UInt64(0)) { bits, bit in
        bits | (free.contains(word * 64 + bit) || word * 64 + bit >= blocks ? 1 << bit : 0)
      }
      put(bits, at: extent(number) + 64 + word * 8)
    }
  }

  /// Adds a dirty page that was a slab and still says that it is one.
  mutating func addFreed(page: UInt64) {
    add(page: page, pages: 1, sizeClass: 235, state: 1, free: 2, isSlab: true, pagesInTree: [page])
  }

  private mutating func add(
    page: UInt64, pages: UInt64, sizeClass: UInt64, state: UInt64, start: UInt64? = nil, free: UInt64 = 0,
    isSlab: Bool = false, pagesInTree: [UInt64]
  ) {
    let (stateShift, sizeShift, freeShift): (UInt64, UInt64, UInt64) =
      switch version {
      case .v5_0: (15, 17, 25)
      case .v5_2: (16, 18, 26)
      case .v5_3: (17, 20, 28)
      }
    let place = extent(extentCount)
    put(
      2 | (isSlab ? 1 << 12 : 0) | state << stateShift | sizeClass << sizeShift | free << freeShift | 7 << 44, at: place
    )
    put(start ?? PageMapInput.heap + page << 12, at: place + 8)
    put(pages << 12 | 0x5a3, at: place + 16)
    for number in pagesInTree where number < 64 {
      let entry = PageMapInput.leaf + number * (isDeep ? 16 : 8)
      put(isDeep ? place : place | sizeClass << 48 | (isSlab ? 1 : 0), at: entry)
    }
    extentCount += 1
  }

  /// The cache of a thread: 36 rows, of which that of 48 bytes has two blocks.
  private mutating func addCache() {
    put(PageMapInput.cache + 64, at: PageMapInput.data + 0x30_0000)
    var end = PageMapInput.threads + 0x1010
    for number in 0..<36 as Range<UInt64> {
      let (row, count) = (PageMapInput.cache + number * 24, number == 3 ? UInt64(Self.cached.count) : 0)
      let full = end
      end += 16
      let head = end - count * 8
      put(version == .v5_3 ? head : count << 32, at: row)
      let low = end & 0xffff
      put(version == .v5_3 ? low | (full & 0xffff) << 16 | (end & 0xffff) << 32 : end, at: row + 16)
      guard count > 0 else { continue }
      for (index, block) in Self.cached.enumerated() { put(self.block(block), at: head + UInt64(index) * 8) }
    }
  }
}

/// A heap of gperftools' tcmalloc: spans of two classes, a large block, free spans, a thread that keeps a block, and a batch of
/// two that threads share.
struct TcmallocImage {
  private(set) var image = InputImage(PageMapInput.tcmalloc.parts)
  private var spanCount: UInt64 = 0

  /// The sizes of the classes, the first of none.
  static let sizes: [UInt64] =
    [0, 8, 16] + (2...20).map { $0 * 16 } + [512, 1024, 4096, 65536, 262_144]
  /// The number of the class of 64 bytes.
  static let sizeClass: UInt64 = 5
  /// The blocks of the first span, of 128, that are in its list, that the thread has, and that threads share.
  static let (listed, cached, shared): ([UInt64], [UInt64], [UInt64]) = ([9, 2, 127], [30], [40, 41])

  init() {
    let heap = PageMapInput.heap
    put(PageMapInput.leaf, at: PageMapInput.rootAddress + (heap >> 31) * 8)
    for (number, size) in Self.sizes.enumerated() {
      image.put(UInt32(size), at: PageMapInput.data + 0x30_1000 + 4 * UInt64(number))
    }
    for number in 0..<UInt64(Self.sizes.count) {
      put(number, at: PageMapInput.data + 0x31_0000 + number * 1216)
    }
    addSpan(page: 0, pages: 1, sizeClass: Self.sizeClass, used: 125, list: Self.listed)
    addSpan(page: 1, pages: 1, sizeClass: 1, used: 1024, list: [])
    addSpan(page: 2, pages: 5, sizeClass: 0, used: 0, list: [])
    addSpan(page: 7, pages: 2, sizeClass: 0, used: 0, list: [], location: 1)
    addSpan(page: 9, pages: 4, sizeClass: 0, used: 0, list: [], location: 2)
    let list = PageMapInput.data + 0x31_0000 + Self.sizeClass * 1216
    put(image.link(Self.shared.map(block)), at: list + 120)
    put(1, at: list + 1144)
    let cache = PageMapInput.threads + 0x1000
    put(cache, at: PageMapInput.data + 0x30_0000)
    for (number, size) in Self.sizes.enumerated() {
      let row = cache + 32 * UInt64(number)
      image.put(UInt32(size), at: row + 24)
      guard number == Int(Self.sizeClass) else { continue }
      put(image.link(Self.cached.map(block)), at: row)
      put(UInt64(Self.cached.count), at: row + 8)
    }
  }

  /// The memory of the process.
  var memory: SparseMemory { PageMapInput.memory(PageMapInput.tcmalloc, image.input) }

  /// The address of a block of 64 bytes.
  func block(_ number: UInt64) -> UInt64 { PageMapInput.heap + number * 64 }

  /// The blocks of 64 bytes in use.
  var used: [UInt64] {
    (0..<128 as Range<UInt64>).filter { !(Self.listed + Self.cached + Self.shared).contains($0) }.map { block($0) }
  }

  /// Writes a word.
  mutating func put(_ word: UInt64, at address: UInt64) { image.put(word, at: address) }

  private mutating func addSpan(
    page: UInt64, pages: UInt64, sizeClass: UInt64, used: UInt64, list: [UInt64], location: UInt64 = 0
  ) {
    let place = PageMapInput.records + spanCount * 48
    put(PageMapInput.heap >> 13 + page, at: place)
    put(pages, at: place + 8)
    put(image.link(list.map(block)), at: place + 32)
    put(used | sizeClass << 16 | location << 24, at: place + 40)
    for number in sizeClass > 0 ? Array(page..<page + pages) : [page, page + pages - 1] {
      put(place, at: PageMapInput.leaf + number * 8)
    }
    spanCount += 1
  }
}
