import MemDumpTestSupport
import Testing

@testable import MemDump

/// A small heap of PHP's memory manager, byte by byte.
@Suite struct ZendTests {
  /// A chunk with blocks of 56 bytes, of which two are free, a large block of three pages, and a huge one behind it.
  struct Image {
    static let base: UInt64 = 0x7f00_0020_0000
    static let mapOffset = 544
    static let (heap, huge): (UInt64, UInt64) = (base + 64, base + ZendChunk.byteCount)
    var bytes = [UInt8](repeating: 0, count: Int(ZendChunk.byteCount) + 8192)

    init() {
      put([Self.heap, Self.base, Self.base, 512 - 5], at: Self.base)
      // The first five pages are in use.
      put([0x1f], at: Self.base + UInt64(Self.mapOffset) - 64)
      let blocks = Self.base + 4096
      // Blocks 3 and 5 are free.
      put([blocks + 5 * 56], at: blocks + 3 * 56)
      var lists = [UInt64](repeating: 0, count: 30)
      lists[6] = blocks + 3 * 56
      // The description of the huge block is a block of 56 bytes.
      put([Self.huge, 8192, 0], at: blocks)
      let (used, real): (UInt64, UInt64) = (71 * 56 + 3 * 4096 + 8192, ZendChunk.byteCount + 8192)
      put([0, 0, used, used + 512] + lists + [real, real, 1 << 40, 0, blocks, Self.base, 0], at: Self.heap)
      setPage(0, 0x4000_0001)
      setPage(1, 0x8000_0006)
      setPage(2, 0x4000_0003)
    }

    mutating func put(_ words: [UInt64], at address: UInt64) {
      for (number, word) in words.enumerated() {
        let place = Int(address - Self.base) + number * 8
        bytes.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(word))
      }
    }

    mutating func setPage(_ number: Int, _ entry: UInt32) {
      let place = Self.mapOffset + number * 4
      bytes.replaceSubrange(place..<place + 4, with: CoreBuilder.bytes(entry))
    }

    func heaps() throws -> Heaps { try HeapWalk(TestMemory([Self.base: bytes]), allocators: [ZendMM()]).run() }
  }

  @Test func everyBlockIsFound() throws {
    let memory = try TestMemory([Image.base: Image().bytes])
    let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
    let heap = try #require(heaps.all.first)
    #expect(heaps.all.count == 1 && heap.allocator.name == "zend" && heap.isClean)
    let small = try #require(heap.classes.first { $0.footprint == 56 })
    #expect(small.count == 71 && small.freeCount == 2)
    #expect(heap.classes.first { $0.footprint == 12288 }?.count == 1)
    #expect(heap.classes.first { $0.footprint == 8192 }?.count == 1)
    #expect(heap.used.byteCount == heap.facts["zend_counted_bytes"])
    #expect(heap.facts["zend_huge"] == 1 && heap.facts["zend_free_bytes"] == (512 - 5) * 4096)
    var words = try WordCache(memory)
    let inside = try #require(try heaps.block(holding: Address(Image.base + 4096 + 2 * 56 + 9), &words))
    #expect(inside.content == Range(start: Address(Image.base + 4096 + 2 * 56), byteCount: 56))
    #expect(try heaps.block(holding: Address(Image.huge + 5000), &words)?.byteCount == 8192)
    #expect(try heaps.block(holding: Address(Image.base + 100), &words) == nil)
    // The map of the chunk as it is now says the same.
    let live = try #require((heap.layout as? ExtentLayout)?.live)
    for offset in [4096, 4096 + 56, 8192] as [UInt64] {
      let start = Address(Image.base + offset)
      #expect(try live.block(at: start, in: &words)?.byteCount == heap.layout.block(at: start, in: &words)?.byteCount)
    }
    #expect(try live.block(at: Address(Image.base + 4097), in: &words) == nil)
    #expect(try live.block(at: Address(Image.base + 12288), in: &words) == nil)
  }

  /// The tables of all objects and of possible roots lead to objects and hold none; what only looks like one of them holds.
  @Test func tablesOfObjectsHoldNothing() throws {
    let (blocks, table, variables) = (Image.base + 4096, Image.base + 8192, UInt64(0x60_0000))
    var image = Image()
    for number in 1...10 as ClosedRange<UInt64> {
      image.put([number == 4 ? 9 : blocks + (number + 10) * 56], at: table + number * 8)
      // The number of the root behind ten bits of the type.
      image.put([1 | 24 << 32 | (20 - number) << 42, number | 7 << 32], at: blocks + (number + 10) * 56)
    }
    let roots = variables + 0x100
    func notes(_ image: Image, wrongRoot: UInt64 = 0) throws -> [Range<Address>] {
      var bytes = [UInt8](repeating: 0, count: 0x200)
      func put(_ word: UInt64, at place: UInt64) {
        bytes.replaceSubrange(Int(place - variables)..<Int(place - variables) + 8, with: CoreBuilder.bytes(word))
      }
      put(roots, at: variables + 0x20)
      for number in 1...10 as ClosedRange<UInt64> {
        let object = blocks + (number + 10) * 56
        put(20 - number == wrongRoot ? object + 8 : object | number & 1, at: roots + (20 - number) * 8)
      }
      let memory = try NamedMemory([(variables, bytes, "/usr/bin/php", 7), (Image.base, image.bytes, "", 0)])
      return try #require(HeapWalk(memory, allocators: [ZendMM()]).run().all.first).noteRanges
    }
    let noted = Range(start: Address(table), byteCount: 12288)
    #expect(try notes(image) == [Address(roots)..<Address(roots + 20 * 8), noted])
    #expect(try notes(image, wrongRoot: 19) == [noted])
    for wrong in [1, 9] as [UInt64] {
      var other = image
      other.put([wrong + 1], at: blocks + (wrong + 10) * 56 + 8)
      #expect(try notes(other) == [])
    }
    var short = image
    short.put([0], at: table + 9 * 8)
    #expect(try notes(short) == [])
  }

  /// A worker of PHP between two requests has a chunk, and no block.
  @Test func aHeapWithoutABlockIsOne() throws {
    var image = Image()
    for page in 1...2 { image.setPage(page, 0) }
    image.put([Image.heap, Image.base, Image.base, 511], at: Image.base)
    image.put([0x1], at: Image.base + UInt64(Image.mapOffset) - 64)
    let real = ZendChunk.byteCount
    let lists = [UInt64](repeating: 0, count: 30)
    for key in [[], [0x6b2f_93d1_0a55_e107]] as [[UInt64]] {
      image.put([0, 0, 0, 0] + key + lists + [real, real, 1 << 40, 0, 0, Image.base, 0], at: Image.heap)
      let heap = try #require(try image.heaps().all.first)
      #expect(heap.used.count == 0 && heap.isClean && heap.facts["zend_counted_bytes"] == 0)
      #expect(heap.facts["zend_free_bytes"] == 511 * 4096)
      let memory = try TestMemory([Image.base: image.bytes])
      #expect(try HeapAccount(of: heap, in: memory, process: nil).finding?.word == .kept)
    }
  }

  /// From PHP 8.4 on, a key stands behind the counts, which is no count itself.
  @Test func aKeyIsNoCount() throws {
    var image = Image()
    var words = try WordCache(TestMemory([Image.base: image.bytes]))
    let head = try (0..<41).map { try words.word(at: Address(Image.heap + UInt64($0) * 8)) ?? 0 }
    image.put(Array(head[..<4]) + [0x6b2f_93d1_0a55_e107] + head[4...], at: Image.heap)
    let heap = try #require(try image.heaps().all.first)
    #expect(heap.isClean && heap.facts["zend_counted_bytes"] == heap.used.byteCount)
  }

  /// A chunk that leads elsewhere, chunks that do not add up, and blocks that PHP does not count.
  @Test func whatContradictsItselfIsNotBelieved() throws {
    var image = Image()
    image.put([Image.heap, Image.base + 4096, Image.base], at: Image.base)
    #expect(try image.heaps().isEmpty)
    image = Image()
    image.put([1 << 30], at: Image.heap + 34 * 8)
    #expect(try image.heaps().isEmpty)
    // A huge block that is a chunk, too.
    image = Image()
    image.put([Image.base, 8192, 0], at: Image.base + 4096)
    #expect(try image.heaps().isEmpty)
    image = Image()
    image.setPage(9, 0x4000_0064)
    let heaps = try image.heaps()
    #expect(heaps.isEmpty && heaps.refusals.map(\.allocator.name) == ["zend"])
  }

  @Test func damagedHeapsEnd() throws {
    var generator = SeededGenerator(seed: 53)
    let whole = Image()
    let end = 4096 + 73 * 56
    var found = 0
    for _ in 0..<(isFullRun ? 10_000 : 40) {
      let head = Damage.some(Array(whole.bytes[..<end]), using: &generator)
      let memory = try TestMemory([Image.base: head + whole.bytes[end...]])
      let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
      if heaps.all.first?.allocator.name == "zend" { found += 1 }
      var words = try WordCache(memory)
      _ = try heaps.block(holding: Address(Image.base + 5000), &words)
    }
    #expect(found > 4)
  }
}
