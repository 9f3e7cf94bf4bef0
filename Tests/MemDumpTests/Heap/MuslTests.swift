import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Heaps of musl's mallocng, byte by byte.
@Suite struct MuslTests {
  private func blocks(_ heap: HeapSummary, _ memory: any MemorySource) throws -> [HeapBlock] {
    var blocks: [HeapBlock] = []
    try heap.forEachBlock(in: memory) { (block) throws(MemDumpError) in
      blocks.append(block)
      return true
    }
    return blocks
  }

  /// The secret is two words further from the areas where the size of a page is a variable.
  @Test(arguments: [56, 64] as [UInt64]) func everyBlockIsFound(distance: UInt64) throws {
    let image = MuslImage(distance: distance)
    let memory = try image.memory()
    let heap = try #require(try HeapWalk(memory).run().all.first)
    #expect(heap.allocator.name == "musl")
    #expect(heap.isClean)
    let found = try blocks(heap, memory)
    #expect(found.map(\.address.rawValue) == image.blocks.map(\.address))
    #expect(found.map(\.byteCount) == image.blocks.map(\.byteCount))
    // The slot that holds the small group is neither in use nor free.
    #expect(heap.classes.map { [$0.footprint, $0.count, $0.freeCount] } == [[400, 2, 2], [48, 3, 1]])
    #expect(heap.facts["musl_groups"] == 2)
    #expect(heap.facts["musl_blocks_agreeing"] == 5)
    #expect(heap.facts["musl_requested_bytes"] == image.blocks.reduce(0) { $0 + $1.byteCount })
    #expect(heap.ownRanges == [Range(start: Address(MuslInput.area), byteCount: 4096)])
    #expect(heap.ranges.contains(Range(start: Address(MuslInput.group), byteCount: 16 + 5 * 400)))
    #expect(heap.description.lines.contains { $0.text.parts.contains(.text(", as malloc counts")) })
    #expect(try Allocators.recognised(in: memory).map(\.allocator.name) == ["musl"])
  }

  /// An address in the middle of a block is the block's.
  @Test func theInnermostBlockIsTold() throws {
    let image = MuslImage()
    let memory = try image.memory()
    let heaps = try HeapWalk(memory).run()
    var words = try WordCache(memory)
    for (address, byteCount) in image.blocks {
      let block = try heaps.block(using: Address(address + byteCount - 1), &words)
      #expect(block?.address == Address(address))
      #expect(try heaps.block(using: Address(address + byteCount), &words) == nil)
    }
  }

  /// Without what the walk has noted: as malloc finds what it frees.
  @Test func aBlockLeadsToItsGroup() throws {
    let image = MuslImage()
    let memory = try image.memory()
    let heap = try #require(try HeapWalk(memory).run().all.first)
    var words = try WordCache(memory)
    for (address, byteCount) in image.blocks {
      let block = try #require(try heap.layout.live.block(at: Address(address), in: &words))
      #expect((block.address, block.byteCount) == (Address(address), byteCount))
      #expect(try heap.layout.live.block(at: Address(address + 16), in: &words) == nil)
    }
  }

  @Test func countsOfMallocThatDifferAreTold() throws {
    var image = MuslImage()
    image.put(6, at: MuslInput.data + 64 + 56 + 24 + 8 * 48 + 8 * 14)
    let heap = try #require(try HeapWalk(image.memory()).run().all.first)
    #expect(heap.description.lines.contains { $0.text.parts.contains(.text(", which malloc counts otherwise")) })
  }

  /// A group that does not lead back, and headers that are those of another layout.
  @Test func whatContradictsItselfIsRefused() throws {
    var image = MuslImage()
    image.put(MuslInput.area, at: MuslInput.group)
    #expect(try HeapWalk(image.memory()).run().refusals.map(\.allocator.name) == ["musl"])
    var other = MuslImage()
    for (address, _) in other.blocks { other.put(0, at: address - 8) }
    let heaps = try HeapWalk(other.memory()).run()
    #expect(heaps.isEmpty)
    #expect(heaps.refusals.map(\.allocator.name) == ["musl"])
  }

  /// Another secret in the meta area: there is no heap.
  @Test func theSecretIsTheProof() throws {
    var image = MuslImage()
    image.put(1, at: MuslInput.area)
    let heaps = try HeapWalk(image.memory()).run()
    #expect(heaps.isEmpty)
    #expect(heaps.refusals.isEmpty)
  }

  @Test func tenThousandDamagedHeaps() throws {
    var generator = SeededGenerator(seed: 121)
    var (walked, refused) = (0, 0)
    let image = MuslImage().image.input
    for _ in 0..<(isFullRun ? 10_000 : 1000) {
      let memory = try NamedMemory(MuslInput.memory(Damage.some(image, using: &generator)))
      let heaps = try HeapWalk(memory).run()
      if !heaps.refusals.isEmpty { refused += 1 }
      guard let heap = heaps.all.first else { continue }
      walked += 1
      let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
      #expect(heap.used.byteCount <= total)
      #expect(try blocks(heap, memory).count <= heap.used.count)
    }
    #expect(walked > 100)
    #expect(refused > 50)
  }
}
