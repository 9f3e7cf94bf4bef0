import Testing

@testable import MemDump

@Suite struct ReferencePartsTests {
  @Test func costsComeInOrder() {
    var queue = CostQueue<String>()
    for (name, step) in [("c", 9), ("a", 1), ("b", 1), ("far", 1000)] { queue.add(name, step: step) }
    #expect(queue.take() == "a")
    queue.add("next", step: 2)
    #expect((0..<5).map { _ in queue.take() } == ["b", "next", "c", "far", nil])
    queue.add("again", step: 5)
    #expect(queue.take() == "again")
  }

  /// The thread pointer of the first thread of Go lies among the variables of the program.
  @Test func whatIsAroundAThreadPointerAmongVariablesIsNoThreadLocalData() throws {
    let maps = """
      10000-30000 rw-p 00000000 08:01 7 /srv/app
      40000-60000 rw-p 00000000 00:00 0
      70000-80000 rw-p 00000000 00:00 0 [stack]

      """
    let regions = try MapsParser.parse(Array(maps.utf8))
    let thread = try #require(ThreadID(rawValue: 7))
    func use(at place: UInt64, pointer: UInt64, stack: UInt64 = 0x7f000) -> ThreadPlaces.Use? {
      var words = [UInt64](repeating: 0, count: 27)
      (words[19], words[21]) = (stack, pointer)
      let registers = ThreadRegisters(
        thread: thread, notes: [.init(type: 1, bytes: words.flatMap { CoreBuilder.bytes($0) })])
      let others = [Address(0x10000)..<Address(0x30000), Address(0x58000)..<Address(0x60000)]
      return ThreadPlaces([registers], regions, besides: others).use(of: Address(place))
    }
    #expect(use(at: 0x20000, pointer: 0x20100) == nil)
    #expect(use(at: 0x50000, pointer: 0x50100) == .threadLocal(thread))
    #expect(use(at: 0x7f100, pointer: 0x20100) == .stack(thread))
    // A goroutine has its stack of the heap, of which the rest is none.
    #expect(use(at: 0x59100, pointer: 0x20100, stack: 0x59000) == nil)
    #expect(use(at: 0x50000, pointer: 0x50100, stack: 0x59000) == .threadLocal(thread))
  }

  @Test func wordsAreNumberedOverGaps() {
    let space = WordSpace([Address(0x1003)..<Address(0x1020), Address(0x2000)..<Address(0x2010)])
    #expect(space.wordCount == 5)
    var hint = 0
    let places: [UInt64: Int?] = [0x1007: nil, 0x1008: 0, 0x101f: 2, 0x1020: nil, 0x2000: 3, 0x200f: 4, 0x2010: nil]
    for (place, number) in places { #expect(space.number(of: Address(place), hint: &hint) == number) }
    #expect((0..<5).map { space.address(of: $0).rawValue } == [0x1008, 0x1010, 0x1018, 0x2000, 0x2008])
  }

  @Test func rangesAreTakenAway() {
    func ranges(_ pairs: [(UInt64, UInt64)]) -> [Range<Address>] { pairs.map { Address($0.0)..<Address($0.1) } }
    let rest = ranges([(0, 10), (20, 30), (40, 50)]).subtracting(ranges([(2, 4), (8, 22), (39, 60)]))
    #expect(rest == ranges([(0, 2), (4, 8), (22, 30)]))
    #expect(ranges([(5, 9)]).subtracting([]) == ranges([(5, 9)]))
  }

  @Test(arguments: [8, 16] as [UInt64]) func theBlockBeforeAnAddressIsFound(granularity: UInt64) throws {
    var blocks = BlockMap(granularity: granularity)
    let starts = [0x10_0000, 0x10_0020, 0x1f_fff0, 0x40_0000, 0x9000_0000].map { Address($0) }
    for start in starts { blocks.insert(start) }
    var all: [Address] = []
    try blocks.forEach { (block) throws(MemDumpError) in
      all.append(block)
      return true
    }
    #expect(all == starts)
    func last(_ address: UInt64, from start: UInt64 = 0) -> UInt64? {
      blocks.last(upTo: Address(address), from: Address(start))?.rawValue
    }
    #expect(last(0xf_ffff) == nil)
    #expect(last(0x10_001f) == 0x10_0000)
    #expect(last(0x10_0020) == 0x10_0020)
    #expect(last(0x3f_ffff) == 0x1f_fff0)
    #expect(last(0x3f_ffff, from: 0x20_0000) == nil)
    #expect(last(0x8000_0000) == 0x40_0000)
    #expect(last(0x9fff_ffff) == 0x9000_0000)
    // Too far behind the last one.
    #expect(last(.max) == nil)
  }

  @Test func blocksOfEightBytesAreToldApart() {
    var blocks = BlockMap(granularity: 8)
    for start in stride(from: 0x1f_ff00 as UInt64, to: 0x20_0100, by: 8) { blocks.insert(Address(start)) }
    let removed = [0x20_0008, 0x20_0008, 0x20_0004].map { blocks.remove(Address($0)) }
    #expect(removed == [true, false, false])
    #expect(blocks.contains(Address(0x20_0000)) && blocks.contains(Address(0x20_0010)))
    #expect(!blocks.contains(Address(0x20_0008)) && !blocks.contains(Address(0x20_0004)))
    #expect(blocks.last(upTo: Address(0x20_000f), from: Address(0)) == Address(0x20_0000))
    blocks = BlockMap(granularity: 16)
    blocks.insert(Address(0x20_0000))
    #expect(!blocks.contains(Address(0x20_0008)))
    let isAlias = blocks.remove(Address(0x20_0008))
    #expect(!isAlias)
  }

  @Test func registersOfACoreAreRead() {
    var status = [UInt8](repeating: 0, count: 336)
    status.replaceSubrange(32..<36, with: CoreBuilder.bytes(Int32(42)))
    status.replaceSubrange(112 + 19 * 8..<112 + 20 * 8, with: CoreBuilder.bytes(UInt64(0x7ffc_1234)))
    let notes =
      CoreBuilder.note(type: 3, [1, 2, 3]) + CoreBuilder.note(type: 1, status) + CoreBuilder.note(type: 1, [1, 2])
    let threads = CoreParser.threads(notes: notes)
    #expect(threads.map(\.thread.rawValue) == [42])
    #expect(threads.first?.notes.first?.bytes.count == 27 * 8)
    #expect(threads.first?.notes.first?.bytes.load(UInt64.self, at: 19 * 8) == 0x7ffc_1234)
    #expect(CoreParser.threads(notes: Array(notes.dropLast(20))).count == 1)
  }

  @Test func theVariablesOfAModuleAreItsWritableMemory() throws {
    let map = """
      1000-2000 r--p 0 08:01 5 /lib/a.so
      2000-3000 rw-p 1000 08:01 5 /lib/a.so
      3000-5000 rw-p 0 00:00 0
      5000-6000 rw-p 0 08:01 6 /lib/b.so
      7000-8000 rw-p 0 00:00 0
      9000-a000 r--p 0 08:01 5 /lib/a.so
      a000-b000 rw-p 1000 08:01 5 /lib/a.so
      b000-c000 rw-p 0 00:00 0

      """
    let (regions, heap) = (try MapsParser.parse(Array(map.utf8)), [Address(0xb000)..<Address(0xc000)])
    func sizes(_ end: UInt64?) -> [UInt64] {
      Module.all(in: regions, heap: heap) { _ in end.map { Address($0) } }.map { module in
        module.variables.reduce(0) { $0 + $1.byteCount }
      }
    }
    #expect(Module.all(in: regions, heap: heap) { _ in nil }.map(\.start.rawValue) == [0x1000, 0x5000, 0x9000])
    // The kernel joins .bss with what lies behind it: the headers tell where it ends.
    #expect(sizes(0x6000) == [0x3000, 0x1000, 0x1000])
    #expect(sizes(0x3808) == [0x1808, 0x1000, 0x1000])
    #expect(sizes(0x2f00) == [0x1000, 0x1000, 0x1000])
    #expect(sizes(nil) == [0x1000, 0x1000, 0x1000])
  }
}
