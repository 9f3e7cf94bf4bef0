import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Pools of Python's pymalloc, byte by byte.
@Suite struct PymallocTests {
  private func heap(_ image: PythonImage) throws -> HeapSummary? {
    try HeapWalk(image.memory()).run().all.first { $0.allocator.name == "pymalloc" }
  }

  @Test(arguments: [16 << 10, 4 << 10] as [UInt64]) func everyBlockIsFound(poolByteCount: UInt64) throws {
    var image = PythonImage(poolByteCount: poolByteCount)
    let small = (0..<400).map { _ in image.add(32) }
    let large = (0..<40).map { _ in image.add(512) }
    for number in [3, 7, 399] { image.free(small[number]) }
    image.free(large[0])
    let heap = try #require(try heap(image))
    #expect(heap.isClean)
    #expect(heap.classes.map { [$0.footprint, $0.count, $0.freeCount] } == [[512, 39, 1], [32, 397, 3]])
    var blocks: [UInt64] = []
    try heap.forEachBlock(in: image.memory()) { (block) throws(MemDumpError) in
      blocks.append(block.address.rawValue)
      return true
    }
    let freed = [small[3], small[7], small[399], large[0]]
    #expect(blocks == (small + large).filter { !freed.contains($0) }.sorted())
    #expect(heap.facts["pymalloc_pools"] == heap.facts["pymalloc_pools_agreeing"])
    #expect(heap.facts["pymalloc_bytes"] == UInt64(image.heap.count))
  }

  /// The bins of glibc pose alike, and there are more of them.
  @Test func moreHeadsThanSizesAreNoTable() throws {
    for (heads, isTable) in [(31, false), (32, true), (64, true), (65, false), (127, false)] as [(UInt64, Bool)] {
      for unusedFirst in [false, true] {
        var image = PythonImage()
        let start = PythonInput.variablesStart + 0x100
        for number in 0..<256 as Range<UInt64> { image.put(0, at: start + number * 8) }
        for number in 0..<heads {
          let head = start + number * 16 - 16
          image.put(head, at: head + 16)
          image.put(head, at: head + 24)
        }
        // A bin of one chunk, which is at no multiple of a page.
        if unusedFirst, heads > 64 {
          let (head, chunk) = (start + 10 * 16 - 16, start + 0x900)
          for place in [head + 16, head + 24] { image.put(chunk, at: place) }
          for place in [chunk + 16, chunk + 24] { image.put(head, at: place) }
        }
        #expect(try (PythonPoolTable.find(in: image.memory()) != nil) == isTable, "\(heads)")
      }
    }
  }

  /// However the memory is cut, it is all there, in order, and no MiB is of two parts.
  @Test func memoryIsCutBetweenMebibytes() {
    let start: UInt64 = 0x7f00_0004_3000
    let sizes: [UInt64] = [
      4 << 10, 5 << 20, 64 << 10, 700 << 10, 96 << 20, 1 << 20, 4 << 10, 4 << 10, 33 << 20, 1 << 40,
    ]
    for gap in [0, 4 << 10, 1 << 20, 3 << 30] as [UInt64] {
      var memory: [Range<Address>] = []
      var place = start
      for size in sizes {
        memory.append(Address(place)..<Address(place + size))
        place += size + gap
      }
      for wanted in [1 << 20, 32 << 20, 1 << 50] as [UInt64] {
        let parts = PymallocPart.cut(memory, leastByteCount: wanted)
        #expect(parts.joined().reduce(0) { $0 + $1.byteCount } == sizes.reduce(0, +))
        #expect(Array(parts.joined()).union() == memory.union())
        #expect(parts.count <= 270 && (wanted < 1 << 50 ? parts.count > 100 : parts.count == 1))
        for (part, next) in zip(parts, parts.dropFirst()) {
          let (last, first) = (part[part.count - 1].upperBound.rawValue - 1, next[0].lowerBound.rawValue)
          #expect(last >> 20 < first >> 20)
        }
      }
    }
    #expect(PymallocPart.cut([], leastByteCount: 1 << 20) == [])
  }

  /// Several parts find what one does.
  @Test func partsFindThePoolsOfAll() throws {
    var image = PythonImage()
    for number in 0..<60_000 {
      let block = image.add(UInt64(16 + number % 12 * 16))
      if number % 9 == 0 { image.free(block) }
    }
    #expect(image.heap.count > 4 << 20)
    // With a hole, and more than an image has for the fuzz target.
    let (start, hole) = (PythonInput.heapStart, 2 << 20..<(3 << 20) + (16 << 10))
    let memory = try NamedMemory([
      (PythonInput.variablesStart, image.variables, "/srv/app", 7),
      (start, Array(image.heap[..<hole.lowerBound]), "", 0),
      (start + UInt64(hole.upperBound), Array(image.heap[hole.upperBound...]), "", 0),
    ])
    let parts = PymallocPart.cut(AnonymousMemory(memory.regions).stretches, leastByteCount: 1 << 20)
    #expect(parts.count > 4)
    let whole = try PymallocPart.all(in: memory, WorkControl())
    let found = try PymallocPart.all(in: memory, WorkControl(), leastByteCount: 1 << 20)
    #expect(found.pools.count == UInt64(image.heap.count - hole.count) >> 14 && found.pools.count == whole.pools.count)
    #expect(found.pools.ranges == whole.pools.ranges && found.pools.ranges.count == 2)
    #expect(found.pools.sizes == whole.pools.sizes && found.agreeing == whole.agreeing && found.empty == whole.empty)
    let (mine, theirs) = (try #require(found.record), try #require(whole.record))
    #expect(mine.blockCount == theirs.blockCount && mine.blocks.count == theirs.blocks.count)
    for address in stride(from: PythonInput.heapStart, to: PythonInput.heapStart + UInt64(image.heap.count), by: 4096) {
      let (mine, theirs) = (found.pools.pool(holding: Address(address)), whole.pools.pool(holding: Address(address)))
      #expect(mine?.start == theirs?.start && mine?.blockByteCount == theirs?.blockByteCount)
    }
  }

  @Test func anAddressInABlockIsTheBlocks() throws {
    var image = PythonImage()
    let block = image.add(48)
    let heaps = try HeapWalk(image.memory()).run()
    var words = try WordCache(image.memory())
    #expect(try heaps.block(using: Address(block + 47), &words)?.address == Address(block))
    #expect(try heaps.block(using: Address(block + 48), &words) == nil)
    let heap = try #require(heaps.all.first)
    #expect(try heap.layout.live.block(at: Address(block), in: &words)?.byteCount == 48)
    #expect(try heap.layout.live.block(at: Address(block + 16), in: &words) == nil)
  }

  /// A program that has pymalloc inside is known by its table, whatever its name.
  @Test func theTableTellsWithoutAName() throws {
    var image = PythonImage()
    let block = image.add(32)
    #expect(try heap(image) != nil)
    #expect(try Allocators.recognised(in: image.memory()).map(\.allocator.name) == ["pymalloc"])
    // The ring of a size that has a pool.
    let head = PythonImage.table + 16 - 16
    let pool = block & ~(16 << 10 - 1)
    image.put(pool, at: head + 16)
    image.put(pool, at: head + 24)
    image.put(head, at: pool + 16)
    image.put(head, at: pool + 24)
    #expect(try heap(image) != nil)
    for broken in [head + 16, head + 24, pool + 24] {
      var damaged = image
      damaged.put(0x1000, at: broken)
      #expect(try heap(damaged) == nil)
    }
  }

  @Test func emptyPoolsAreKept() throws {
    var image = PythonImage()
    let block = image.add(32)
    _ = image.add(64)
    image.free(block)
    let heap = try #require(try heap(image))
    #expect(heap.facts["pymalloc_empty_pools"] == 1)
    #expect(heap.used == .init(count: 1, byteCount: 64))
    #expect(heap.keptRanges.map(\.byteCount) == [16 << 10])
  }

  /// A list that leads into itself, out of its pool, between blocks, or to fewer blocks than are counted.
  @Test func listsThatDisagreeAreSaid() throws {
    var image = PythonImage()
    let blocks = (0..<60).map { _ in image.add(32) }
    image.free(blocks[4])
    image.free(blocks[9])
    for word in [blocks[9], blocks[4] + 8, blocks[4] + 1 << 20, 0, blocks[59] + 32] {
      var damaged = image
      damaged.put(word, at: blocks[9])
      let heap = try #require(try heap(damaged))
      #expect(!heap.isClean)
      #expect(heap.facts["pymalloc_pools_agreeing"] == 0)
    }
  }

  @Test func poolsThatContradictThemselvesAreRefused() throws {
    var image = PythonImage(poolByteCount: 4 << 10)
    for number in 0..<(20 * 126) {
      let block = image.add(32)
      if number % 126 == 5 { image.put(3, at: block & ~4095) }
    }
    let heaps = try HeapWalk(image.memory()).run()
    #expect(heaps.all.isEmpty)
    let refusal = try #require(heaps.refusals.first)
    #expect(refusal.allocator.name == "pymalloc")
    #expect(refusal.reason.parts.contains(.count(0, of: nil)))
  }

  @Test func flippedBitsNeitherTrapNorLoop() throws {
    let bytes = PythonImage.ofSessions(poolByteCount: 4 << 10).bytes
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<(isFullRun ? 10_000 : 300) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      let memory = try NamedMemory(PythonInput(damaged).pieces)
      let heaps = try HeapWalk(memory).run()
      for heap in heaps.all {
        #expect(heap.used.byteCount + heap.free.byteCount <= heap.walkedByteCount)
      }
      if case .found(let objects) = try PythonObjects.find(in: memory, heaps: heaps, process: nil) {
        #expect(objects.namedByteCount <= objects.total.byteCount)
      }
    }
  }
}
