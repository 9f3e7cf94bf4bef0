import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct HeapWalkTests {
  private func walk(_ builder: HeapBuilder) throws -> HeapSummary {
    try #require(try HeapWalk(builder.memory()).run().all.first)
  }

  private func row(_ size: UInt64, _ heap: HeapSummary) -> [UInt64] {
    heap.classes.filter { $0.footprint == size }.flatMap { [$0.count, $0.freeCount] }
  }

  @Test func chunksAreCountedBySize() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 500)
    builder.add(48, count: 30)
    builder.close()
    let heap = try walk(builder)
    #expect(heap.isClean)
    #expect(heap.classes.map(\.footprint) == [1040, 48])
    #expect(row(1040, heap) == [500, 0])
    #expect(row(48, heap) == [30, 0])
    #expect(heap.used == HeapSummary.Sum(count: 530, byteCount: 500 * 1040 + 30 * 48))
    #expect(heap.walkedByteCount == UInt64(builder.bytes.count))
    #expect(heap.facts["top_bytes"] == HeapBuilder.start + UInt64(builder.bytes.count) - builder.top)
    #expect(heap.allocator.name == "glibc")
    #expect(heap.facts.first { $0.name == "main_arena" }?.value == .address(Address(HeapBuilder.arena)))
    #expect(heap.ownRanges.map(\.lowerBound) == [Address(HeapBuilder.arena)])
  }

  /// Without fastbins (glibc 2.43 and later): the arena begins elsewhere, the tcache of a thread tells what there is room for, has
  /// lists of large chunks, and a chunk with a mapping of its own ends 16 bytes before that.
  @Test(arguments: [0x300, 0x310] as [UInt64]) func aHeapOfANewerLibraryIsWalked(cacheByteCount: UInt64) throws {
    var builder = HeapBuilder()
    builder.layout = .withoutFastbins
    builder.add(1040, count: 100)
    let small = (0..<3).map { _ in builder.add(64) }
    let large = builder.add(1520)
    let cache = builder.add(cacheByteCount)
    builder.close()
    var room = [UInt16](repeating: 16, count: 76)
    (room[2], room[64]) = (14, 15)
    for (number, four) in stride(from: 0, to: 76, by: 4).enumerated() {
      let word = (0..<4).reduce(0 as UInt64) { $0 | UInt64(room[four + $1]) << (UInt64($1) * 16) }
      builder.put(word, at: cache + 16 + UInt64(number) * 8)
    }
    let lists = cache + 16 + 152
    builder.put(small[0] + 16, at: lists + 2 * 8)
    for (chunk, next) in [(small[0], small[2] + 16), (small[2], 0), (large, 0)] {
      builder.put(next ^ ((chunk + 16) >> 12), at: chunk + 16)
    }
    builder.put(large + 16, at: lists + 64 * 8)
    let mapped = 0x7f10_0000_0000 as UInt64
    builder.mapped[mapped] =
      CoreBuilder.bytes(0 as UInt64) + CoreBuilder.bytes(UInt64(135_168 - 16) | 2)
      + [UInt8](repeating: 7, count: 135_168 - 16)
    let heap = try walk(builder)
    #expect(heap.facts.first { $0.name == "main_arena" }?.value == .address(Address(builder.mainArena)))
    #expect(heap.isClean && heap.facts["broken_lists"] == 0)
    #expect(row(64, heap) == [1, 2] && row(1520, heap) == [0, 1] && row(1040, heap) == [100, 0])
    #expect(row(135_152, heap) == [1, 0])
    #expect(heap.freeCounts[.cached] == 3)
    // A number that is off is none of a tcache.
    builder.put(0, at: lists + 2 * 8)
    #expect(row(64, try walk(builder)) == [3, 0])
  }

  /// A process that goes on has moved its program break, and the top with it, behind what the map says.
  @Test func aHeapThatOutgrewItsMapIsWalkedToTheEndOfIt() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 500)
    builder.close()
    builder.tellsStart = true
    let heap = try #require(try HeapWalk(builder.memory(first: 70 * 4096)).run().all.first)
    // 275 are within the map, and the last of them leads to one that is not.
    #expect(row(1040, heap) == [274, 0])
    #expect(!heap.isClean && heap.breaks.map(\.address) == [Address(HeapBuilder.start + 274 * 1040)])
    #expect(heap.facts["unwalked_arenas"] == 0)
  }

  @Test func whatIsInABinIsFree() throws {
    var builder = HeapBuilder()
    for _ in 0..<40 {
      builder.add(1040)
      builder.add(2080, isInUse: false)
    }
    builder.add(64)
    builder.close()
    let heap = try walk(builder)
    #expect(heap.isClean)
    #expect(row(2080, heap) == [0, 40])
    #expect(heap.facts["bin_chunks"] == 40)
    #expect(heap.freeCounts == [.cached: 0, .listed: 40])
    #expect(heap.free == HeapSummary.Sum(count: 40, byteCount: 40 * 2080))
  }

  /// Links forward that are no links back, each of which the list's own walk would come to, too.
  @Test(arguments: [16, 24] as [UInt64]) func aBinWhoseListIsBrokenIsSaid(link: UInt64) throws {
    var builder = HeapBuilder()
    var chunks: [UInt64] = []
    for _ in 0..<40 {
      builder.add(1040)
      chunks.append(builder.add(2080, isInUse: false))
    }
    builder.add(64)
    builder.close()
    #expect(try walk(builder).isClean)
    builder.damage[chunks[20] + link] = chunks[7]
    let heap = try walk(builder)
    #expect(!heap.isClean && heap.facts["broken_lists"] == 1)
    #expect(row(2080, heap) == [0, 40] && heap.facts["bin_chunks"] ?? 40 < 40)
  }

  /// Of any rings every link forward is a link back; of rings with one link that leads elsewhere not.
  @Test(arguments: 0..<50 as Range<UInt64>) func wholeListsAreToldFromOthers(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let places = (0..<200).map { _ in UInt64.random(in: 0..<1 << 43, using: &generator) * 16 }
    var next: [UInt64: UInt64] = [:]
    var previous: [UInt64: UInt64] = [:]
    for ring in stride(from: 0, to: 200, by: 20).map({ places[$0..<$0 + 20] }) {
      for (one, other) in zip(ring, ring.dropFirst() + [ring[ring.startIndex]]) {
        (next[one], previous[other]) = (other, one)
      }
    }
    func areWhole() -> Bool {
      var links = BinLinks()
      for place in places.sorted() { links.add(Address(place), next: next[place], previous: previous[place]) }
      return links.areWhole
    }
    #expect(areWhole())
    let (one, other) = (places[Int(seed)], places[Int(seed) + 50])
    (next[one], next[other]) = (next[other], next[one])
    #expect(!areWhole())
    (next[one], next[other]) = (next[other], next[one])
    previous[one] = nil
    #expect(!areWhole())
  }

  @Test(arguments: [true, false]) func whatIsInAFastbinIsFree(isProtected: Bool) throws {
    var builder = HeapBuilder()
    var chunks: [UInt64] = []
    for _ in 0..<200 {
      chunks.append(builder.add(48))
      builder.add(80)
    }
    builder.close()
    // Fast chunks are linked by where their headers are; see PROTECT_PTR in malloc.c.
    for (index, chunk) in chunks.enumerated() {
      let next = index + 1 < chunks.count ? chunks[index + 1] : 0
      builder.put(isProtected ? next ^ ((chunk + 16) >> 12) : next, at: chunk + 16)
    }
    builder.fastbins = [1: chunks[0]]
    let heap = try walk(builder)
    #expect(row(48, heap) == [0, 200])
    #expect(row(80, heap) == [200, 0])
    #expect(heap.facts["fastbin_chunks"] == 200)
    #expect(heap.isClean)
  }

  @Test(arguments: [true, false]) func whatIsInACacheIsFree(isProtected: Bool) throws {
    var builder = HeapBuilder()
    let cache = builder.add(0x290)
    let chunks = (0..<7).map { _ in builder.add(1040) }
    builder.add(1040, count: 20)
    builder.close()
    for (index, chunk) in chunks.enumerated() {
      let next = index + 1 < chunks.count ? chunks[index + 1] + 16 : 0
      builder.put(isProtected ? next ^ ((chunk + 16) >> 12) : next, at: chunk + 16)
    }
    // Chunks of 1040 bytes have place 63: the last count, and the last link.
    builder.put(7 << 48, at: cache + 16 + 120)
    builder.put(chunks[0] + 16, at: cache + 16 + 128 + 8 * 63)
    let heap = try walk(builder)
    #expect(row(1040, heap) == [20, 7])
    #expect(heap.facts["tcache_chunks"] == 7)
    #expect(heap.freeCounts == [.cached: 7, .listed: 0])
  }

  @Test func aListThatLeadsToItselfEnds() throws {
    var builder = HeapBuilder()
    let (first, second) = (builder.add(48), builder.add(48))
    builder.add(48, count: 10)
    builder.close()
    builder.put((second) ^ ((first + 16) >> 12), at: first + 16)
    builder.put((first) ^ ((second + 16) >> 12), at: second + 16)
    builder.fastbins = [1: first]
    let heap = try walk(builder)
    #expect(row(48, heap) == [10, 2])
  }

  @Test func aBreakIsSaidAndTheWalkGoesOn() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 100)
    let broken = builder.add(1040)
    let next = builder.add(1040)
    builder.add(1040, count: 99)
    builder.close()
    builder.put(0x4141_4141_4141_4141, at: broken + 8)
    let heap = try walk(builder)
    #expect(heap.breakCount == 1)
    // The chunk before it leads to it, so it is there that nothing agrees any more.
    #expect(
      heap.breaks == [.init(address: Address(broken - 1040), reason: .next, resumedAt: Address(next))])
    #expect(heap.skippedByteCount == 2080)
    #expect(row(1040, heap) == [199, 0])
    #expect(!heap.isClean)
  }

  /// As a process is that was stopped in the page fault of writing the head of a top that has just moved.
  @Test func aTopWithoutAHeadIsTheRest() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 500)
    builder.close()
    builder.put(0, at: builder.top + 8)
    let heap = try walk(builder)
    #expect(row(1040, heap) == [500, 0])
    #expect(heap.isClean)
    #expect(heap.facts["top_bytes"] == HeapBuilder.start + UInt64(builder.bytes.count) - builder.top)
    #expect(heap.facts["arenas"] == 1)
  }

  @Test func aHeapWithoutAnArenaIsWalkedToItsEnd() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 500)
    builder.close()
    let memory = try NamedMemory([(HeapBuilder.start, builder.bytes, "[heap]", 0)])
    let heap = try #require(try HeapWalk(memory).run().all.first)
    #expect(row(1040, heap) == [500, 0])
    #expect(heap.facts["arenas"] == 0)
    #expect(heap.breakCount == 0)
    #expect(heap.facts["top_bytes"] == HeapBuilder.start + UInt64(builder.bytes.count) - builder.top)
  }

  @Test func memoryWithoutAHeapHasNone() throws {
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    let text = Array(repeatElement(Array("there is no heap".utf8), count: 4096).joined())
    for bytes in [zeros, text] {
      let memory = try NamedMemory([
        (HeapBuilder.start, bytes, "[heap]", 0), (0x7f00_0000_0000, zeros, "/lib/libc.so.6", 7),
      ])
      let heap = try HeapWalk(memory).run().all.first
      #expect(heap == nil)
    }
  }

  @Test func contentIsTold() throws {
    var builder = HeapBuilder()
    for number in 0..<100 as Range<UInt8> {
      builder.add(48, content: [2, 0, 0x1f, 0x90, 10, 1, 2, number + 1] + [UInt8](repeating: 0, count: 8))
      builder.add(112, content: Array("event-\(number) of user".utf8))
      builder.add(80, content: CoreBuilder.bytes(0x7f00_0001_0040 as UInt64))
    }
    builder.close()
    let memory = try builder.memory()
    let heap = try #require(try HeapWalk(memory).run().all.first)
    let samples = try heap.samples(in: memory)
    #expect(samples.map { $0?.kind } == [.template, .pointer, .sockaddr])
    #expect(samples.map { $0?.text } == ["event-# of user", "libc.so.6+0x40", "10.1.2.1:8080"])
    #expect(samples.allSatisfy { $0.map { $0.count == $0.total && $0.total > 20 } ?? false })
  }

  /// A few texts, the bytes of addresses, and links left over from a free list say nothing of a class.
  @Test func whatIsNoContentIsNotTold() throws {
    // "VUUU" and two more bytes, all printable.
    let address: UInt64 = 0x5555_5555_5640
    var builder = HeapBuilder()
    for number in 0..<40 as Range<UInt64> {
      builder.add(48, content: Array((number == 7 ? "a text of its own" : "").utf8))
      builder.add(112, content: CoreBuilder.bytes(0 as UInt64) + CoreBuilder.bytes(address))
      builder.add(80, content: CoreBuilder.bytes(HeapBuilder.arena + 96))
      builder.add(64, content: Array((number % 3 == 0 ? "one of three" : "").utf8))
    }
    // Of few blocks, a text of one is by chance, and so is a short one of a single block.
    for text in ["", "[gyf<~}ltr", ""] { builder.add(944, content: Array(text.utf8)) }
    builder.add(1008, content: Array("a lone text of it".utf8))
    builder.add(1040, content: Array("[gyf<~}ltrwcX".utf8))
    // Keys that many blocks hold have a few printable bytes in a row.
    for _ in 0..<9 {
      builder.add(208, content: [0x91] + Array("-}.7S;;".utf8) + [0xe3])
      builder.add(224, content: [0x91] + Array("one line\r\n".utf8) + [0xe3])
    }
    builder.close()
    let plain = try builder.memory()
    let memory = try NamedMemory(
      zip(plain.contents, plain.regions).map {
        ($0.start, $0.bytes, String(decoding: $1.name, as: UTF8.self), Int($1.inode))
      } + [(0x5555_5555_5000, [UInt8](repeating: 0, count: 4096), "", 0)])
    let heap = try #require(try HeapWalk(memory).run().all.first)
    let texts = Dictionary(uniqueKeysWithValues: zip(heap.classes.map(\.footprint), try heap.samples(in: memory)))
    #expect(texts[48] == .some(nil) && texts[112] == .some(nil) && texts[80] == .some(nil), "\(texts)")
    #expect(texts[64]??.text == "one of three" && texts[944] == .some(nil) && texts[1008]??.text == "a lone text of it")
    #expect(texts[1040] == .some(nil) && texts[208] == .some(nil) && texts[224]??.text == "one line", "\(texts)")
    // Without that memory, it is a text like any other.
    let samples = try heap.samples(of: heap.classes.filter { $0.footprint == 112 }, in: plain, process: nil)
    #expect(samples.map { $0?.text } == ["@VUUUU"])
  }

  @Test func aShortTextEndsAsTextsDo() {
    func isEnded(_ text: String, from start: Int, behind: [UInt8]) -> Bool {
      let bytes = [UInt8](repeating: 0x91, count: start) + Array(text.utf8) + behind
      return ContentSample.isEnded(bytes, start..<start + text.utf8.count)
    }
    #expect(isEnded("order-12", from: 3, behind: [0]) && isEnded("order-12", from: 3, behind: [0x0a, 0x91]))
    #expect(!isEnded("order-12", from: 3, behind: [0x91]))
    // One that fills its block, and the rest of a longer one.
    #expect(isEnded("order-12", from: 0, behind: []) && !isEnded("server.exampl", from: 11, behind: []))
    #expect(isEnded("a text of sixteen", from: 3, behind: [0x91]))
  }

  /// Bits that are turned around at random, anywhere: whatever becomes of the heap, a walk ends, and accounts for every byte.
  @Test func aHeapInAnyStateComesToAnEnd() throws {
    var builder = HeapBuilder()
    for number in 0..<60 as Range<UInt64> {
      builder.add(32 + 16 * (number % 9))
      builder.add(1040 + 16 * (number % 5), isInUse: number % 3 != 0)
    }
    builder.add(0x290)
    builder.close()
    let memory = try builder.memory()
    let whole = memory.contents
    var generator = SeededGenerator(seed: 77)
    let rounds = isFullRun ? 10_000 : 500
    var broken = 0
    for _ in 0..<rounds {
      var contents = whole
      for _ in 0..<Int.random(in: 1...200, using: &generator) {
        let piece = Int.random(in: 0..<contents.count, using: &generator)
        let place = Int.random(in: contents[piece].bytes.indices, using: &generator)
        contents[piece].bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      let changed = try NamedMemory([
        (contents[0].start, contents[0].bytes, "[heap]", 0),
        (contents[1].start, contents[1].bytes, "/lib/libc.so.6", 7),
      ])
      guard let heap = try HeapWalk(changed).run().all.first else { continue }
      let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
      #expect(heap.walkedByteCount + heap.skippedByteCount + heap.mapped.byteCount == total)
      #expect(heap.used.byteCount + heap.free.byteCount <= total)
      if !heap.isClean { broken += 1 }
    }
    #expect(broken > rounds / 4)
  }
}
