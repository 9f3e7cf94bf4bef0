import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Heaps of gperftools' tcmalloc, byte by byte.
@Suite struct TcmallocTests {
  private func blocks(_ heap: HeapSummary, _ memory: any MemorySource) throws -> [UInt64: UInt64] {
    var blocks: [UInt64: UInt64] = [:]
    try heap.forEachBlock(in: memory) { (block) throws(MemDumpError) in
      blocks[block.address.rawValue] = block.byteCount
      return true
    }
    return blocks
  }

  @Test func everyBlockIsFound() throws {
    let image = TcmallocImage()
    let memory = image.memory
    let heaps = try HeapWalk(memory).run()
    let heap = try #require(heaps.all.first, "\(heaps.refusals)")
    #expect(heaps.all.map(\.allocator.name) == ["tcmalloc"])
    #expect(heap.isClean, "\(heap.description.notes)")
    var expected = Dictionary(uniqueKeysWithValues: image.used.map { ($0, UInt64(64)) })
    for number in 0..<1024 as Range<UInt64> { expected[PageMapInput.heap + 8192 + number * 8] = 8 }
    expected[PageMapInput.heap + 2 * 8192] = 5 * 8192
    #expect(try blocks(heap, memory) == expected)
    let rows = Dictionary(uniqueKeysWithValues: heap.classes.map { ($0.footprint, [$0.count, $0.freeCount]) })
    #expect(rows == [64: [122, 6], 8: [1024, 0], 5 * 8192: [1, 0]])
    #expect(heap.freeCounts == [.cached: 1, .listed: 5])
    #expect(heap.facts["tcmalloc_spans"] == 2 && heap.facts["tcmalloc_spans_agreeing"] == 2)
    #expect(heap.facts["tcmalloc_caches"] == 1 && heap.facts["tcmalloc_cached_bytes"] == 64)
    #expect(heap.facts["tcmalloc_shared_bytes"] == 128)
    #expect(heap.facts["tcmalloc_free_bytes"] == 2 * 8192 && heap.facts["tcmalloc_returned_bytes"] == 4 * 8192)
    #expect(heap.returnableRanges == [Range(start: Address(PageMapInput.heap + 7 * 8192), byteCount: 2 * 8192)])
    #expect(try Allocators.recognised(in: memory).map(\.allocator.name) == ["tcmalloc"])
  }

  @Test func aPointerIntoABlockFindsIt() throws {
    let image = TcmallocImage()
    let memory = image.memory
    let heaps = try HeapWalk(memory).run()
    let layout = try #require(heaps.all.first?.layout)
    var words = try WordCache(memory)
    for layout in [layout, layout.live] {
      #expect(try layout.block(at: Address(image.block(10)), in: &words)?.footprint.byteCount == 64)
      #expect(try layout.block(at: Address(image.block(10) + 8), in: &words) == nil)
      #expect(try layout.block(at: Address(PageMapInput.heap + 2 * 8192), in: &words)?.byteCount == 5 * 8192)
      #expect(try layout.block(at: Address(PageMapInput.heap + 7 * 8192), in: &words) == nil)
    }
    #expect(try heaps.block(holding: Address(image.block(11) - 1), &words)?.address == Address(image.block(10)))
    #expect(try heaps.block(holding: Address(image.block(30)), &words) == nil)
  }

  /// A span whose list is longer or shorter than it says.
  @Test(arguments: [124, 126] as [UInt64]) func aHeapThatContradictsItselfIsRefused(used: UInt64) throws {
    var image = TcmallocImage()
    image.put(used | TcmallocImage.sizeClass << 16, at: PageMapInput.records + 40)
    let heaps = try HeapWalk(image.memory).run()
    #expect(heaps.isEmpty)
    #expect(
      heaps.refusals.map(\.reason) == [
        "expected as gperftools 2 has it: \(count: 50) % of \(count: 2, "span") agree with their lists"
      ])
  }

  @Test func withoutTheSizesOfClassesThereIsNoTable() throws {
    var image = TcmallocImage()
    image.put(0, at: PageMapInput.data + 0x30_1000)
    #expect(try HeapWalk(image.memory).run().refusals.map(\.allocator.name) == ["tcmalloc"])
  }

  @Test func tenThousandDamagedHeaps() throws {
    var generator = SeededGenerator(seed: 210)
    let image = TcmallocImage()
    var (walked, refused) = (0, 0)
    for _ in 0..<(isFullRun ? 10_000 : 1000) {
      let memory = PageMapInput.memory(PageMapInput.tcmalloc, Damage.some(image.image.input, using: &generator))
      var record = HeapRecord(granularity: 8)
      if let layout = try Tcmalloc().walk(memory, into: &record, WorkControl()) {
        walked += 1
        let heap = HeapSummary(record, of: Tcmalloc(), layout)
        #expect(try blocks(heap, memory).count == Int(heap.used.count))
        #expect(heap.used.byteCount <= 16 << 20)
      } else if record.refusal != nil {
        refused += 1
      }
    }
    #expect(walked > 100 && refused > 5, "\(walked) \(refused)")
  }
}
