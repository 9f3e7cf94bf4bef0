import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Heaps of mimalloc, byte by byte.
@Suite struct MimallocTests {
  private func blocks(_ heap: HeapSummary, _ memory: any MemorySource) throws -> [HeapBlock] {
    var blocks: [HeapBlock] = []
    try heap.forEachBlock(in: memory) { (block) throws(MemDumpError) in
      blocks.append(block)
      return true
    }
    return blocks
  }

  private func walk(_ image: MimallocImage) throws -> Heaps { try HeapWalk(image.memory()).run() }

  @Test(arguments: MimallocImage.Version.allCases) func everyBlockIsFound(version: MimallocImage.Version) throws {
    let image = MimallocImage(version)
    let memory = try image.memory()
    let heap = try #require(try HeapWalk(memory).run().all.first)
    let used = image.used
    #expect(heap.allocator.name == "mimalloc")
    #expect(heap.isClean)
    #expect(try blocks(heap, memory).map(\.address.rawValue) == used.map(image.block))
    #expect(try blocks(heap, memory).allSatisfy { $0.byteCount == 64 && $0.footprint == $0.content })
    #expect(
      heap.classes.map { [$0.footprint, $0.count, $0.freeCount] } == [
        [64, UInt64(used.count), 24 - UInt64(used.count)]
      ])
    #expect(heap.facts["mimalloc_pages"] == 1)
    #expect(heap.facts["mimalloc_pages_agreeing"] == 1)
    #expect(heap.facts["mimalloc_thread_freed"] == (version == .v3_1 || version == .v3_4 ? 1 : 2))
    #expect(try Allocators.recognised(in: memory).map(\.allocator.name) == ["mimalloc"])
  }

  /// Without what the walk has noted: by the entry of the page, as mimalloc finds what it frees.
  @Test(arguments: MimallocImage.Version.allCases) func aBlockLeadsToItsPage(version: MimallocImage.Version) throws {
    let image = MimallocImage(version)
    let memory = try image.memory()
    let heap = try #require(try HeapWalk(memory).run().all.first)
    var words = try WordCache(memory)
    for number in 0..<MimallocImage.capacity {
      let block = try heap.layout.live.block(at: Address(image.block(number)), in: &words)
      #expect(block == HeapBlock(Address(image.block(number)), byteCount: 64))
      #expect(try heap.layout.live.block(at: Address(image.block(number) + 8), in: &words) == nil)
    }
    #expect(try heap.layout.live.block(at: Address(image.block(24)), in: &words) == nil)
  }

  @Test func whatCanBeGivenBackIsTold() throws {
    let heap = try #require(try walk(MimallocImage(.v2_1_9)).all.first)
    let segment = Address(0x7e00_0000_0000)
    #expect(heap.ownRanges == [Range(start: segment, byteCount: 1 << 16)])
    #expect(heap.ranges.contains(Range(start: segment, byteCount: 4 << 16)))
    #expect(heap.returnableRanges == [Range(start: segment + (2 << 16), byteCount: 2 << 16)])
  }

  /// As builds do that encode the lists: the first block is as it is, and what leads on is not.
  @Test(arguments: MimallocImage.Version.allCases) func encodedListsAreRefused(version: MimallocImage.Version) throws {
    var image = MimallocImage(version)
    for number in [20, 22, 21, 23, 3, 1, 7] as [UInt64] {
      image.put(0x5a17_33c9_8e20_1144 &* (number + 1), at: image.block(number))
    }
    let heaps = try walk(image)
    #expect(heaps.isEmpty)
    let reason = try #require(heaps.refusals.first?.reason)
    #expect(heaps.refusals.first?.allocator.name == "mimalloc")
    #expect(
      reason.parts.contains {
        if case .text(let text) = $0 { text.contains("secure or debug build") } else { false }
      })
  }

  /// The figures of a page and its lists do not agree: no table, and the reason.
  @Test func anotherLayoutIsRefused() throws {
    var image = MimallocImage(.v3_1)
    image.put(2 | 24 << 16 | 30 << 32, at: 0x2000_0010)
    let heaps = try walk(image)
    #expect(heaps.isEmpty)
    #expect(heaps.refusals.map(\.allocator.name) == ["mimalloc"])
  }

  /// A list that leads back into itself ends, and is told.
  @Test func aRingIsNoList() throws {
    var image = MimallocImage(.v3_4)
    image.put(image.block(20), at: image.block(23))
    #expect(try walk(image).refusals.count == 1)
  }

  @Test func tenThousandDamagedHeaps() throws {
    var generator = SeededGenerator(seed: 2109)
    var (walked, refused) = (0, 0)
    let images = MimallocImage.Version.allCases.map { MimallocImage($0).image.input }
    for round in 0..<(isFullRun ? 10_000 : 1000) {
      let input = Damage.some(images[round % images.count], using: &generator)
      let memory = try NamedMemory(MimallocInput.memory(input))
      let heaps = try HeapWalk(memory).run()
      if !heaps.refusals.isEmpty { refused += 1 }
      guard let heap = heaps.all.first else { continue }
      walked += 1
      let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
      #expect(heap.used.byteCount + heap.free.byteCount <= total)
      #expect(try blocks(heap, memory).count == heap.used.count)
    }
    #expect(walked > 100)
    #expect(refused > 100)
  }
}
