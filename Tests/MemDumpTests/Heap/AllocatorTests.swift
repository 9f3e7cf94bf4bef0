import MemDumpTestSupport
import Testing

@testable import MemDump

/// An allocator that the library does not know goes all the way: walked, told, traced, compared. Nothing outside its own file
/// knows of it.
@Suite struct AllocatorTests {
  private static let module: UInt64 = 0x7b00_0000_0000

  /// An arena of the toy, and a module whose variables have these words.
  private func memory(
    _ arena: ToyArena, variables: [UInt64: UInt64] = [:],
    besides: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = []
  ) throws -> NamedMemory {
    var data = [UInt8](repeating: 0, count: 4096)
    for (place, word) in variables { data.replaceSubrange(Int(place)..<Int(place) + 8, with: CoreBuilder.bytes(word)) }
    return try NamedMemory([arena.mapping, (Self.module, data, "/opt/none/module.so", 9)] + besides)
  }

  @Test func itsHeapIsWalked() throws {
    var arena = ToyArena()
    for number in 0..<40 as Range<UInt8> {
      arena.add(24, content: [2, 0, 0x1f, 0x90, 10, 1, 2, number + 1] + [UInt8](repeating: 0, count: 8))
      arena.add(104, content: Array("event-\(number) of user".utf8))
    }
    arena.add(24, flags: 0)
    arena.add(24, flags: ToyAllocator.isCached)
    let memory = try memory(arena)
    let heap = try #require(try HeapWalk(memory, allocators: Allocators.all + [ToyAllocator()]).run().all.first)
    #expect(heap.allocator.name == "toy")
    #expect(heap.isClean)
    #expect(heap.classes.map { [$0.footprint, $0.count, $0.freeCount] } == [[112, 40, 0], [32, 40, 2]])
    #expect(heap.used == .init(count: 80, byteCount: 40 * 144))
    #expect(heap.free == .init(count: 2, byteCount: 64))
    #expect(heap.freeCounts == [.cached: 1, .listed: 1])
    #expect(heap.ranges == [Range(start: Address(ToyArena.start), byteCount: 1 << 16)])
    #expect(heap.ownRanges == [Range(start: Address(ToyArena.start), byteCount: 16)])
    #expect(try heap.samples(in: memory).map { $0?.text } == ["event-# of user", "10.1.2.1:8080"])
    #expect(try HeapWalk(memory).run().isEmpty)
  }

  @Test func whatBreaksIsSaid() throws {
    var arena = ToyArena()
    arena.add(24)
    let broken = arena.add(24)
    arena.put(0x4141_4141_4141_4141, at: broken - 8)
    let heap = try #require(try HeapWalk(memory(arena), allocators: [ToyAllocator()]).run().all.first)
    #expect(!heap.isClean)
    #expect(heap.breaks.map(\.address) == [Address(broken - 8)])
    #expect(heap.walkedByteCount + heap.skippedByteCount == 1 << 16)
  }

  @Test func itsBlocksAreTracedToAVariable() throws {
    var arena = ToyArena()
    let node = arena.add(24)
    let block = arena.add(1000)
    arena.add(24)
    // The last word of a block is its own, and what follows is the head of the next one.
    arena.put(block + 999, at: node + 16)
    let memory = try memory(arena, variables: [0x40: node])
    let heaps = try HeapWalk(memory, allocators: [ToyAllocator()]).run()
    var search = try ReferenceSearch(memory, heaps: heaps)
    let references = try #require(try search.references(toBlocksOfSizes: [1008]).first)
    #expect(references.rows.map(\.chain) == [[1008, 32]])
    #expect(references.rows.map(\.address) == [Address(Self.module + 0x40)])
    #expect(references.rows.map(\.example) == [Address(block)])
    let held = HeapBlock(
      address: Address(block), byteCount: 1000, footprint: Address(block - 8)..<Address(block + 1000))
    #expect(try search.references(to: Address(block + 5)).subject == .block(Address(block + 5), held))
    #expect(try search.references(to: Address(block - 3)).subject == .block(Address(block - 3), held))
    arena.put(block + 1000, at: node + 16)
    let next = try self.memory(arena, variables: [0x40: node])
    var other = try ReferenceSearch(next, heaps: HeapWalk(next, allocators: [ToyAllocator()]).run())
    #expect(try other.references(toBlocksOfSizes: [1008]).first?.traced == 0)
  }

  @Test func whatThereIsMoreOfIsTold() throws {
    var arena = ToyArena()
    arena.add(104)
    let before = try MemoryProfile(memory(arena), allocators: [ToyAllocator()])
    for _ in 0..<100 { arena.add(104) }
    let after = try MemoryProfile(memory(arena), allocators: [ToyAllocator()])
    let growth = after.growth(since: before, minimum: 1)
    #expect(growth.map(\.kind) == [.chunkSize])
    #expect(growth.map(\.after.count) == [101])
    #expect(growth.map(\.byteCount) == [100 * 112])
  }

  @Test func poolsInMemoryThatItFreedAreLeftOut() throws {
    var image = PoolImage(base: 0x55_5555_0000)
    let pools = (0..<3).map { _ in image.addPool()[0] }
    for pool in pools { image.set(pool - 8, [512 | ToyAllocator.isUsed]) }
    image.set(pools[1] - 8, [512])
    let memory = try TestMemory([image.base: image.bytes])
    let owner = NginxPools(allocators: [GlibcMalloc(), ToyAllocator()])
    let list = try PoolSearch(owner).run(memory).list
    #expect(list.pools.map(\.address.rawValue) == [pools[0], pools[2]])
    #expect(list.freedCount == 1)
    #expect(try PoolSearch(NginxPools(allocators: [])).run(memory).list.pools.count == 3)
  }

  /// The memory of a process with a heap of glibc's and one of the toy, and blocks of 32 bytes in both.
  private func memoryOfTwo(toys: Int = 1, variables: [UInt64: UInt64] = [:]) throws -> (NamedMemory, block: UInt64) {
    var builder = HeapBuilder()
    builder.add(1040, count: 10)
    builder.add(32, count: 3)
    builder.close()
    var arena = ToyArena()
    let block = arena.add(1000)
    for _ in 0..<toys { arena.add(24) }
    let known = try builder.memory()
    let memory = try memory(
      arena, variables: variables.isEmpty ? [0x40: block] : variables,
      besides: zip(known.contents, known.regions).map {
        ($0.start, $0.bytes, String(decoding: $1.name, as: UTF8.self), Int($1.inode))
      })
    return (memory, block)
  }

  @Test func everyHeapIsWalkedTheLargestFirst() throws {
    let (memory, block) = try memoryOfTwo()
    for list in [Allocators.all + [ToyAllocator()], [ToyAllocator()] + Allocators.all] {
      let heaps = try HeapWalk(memory, allocators: list).run()
      #expect(heaps.all.map(\.allocator.name) == ["glibc", "toy"])
      #expect(
        heaps.walkOrder.map { heaps.all[$0].allocator.name }
          == list.reversed().map(\.name).filter(["glibc", "toy"].contains))
      #expect(heaps.used?.count == heaps.all.reduce(0) { $0 + $1.used.count })
      #expect(heaps.classes.first { $0.footprint == 32 }?.count == 4)
      #expect(try Allocators.others(than: heaps, in: memory, among: list).isEmpty)
      var words = try WordCache(memory)
      #expect(try heaps.block(holding: Address(block + 7), &words)?.address == Address(block))
      let first = try #require(heaps.all[0].classes.first?.samples.addresses.first)
      #expect(try heaps.block(holding: first, &words)?.footprint.byteCount == 1040)
      var starts: [Address] = []
      try heaps.forEachBlock { (start, number) throws(MemDumpError) in
        #expect(heaps.all[number].blocks.contains(start))
        starts.append(start)
        return true
      }
      #expect(UInt64(starts.count) == heaps.used?.count)
      #expect(starts == starts.sorted())
    }
  }

  @Test func blocksOfAllHeapsAreTracedAndTold() throws {
    let (memory, block) = try memoryOfTwo()
    let heaps = try HeapWalk(memory, allocators: Allocators.all + [ToyAllocator()]).run()
    var search = try ReferenceSearch(memory, heaps: heaps)
    let classes = [
      BlockClass(footprint: 32), BlockClass(of: "toy", footprint: 32), BlockClass(of: "toy", footprint: 1008),
    ]
    let found = try search.references(toBlocksOf: classes)
    #expect(found.map(\.count) == [4, 1, 1])
    #expect(found[2].rows.map(\.address) == [Address(Self.module + 0x40)])
    var lookup = try AddressLookup(memory, heaps: heaps)
    #expect(
      try lookup.place(of: Address(block + 8))?.use
        == .block(
          HeapBlock(address: Address(block), byteCount: 1000, footprint: Address(block - 8)..<Address(block + 1000)),
          offset: 8))
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    #expect(holdings.total.count == heaps.used?.count)
    #expect(holdings.rows.first?.amount == .init(count: 1, byteCount: 1008))
    let profile = heaps.profile(heaps.all.map { $0.classes.map { _ in nil } })
    #expect(profile.total(ofType: 0) == heaps.used?.count)
  }

  /// A size says whose it is where there are several heaps.
  @Test func theHeapThatGrowsIsTold() throws {
    let list = Allocators.all + [ToyAllocator()]
    let before = try MemoryProfile(memoryOfTwo().0, allocators: list)
    let after = try MemoryProfile(memoryOfTwo(toys: 200).0, allocators: list)
    let growth = after.growth(since: before, minimum: 1)
    #expect(growth.map(\.blockClass) == [BlockClass(of: "toy", footprint: 32)])
    #expect(growth.map(\.heapTitle) == ["the toy"])
    #expect(growth.map(\.after.count) == [200])
  }

  @Test func factsHaveOneOrderWhateverThereIs() throws {
    let names: [AllocatorFact.Name] = [
      "tcache_chunks", "fastbin_chunks", "bin_chunks", "top_bytes", "mapped_chunks", "mapped_bytes",
      "mapped_chunks_expected", "arenas", "main_arena", "walked_bytes", "skipped_bytes", "missing_bytes", "breaks",
      "first_break", "broken_lists", "unwalked_arenas", "trim_threshold", "mmap_threshold", "arena_max",
      "jemalloc_slabs", "jemalloc_slabs_agreeing", "jemalloc_large",
      "jemalloc_dirty_bytes", "jemalloc_muzzy_bytes", "jemalloc_retained_bytes", "jemalloc_caches",
      "jemalloc_cached_bytes", "jemalloc_own_bytes", "tcmalloc_spans", "tcmalloc_spans_agreeing", "tcmalloc_large",
      "tcmalloc_free_bytes",
      "tcmalloc_returned_bytes", "tcmalloc_caches", "tcmalloc_cached_bytes", "tcmalloc_shared_bytes", "mimalloc_pages",
      "mimalloc_pages_agreeing", "mimalloc_thread_freed", "go_spans", "go_unswept_spans", "go_stack_bytes",
      "musl_groups", "musl_blocks_agreeing",
      "musl_requested_bytes", "zend_heaps", "zend_chunks", "zend_cached_chunks", "zend_huge", "zend_free_bytes",
      "zend_counted_bytes", "pymalloc_bytes", "pymalloc_pools", "pymalloc_pools_agreeing", "pymalloc_empty_pools",
    ]
    let none = Allocators.facts(of: Heaps(), [])
    #expect(none.map(\.name) == names)
    #expect(none.allSatisfy { $0.value == nil })
    var arena = ToyArena()
    arena.add(24)
    let list = Allocators.all + [ToyAllocator()]
    let facts = Allocators.facts(of: try HeapWalk(memory(arena), allocators: list).run(), [], among: list)
    #expect(facts.map(\.name) == names + ["toy_arenas", "toy_top_bytes"])
    #expect(
      facts.filter { $0.value != nil }.map(\.name.description).sorted() == [
        "breaks", "mapped_bytes", "mapped_chunks", "skipped_bytes", "toy_arenas", "toy_top_bytes", "walked_bytes",
      ])
    #expect(facts["walked_bytes"] == 1 << 16)
    var builder = HeapBuilder()
    builder.add(1040)
    builder.close()
    let heap = try #require(try HeapWalk(builder.memory()).run().all.first)
    #expect(Set(heap.facts.map(\.name)).subtracting(names) == [])
  }

  @Test func signsTellOfAllocatorsThatAreNotWalked() throws {
    let page = [UInt8](repeating: 0, count: 4096)
    func named(_ names: [String], program: String = "") throws -> [String] {
      var text = page
      text.replaceSubrange(100..<100 + program.utf8.count, with: Array(program.utf8))
      let files = names.enumerated().map {
        (start: 0x7f00_0000_0000 + UInt64($0.offset) << 20, bytes: page, name: $0.element, inode: 7)
      }
      let memory = try NamedMemory([(0x5555_0000_0000, text, "/usr/bin/some", 5)] + files)
      return try Allocators.others(than: HeapWalk(memory).run(), in: memory).map {
        "\($0.allocator.name): \($0.evidence)"
      }
    }
    #expect(try named(["/lib/libc.so.6"]) == [])
    #expect(
      try named(["/opt/libtcmalloc_minimal.so.4", "/lib/libjemalloc.so.2"]) == [
        "jemalloc: libjemalloc.so.2 is mapped", "tcmalloc: libtcmalloc_minimal.so.4 is mapped",
      ])
    #expect(try named(["/lib/ld-musl-x86_64.so.1"]) == ["musl: ld-musl-x86_64.so.1 is mapped"])
    // Debian's has another name, but the program names the loader; what is static has a message of its own.
    for text in ["/lib/ld-musl-", "No error information"] {
      let libraries = ["/usr/lib/x86_64-linux-musl/libc.so"]
      #expect(try named(libraries, program: text) == ["musl: its program has the text \"\(text)\""])
    }
    #expect(try named([], program: " Go buildinf:") == ["go: its program has the text \" Go buildinf:\""])
    #expect(try named([], program: "<jemalloc>: ").count == 1)
    #expect(try named(["/usr/lib/libpython3.13.so"]) == ["pymalloc: libpython3.13.so is mapped"])
  }
}
