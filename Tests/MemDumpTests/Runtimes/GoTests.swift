import Glibc
import MemDumpTestSupport
import Testing

@testable import MemDump
import ScanReferences

/// Goroutines, spans and a heap profile that are made byte by byte.
@Suite struct GoTests {
  private static let instant: UInt64 = 10_000_000_000

  private func goroutines(_ builder: GoBuilder) throws -> GoroutineSearch.Result {
    try GoroutineSearch(builder.memory(), process: nil, instant: Self.instant).run()
  }

  private func list(_ builder: GoBuilder) throws -> GoroutineList {
    guard case .found(let list) = try goroutines(builder) else {
      Issue.record("no goroutines: \(try goroutines(builder))")
      return GoroutineList()
    }
    return list
  }

  private static func usual() -> GoBuilder {
    var builder = GoBuilder()
    for number in 0..<6 { builder.addGoroutine(since: number == 2 ? 4_000_000_000 : 0) }
    builder.addGoroutine(start: 4, reason: 4)
    builder.addGoroutine(state: 6)
    builder.addGoroutine(state: 1, reason: 0)
    return builder
  }

  private static func name(_ frame: GoFrame?) -> String? { frame?.name.map { String(decoding: $0, as: UTF8.self) } }

  @Test func goroutinesAreGroupedByWhatTheyAreAt() throws {
    let list = try list(Self.usual())
    #expect(list.count == 7 && list.systemCount == 1 && list.deadCount == 1 && list.brokenCount == 0)
    let groups = list.groups(withSystem: false)
    #expect(groups.map(\.count) == [6, 1])
    #expect(groups.map(\.activity) == ["chan receive", "runnable"])
    let first = try #require(groups.first)
    #expect(first.frames.map { Self.name($0) } == ["runtime.gopark", "main.wait", "main.main"])
    #expect(first.frames.map(\.line) == [13, 12, 11])
    #expect(first.frames.allSatisfy { $0.file.map { String(decoding: $0, as: UTF8.self) } == "/srv/main.go" })
    #expect(Self.name(first.caller) == "main.wait" && Self.name(first.maker) == "main.main")
    #expect(first.end == .root && first.numbers == [1, 2, 3, 4, 5, 6])
    #expect(first.longestWait == 6_000_000_000 && first.datedCount == 1)
    #expect(list.groups(withSystem: true).count == 3)
    let functions = GoroutineFunction.all(of: groups)
    #expect(functions.map(\.count) == [6, 1] && functions.first?.stackCount == 1)
  }

  /// What a compiler puts between, as the runtime's own traces.
  @Test func wrappersAreLeftOut() throws {
    var builder = Self.usual()
    builder.addGoroutine(start: 5)
    let groups = try list(builder).groups(withSystem: false)
    #expect(groups.contains { $0.frames.map { Self.name($0) } == ["runtime.gopark", "main.wait"] })
    #expect(!groups.flatMap(\.frames).contains { Self.name($0)?.hasSuffix("-fm") ?? false })
  }

  @Test func aStackThatIsNoneIsToldAndManyAreRefused() throws {
    var builder = Self.usual()
    builder.addGoroutine(isBroken: true)
    let list = try list(builder)
    #expect(list.brokenCount == 1)
    #expect(list.groups.contains { if case .broken = $0.end { $0.count == 1 && $0.frames.count == 1 } else { false } })
    builder.addGoroutine(isBroken: true)
    guard case .refused(let reason) = try goroutines(builder) else {
      Issue.record("it is believed")
      return
    }
    #expect("\(reason.parts)".contains("99 % are expected"))
  }

  @Test func tablesThatContradictThemselvesAreNone() throws {
    // The magic number; the distance of a part; the number of functions; an entry out of order.
    for place: UInt64 in [0x50_0000, 0x50_0020, 0x50_0008] {
      var builder = Self.usual()
      builder.put(0x77, at: place)
      guard case .none = try goroutines(builder) else {
        Issue.record("\(place) is believed")
        continue
      }
    }
    #expect(try GoroutineSearch(Self.usual().memory(), process: nil, instant: nil).isThere())
    // Without goroutines there is a program whose list is not found.
    guard case .refused = try goroutines(GoBuilder()) else {
      Issue.record("no list is believed")
      return
    }
  }

  @Test func whatThereIsMoreOfIsToldByStack() throws {
    var builder = Self.usual()
    let first = try list(builder)
    for _ in 0..<3 { builder.addGoroutine() }
    let second = try list(builder)
    for _ in 0..<3 { builder.addGoroutine() }
    let third = try list(builder)
    let growth = GoroutineGrowth.all(over: [first, second, third], minimum: 6, withSystem: false)
    #expect(growth.count == 1 && growth.first?.before == 7 && growth.first?.after == 13 && growth.first?.grown == 6)
    #expect(GoroutineGrowth.all(over: [first, third], minimum: 7, withSystem: false).isEmpty)
    // What fills once does not grow on.
    #expect(GoroutineGrowth.all(over: [first, third, third], minimum: 1, withSystem: false).isEmpty)
    #expect(GoroutineGrowth.all(over: [third, first], minimum: 1, withSystem: false).isEmpty)
  }

  private static func spans() -> GoBuilder {
    var builder = GoBuilder()
    for number in 0..<7 as Range<UInt64> { builder.addSpan(size: 64, first: 10 + number, bits: 0xff00_0000) }
    builder.addSpan(size: 2048, first: 0, bits: 0b1010)
    return builder
  }

  @Test func elementsInUseAreThoseBeforeTheFirstFreeOneAndOfTheirBits() throws {
    let heaps = try HeapWalk(Self.spans().memory()).run()
    let heap = try #require(heaps.all.first)
    #expect(heaps.all.count == 1 && heap.allocator.name == "go" && heap.isClean)
    let small = try #require(heap.classes.first { $0.footprint == 64 })
    // 10 to 16 before the first free one, and eight bits of which none is before it.
    #expect(small.count == (0..<7).reduce(0) { $0 + 10 + $1 + 8 })
    #expect(small.count + small.freeCount == 7 * 128)
    #expect(heap.classes.first { $0.footprint == 2048 }?.count == 2)
    #expect(heap.walkedByteCount == 8 * GoBuilder.spanByteCount)
    var words = try WordCache(Self.spans().memory())
    let last = GoInput.untouched.lowerBound + 7 * GoBuilder.spanByteCount
    #expect(try heaps.block(holding: Address(last + 2048 + 7), &words)?.content.lowerBound == Address(last + 2048))
    #expect(try heaps.block(holding: Address(last + 4096), &words) == nil)
  }

  /// What is on a stack is held by a goroutine, down to its stack pointer; what calls left below it, and on the stack of one that
  /// has ended, holds nothing, nor does the list of all goroutines lead anywhere.
  @Test func goroutinesHoldWhatIsOnTheirStacks() throws {
    var builder = Self.usual()
    for number in 0..<7 as Range<UInt64> { builder.addSpan(size: 2048, first: 0, bits: number == 0 ? 0b1111 : 0) }
    builder.addSpanOfStacks()
    let element = GoInput.untouched.lowerBound
    // On the stack of one that waits; below its stack pointer; on that of one that has ended; nowhere.
    builder.put(element, at: GoBuilder.pointer(ofGoroutine: 3) + 8)
    builder.put(element + 2048, at: GoBuilder.pointer(ofGoroutine: 3) - 8)
    builder.put(element + 4096, at: GoBuilder.stack(ofGoroutine: 8).upperBound - 8)
    let memory = try builder.memory()
    let heaps = try HeapWalk(memory).run()
    let heap = try #require(heaps.all.first)
    let live = Address(GoBuilder.pointer(ofGoroutine: 3))..<Address(GoBuilder.stack(ofGoroutine: 3).upperBound)
    #expect(heap.goroutineRanges.contains(live))
    #expect(heap.goroutineRanges.contains { $0.contains(Address(GoInput.heapStart)) })
    #expect(heap.goroutineRanges.count == 9, "the list, and the stacks of eight that have not ended")
    #expect(heap.noteRanges.contains { $0.contains(live.lowerBound - 8) })
    var holdings = HoldingSearch(memory, heaps: heaps, registers: [])
    let found = try holdings.run()
    #expect(found.rows.map(\.title) == ["goroutines"] && found.rows.map(\.amount.count) == [1])
    #expect(found.unheld.count == 3)
    var search = try ReferenceSearch(memory, heaps: heaps, registers: [])
    let summary = try #require(try search.references(toBlocksOfSizes: [2048]).first)
    #expect(summary.rows.map(\.title) == ["goroutines"] && summary.rows.map(\.count) == [1] && summary.sampled == 4)
  }

  /// Where a stack ends the next block may begin: the bounds that a description begins with hold nothing, of what the runtime runs on
  /// itself neither, which stands in no list.
  @Test func boundsOfStacksHoldNothing() throws {
    var builder = Self.usual()
    for _ in 0..<7 { builder.addSpan(size: 2048, first: 0, bits: 0) }
    builder.addSpanOfStacks()
    builder.addSpan(size: GoBuilder.goroutineByteCount, first: 16, bits: 0, at: GoBuilder.address(ofGoroutine: 9))
    let stack = GoBuilder.stack(ofGoroutine: 20)
    func put(_ low: UInt64, _ high: UInt64, _ number: UInt64) {
      builder.put(low, at: GoBuilder.address(ofGoroutine: number))
      builder.put(high, at: GoBuilder.address(ofGoroutine: number) + 8)
    }
    put(stack.lowerBound, stack.upperBound, 12)
    // Of no size of a stack; in other memory; of none.
    put(stack.lowerBound, stack.upperBound - 8, 13)
    put(GoInput.untouched.lowerBound, GoInput.untouched.lowerBound + 0x200, 14)
    put(stack.upperBound, stack.upperBound, 15)
    let heap = try #require(try HeapWalk(try builder.memory()).run().all.first)
    let bounds = (1...24 as ClosedRange<UInt64>).filter { number in
      let place = Address(GoBuilder.address(ofGoroutine: number))
      return heap.noteRanges.contains { $0.contains(place) && $0.contains(place + 31) && !$0.contains(place + 32) }
    }
    #expect(bounds == [9, 12])
  }

  /// A processor of the scheduler has in its head the address of the pages that it hands out, and a buffer of what was overwritten.
  @Test func headsAndBuffersOfProcessorsHoldNothing() throws {
    func notes(number: UInt64) throws -> [Range<Address>] {
      var builder = Self.spans()
      let (list, first) = (GoInput.heapStart + 0x7f00, GoInput.heapStart + 0x8600)
      builder.addSpan(size: 0x600, first: 5, bits: 0, at: GoInput.heapStart + 0x8000)
      for (index, word) in [list, 2, 2].enumerated() {
        builder.put(word, at: GoInput.variablesStart + 0x360 + UInt64(index) * 8)
      }
      for index in 0..<2 as Range<UInt64> {
        let processor = first + index * 0x600
        builder.put(processor, at: list + index * 8)
        builder.put((index == 0 ? 0 : number) | 4 << 32, at: processor)
        builder.put(processor + 0x90 + 8, at: processor + 0x80)
        builder.put(processor + 0x90 + 0x400, at: processor + 0x88)
      }
      return try #require(try HeapWalk(builder.memory()).run().all.first).noteRanges.filter {
        $0.lowerBound.rawValue >= first && $0.upperBound.rawValue <= first + 0xc00
      }
    }
    let start = Address(GoInput.heapStart + 0x8600)
    let found = try notes(number: 1)
    let wanted = [(0, 0x60), (0x90, 0x490), (0x600, 0x660), (0x690, 0xa90)] as [(UInt64, UInt64)]
    #expect(found == wanted.map { start + $0..<start + $1 }, "\(found)")
    // Who has not its own number is none.
    #expect(try notes(number: 5) == [])
  }

  /// The rest of an arena is free, and what the runtime keeps of it is its own.
  @Test func arenasAreTold() throws {
    let start = GoInput.heapStart
    let (entry, arena) = (start + 0x9000, start + 0x9200)
    // The number of the arena is its address in units of 64 MiB.
    let table = entry - start >> 26 * 8
    func heap(wrong: UInt64) throws -> HeapSummary {
      var builder = Self.spans()
      builder.put(table, at: GoInput.variablesStart + 0x2c0)
      builder.put(arena, at: entry)
      for span in 0..<8 as Range<UInt64> {
        let slot = (GoInput.untouched.lowerBound - start) / GoBuilder.spanByteCount * 8 + span * 8
        builder.put(start + 0x400 + (span < wrong ? 7 : span) * 0xa0, at: arena + slot)
      }
      return try #require(try HeapWalk(builder.memory()).run().all.first)
    }
    let good = try heap(wrong: 0)
    #expect(good.ownRanges.contains { $0.contains(Address(table)) && $0.contains(Address(entry)) })
    #expect(good.ownRanges.contains { $0.contains(Address(arena + 0x1_0000)) })
    let free = Address(GoInput.untouched.lowerBound + 8 * GoBuilder.spanByteCount)
    #expect(good.returnableRanges.contains(free..<Address(GoInput.untouched.upperBound)))
    // A table that leads to other spans is none.
    let bad = try heap(wrong: 3)
    #expect(!bad.ownRanges.contains { $0.contains(Address(table)) })
  }

  @Test func countsThatTheBitsDoNotHaveAreRefused() throws {
    var builder = Self.spans()
    builder.put(99 | 1 << 24, at: GoInput.heapStart + 0x400 + 12 * 8)
    let heaps = try HeapWalk(builder.memory()).run()
    #expect(heaps.isEmpty && heaps.refusals.map(\.allocator.name) == ["go"])
  }

  /// Of what no collection has seen nothing can be told to be more than before.
  @Test func beforeTheFirstCollectionNothingIsCompared() throws {
    func profile(bits: UInt64, generation: UInt64) throws -> MemoryProfile {
      var builder = GoBuilder()
      for _ in 0..<8 { builder.addSpan(size: 64, first: 0, bits: bits, generation: generation) }
      return try MemoryProfile(builder.memory())
    }
    let (before, after) = (try profile(bits: 0, generation: 0), try profile(bits: 0xffff, generation: 2))
    #expect(before.heaps.all.map(\.isUncollected) == [true] && after.heaps.all.map(\.isUncollected) == [false])
    #expect(after.growth(since: before, minimum: 1).filter { $0.kind == .chunkSize }.isEmpty)
    // Some spans are not swept yet after the first.
    var builder = GoBuilder()
    for number in 0..<8 { builder.addSpan(size: 64, first: 0, bits: 0xf, generation: number < 3 ? 0 : 2) }
    #expect(try MemoryProfile(builder.memory()).heaps.all.map(\.isUncollected) == [true])
    let early = try profile(bits: 0xf, generation: 2)
    let grown = after.growth(since: early, minimum: 1).filter { $0.kind == .chunkSize }
    #expect(grown.map(\.blockGrowth) == [8 * 12])
  }

  @Test func whatIsNotSweptIsSaid() throws {
    var builder = Self.spans()
    builder.addSpan(size: 128, first: 3, bits: 0, generation: 6)
    let heap = try #require(try HeapWalk(builder.memory()).run().all.first)
    #expect(heap.facts["go_unswept_spans"] == 1)
    #expect(heap.description.notes.contains { "\($0.parts)".contains("has not swept") })
  }

  @Test func theProfileHasWhatSamplesStandFor() throws {
    var builder = Self.usual()
    builder.addBucket(allocated: (10, 10 << 20), freed: (4, 4 << 20))
    builder.addBucket(allocated: (100, 1600), freed: (0, 0))
    guard case .found(let profile) = try GoAllocationSearch(builder.memory(), process: nil).run() else {
      Issue.record("no profile")
      return
    }
    #expect(profile.sites.count == 2 && profile.sampledByteCount == 6 << 20 + 1600)
    // An object of 1 MiB is sampled with a probability of 1 - 1/e²; one of 16 bytes in 512 KiB with 16 / 512 Ki.
    let large = try #require(profile.sites.first { $0.usedByteCount < 8 << 20 })
    #expect(large.usedByteCount == 7_276_179 && large.usedCount == 6)
    let small = try #require(profile.sites.first { $0.usedByteCount > 8 << 20 })
    #expect(small.usedByteCount == 52_429_600 && small.usedCount == 3_276_850)
    #expect(large.frames.map { Self.name($0) } == ["main.wait", "main.main"])
    guard case .notKept = try GoAllocationSearch(Self.usual().memory(), process: nil).run() else {
      Issue.record("a profile of nothing")
      return
    }
  }

  /// The seeds of the fuzz target are such memory.
  @Test(.enabled(if: getenv("MEMDUMP_GO_SEEDS") != nil)) func seeds() throws {
    guard let place = getenv("MEMDUMP_GO_SEEDS").map({ String(cString: $0) }) else { return }
    var whole = Self.usual()
    for number in 0..<7 as Range<UInt64> { whole.addSpan(size: 64, first: number, bits: 0xff00) }
    whole.addBucket(allocated: (10, 10 << 20), freed: (4, 4 << 20))
    for (name, bytes) in [("all", whole.bytes), ("goroutines", Self.usual().bytes), ("spans", Self.spans().bytes)] {
      let file = fopen(place + "/" + name, "w")
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
  }

  /// Any state of the memory has an answer, and soon.
  @Test func damagedMemoryHasAnAnswer() throws {
    var generator = SeededGenerator(seed: 17)
    var whole = Self.usual()
    for number in 0..<7 as Range<UInt64> { whole.addSpan(size: 64, first: number, bits: 0xff00) }
    whole.addBucket(allocated: (10, 10 << 20), freed: (4, 4 << 20))
    whole.addBucket(allocated: (100, 1600), freed: (0, 0))
    let bytes = whole.bytes
    var answers = 0
    for _ in 0..<(isFullRun ? 10_000 : 1000) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        let place = Self.place(in: damaged.count, &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: damaged[place] = [0, 0xff, 0x7f, 0x80].randomElement(using: &generator) ?? 0
        case 2: for index in place..<min(place + 8, damaged.count) { damaged[index] = 0xff }
        default:
          // A pointer to elsewhere.
          let other = place & ~7
          let from = Self.place(in: damaged.count, &generator) & ~7
          guard max(other, from) + 8 <= damaged.count else { continue }
          damaged.replaceSubrange(other..<other + 8, with: damaged[from..<from + 8])
        }
      }
      if Int.random(in: 0..<20, using: &generator) == 0 {
        damaged = Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &generator)))
      }
      let memory = try GoMemory(GoInput(damaged))
      if case .found(let list) = try GoroutineSearch(memory, process: nil, instant: Self.instant).run() {
        answers += 1
        #expect(list.groups.reduce(0) { $0 + $1.count } + list.omittedCount == list.count + list.systemCount)
      }
      _ = try GoAllocationSearch(memory, process: nil).run()
      let heaps = try HeapWalk(memory, allocators: [GoHeap()]).run()
      for heap in heaps.all { #expect(heap.used.byteCount + heap.free.byteCount <= heap.walkedByteCount) }
    }
    // Most damage is to a few goroutines or none.
    #expect(answers > 200, "\(answers)")
  }

  /// Places where something is, more often than not.
  private static func place(in count: Int, _ generator: inout SeededGenerator) -> Int {
    let parts = [0..<1300, 1536..<2560, 2560..<2560 + 0x1000, 2560 + 0x1000..<2560 + 0x2400, 0..<count]
    let part = parts.randomElement(using: &generator) ?? 0..<count
    return Int.random(in: part.clamped(to: 0..<max(1, count)), using: &generator)
  }
}
