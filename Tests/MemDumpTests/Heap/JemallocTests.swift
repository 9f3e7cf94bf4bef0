import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Heaps of jemalloc, byte by byte.
@Suite struct JemallocTests {
  private func blocks(_ heap: HeapSummary, _ memory: any MemorySource) throws -> [UInt64: UInt64] {
    var blocks: [UInt64: UInt64] = [:]
    try heap.forEachBlock(in: memory) { (block) throws(MemDumpError) in
      blocks[block.address.rawValue] = block.byteCount
      return true
    }
    return blocks
  }

  @Test(arguments: JemallocImage.Version.allCases, [false, true])
  func everyBlockIsFound(version: JemallocImage.Version, isDeep: Bool) throws {
    let image = JemallocImage(version, isDeep: isDeep)
    let memory = image.memory
    let heaps = try HeapWalk(memory).run()
    let heap = try #require(heaps.all.first, "\(heaps.refusals)")
    #expect(heaps.all.map(\.allocator.name) == ["jemalloc"])
    #expect(heap.isClean, "\(heap.description.notes)")
    var expected = Dictionary(uniqueKeysWithValues: image.used.map { ($0, UInt64(48)) })
    expected[PageMapInput.heap + 4 << 12 + 511 * 8] = 8
    expected[PageMapInput.heap + 5 << 12] = 14336
    expected[PageMapInput.heap + 5 << 12 + 14336] = 14336
    expected[JemallocImage.large.start] = JemallocImage.large.byteCount
    #expect(try blocks(heap, memory) == expected)
    let rows = Dictionary(uniqueKeysWithValues: heap.classes.map { ($0.footprint, [$0.count, $0.freeCount]) })
    #expect(rows == [48: [250, 6], 8: [1, 511], 14336: [2, 0], 20480: [1, 0]])
    #expect(heap.freeCounts == [.cached: 2, .listed: 515])
    #expect(heap.facts["jemalloc_slabs"] == 3 && heap.facts["jemalloc_slabs_agreeing"] == 3)
    #expect(heap.facts["jemalloc_caches"] == 1 && heap.facts["jemalloc_cached_bytes"] == 96)
    #expect(heap.facts["jemalloc_dirty_bytes"] == 4 << 12 && heap.facts["jemalloc_muzzy_bytes"] == 2 << 12)
    #expect(heap.facts["jemalloc_retained_bytes"] == 8 << 12)
    #expect(heap.ownRanges == [Range(start: Address(PageMapInput.structures), byteCount: 8 << 20)])
    #expect(
      heap.returnableRanges.union() == [Range(start: Address(PageMapInput.heap + 0x10 << 12), byteCount: 6 << 12)])
    #expect(heap.walkedByteCount == (3 + 1 + 7 + 6) << 12)
    #expect(try Allocators.recognised(in: memory).map(\.allocator.name) == ["jemalloc"])
  }

  @Test(arguments: [false, true]) func aPointerIntoABlockFindsIt(isDeep: Bool) throws {
    let image = JemallocImage(isDeep: isDeep)
    let memory = image.memory
    let heaps = try HeapWalk(memory).run()
    let layout = try #require(heaps.all.first?.layout)
    var words = try WordCache(memory)
    for layout in [layout, layout.live] {
      #expect(try layout.block(at: Address(image.block(10)), in: &words)?.footprint.byteCount == 48)
      #expect(try layout.block(at: Address(image.block(10) + 8), in: &words) == nil)
      #expect(try layout.block(at: Address(JemallocImage.large.start), in: &words)?.byteCount == 20480)
      #expect(try layout.block(at: Address(PageMapInput.heap + 0x10 << 12), in: &words) == nil)
      #expect(try layout.block(at: Address(PageMapInput.heap + 0x200 << 12), in: &words) == nil)
    }
    #expect(try heaps.block(holding: Address(image.block(11) - 1), &words)?.address == Address(image.block(10)))
    #expect(try heaps.block(using: Address(JemallocImage.large.start + 20479), &words)?.byteCount == 20480)
    #expect(try heaps.block(holding: Address(image.block(3)), &words) == nil)
  }

  /// A slab whose own count is not that of its bitmap: of few, the heap is refused, and the reason is told.
  @Test func aHeapThatContradictsItselfIsRefused() throws {
    var image = JemallocImage()
    image.addSlab(page: 0x30, pages: 3, sizeClass: 3, blocks: 256, free: [1], wrongBy: 1)
    let heaps = try HeapWalk(image.memory).run()
    #expect(heaps.isEmpty)
    #expect(heaps.refusals.map(\.allocator.name) == ["jemalloc"])
    #expect(
      heaps.refusals.map(\.reason) == [
        "expected as 5.0 to 5.3 have it: \(count: 75) % of \(count: 4, "slab") agree with their bitmaps"
      ])
    let others = try Allocators.others(than: heaps, in: image.memory)
    #expect(others.map(\.allocator.name) == ["jemalloc"])
    #expect(others.first?.refusal == heaps.refusals.first?.reason)
  }

  /// Slabs that were freed may outnumber those in use: they tell no version.
  @Test(arguments: JemallocImage.Version.allCases) func whatWasASlabTellsNothing(version: JemallocImage.Version) throws
  {
    var image = JemallocImage(version)
    for page in 0x30..<0x38 as Range<UInt64> { image.addFreed(page: page) }
    let heaps = try HeapWalk(image.memory).run()
    let heap = try #require(heaps.all.first, "\(heaps.refusals)")
    #expect(heap.facts["jemalloc_slabs"] == 3 && heap.facts["jemalloc_slabs_agreeing"] == 3)
    #expect(heap.facts["jemalloc_dirty_bytes"] == 12 << 12)
  }

  /// An entry of the tree that leads to an extent with other pages is stale; a tree of such entries is none.
  @Test func entriesHaveToLeadToTheirPages() throws {
    var image = JemallocImage()
    for page in 0..<64 as Range<UInt64> where page != 5 {
      image.put(image.extent(page & 1) | 3 << 48 | 1, at: PageMapInput.leaf + page * 8)
    }
    #expect(try HeapWalk(image.memory).run().isEmpty)
    #expect(try HeapWalk(image.memory).run().refusals.isEmpty)
  }

  /// What is not zero in the root but for the numbers of units that have memory is no root.
  @Test func aRootIsNearlyEmpty() throws {
    let image = JemallocImage()
    let layout = PageMapInput.jemalloc
    let full = SparseMemory(
      PageMapInput.regions.map { Range(start: Address($0.start), byteCount: $0.byteCount) },
      names: [3: "/opt/libsome.so"],
      contents: (layout.contents(image.image.input) + [(PageMapInput.data + 0x8000, [UInt8](repeating: 1, count: 4096))])
        .sorted { $0.start < $1.start })
    #expect(try HeapWalk(full).run().isEmpty)
  }

  @Test func tenThousandDamagedHeaps() throws {
    var generator = SeededGenerator(seed: 530)
    var (walked, refused) = (0, 0)
    for number in 0..<(isFullRun ? 10_000 : 1000) {
      let image = JemallocImage(JemallocImage.Version.allCases[number % 3], isDeep: number % 2 == 0)
      let layout = image.isDeep ? PageMapInput.deepJemalloc : PageMapInput.jemalloc
      let memory = PageMapInput.memory(layout, Damage.some(image.image.input, using: &generator))
      var record = HeapRecord(granularity: 8)
      if let layout = try Jemalloc().walk(memory, into: &record, WorkControl()) {
        walked += 1
        let heap = HeapSummary(record, of: Jemalloc(), layout)
        #expect(try blocks(heap, memory).count == Int(heap.used.count), "\(number)")
        #expect(heap.used.byteCount <= 16 << 20)
      } else if record.refusal != nil {
        refused += 1
      }
    }
    #expect(walked > 50 && refused > 50, "\(walked) \(refused)")
  }
}
