import MemDumpTestSupport
import Testing

@testable import MemDump

/// The memory of HotSpot, by what a made-up build publishes of itself.
@Suite struct HotSpotTests {
  private static let base: UInt64 = 0x7f00_0001_0000
  private static let places: [String: UInt64] = [
    "Universe._collectedHeap": base + 8, "CollectedHeap._reserved": 16, "MemRegion._start": 0,
    "MemRegion._word_size": 8,
    "CodeCache._heaps": base + 16, "GrowableArrayBase._len": 0, "GrowableArray<int>._data": 8, "CodeHeap._memory": 8,
    "CodeHeap._segmap": 40, "VirtualSpace._low_boundary": 0, "VirtualSpace._high_boundary": 8,
    "BarrierSet._barrier_set": base + 24, "CardTableBarrierSet._card_table": 8, "CardTable._byte_map": 8,
    "CardTable._byte_map_size": 16, "ClassLoaderDataGraph._head": base + 32, "ClassLoaderData._next": 8,
    "ClassLoaderData._klasses": 16, "Klass._next_link": 8, "InstanceKlass._constants": 16,
    "ConstantPool._pool_holder": 8,
  ]

  /// The library's page, a page of structures, and four of the program's own.
  private static func image(holder: UInt64 = base + 0x1300) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 0x6000)
    func put(_ words: [UInt64], at address: UInt64) {
      for (number, word) in words.enumerated() {
        let place = Int(address - base) + number * 8
        bytes.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(word))
      }
    }
    put([base + 0x1000, base + 0x1100, base + 0x1180, base + 0x1240], at: base + 8)
    // The heap: its class, and what is set aside for it.
    put([base + 0x80, 0, base + 0x2000, 0x200], at: base + 0x1000)
    // The one part of the code cache, whose memory has its own space, and what tells its blocks.
    put([1, base + 0x1120], at: base + 0x1100)
    put([base + 0x1130], at: base + 0x1120)
    put([0, base + 0x3000, base + 0x4000, 0, 0, base + 0x4000, base + 0x5000], at: base + 0x1130)
    // The barriers and the card table.
    put([base + 0x80, base + 0x1200], at: base + 0x1180)
    put([base + 0x80, base + 0x5000, 0x1000], at: base + 0x1200)
    // A loader with a class of an array and one of its own.
    put([0, 0, base + 0x12a0], at: base + 0x1240)
    put([0, base + 0x1300, 0], at: base + 0x12a0)
    put([0, 0, base + 0x1340], at: base + 0x1300)
    put([0, holder], at: base + 0x1340)
    return bytes
  }

  private static func memory(_ bytes: [UInt8]) throws -> HotSpotMemory? {
    let structs = HotSpotStructs(places, library: [Range(start: Address(base), byteCount: 0x1000)])
    return try HotSpotMemory(structs, in: TestMemory([base: bytes]))
  }

  private static func range(_ start: UInt64, _ end: UInt64) -> Range<Address> {
    Address(base + start)..<Address(base + end)
  }

  @Test func eachPartIsFound() throws {
    let memory = try #require(try Self.memory(Self.image()))
    #expect(memory.objects == [Self.range(0x2000, 0x3000)])
    // No code can run in the memory of the test: of the code cache there is what tells its blocks.
    #expect(memory.code == [Self.range(0x4000, 0x5000)])
    #expect(memory.cards == [Self.range(0x5000, 0x6000)])
    #expect(memory.classes == [Self.range(0, 0x6000)])
  }

  @Test func whatContradictsItselfIsNotBelieved() throws {
    // Constants of another class.
    #expect(try Self.memory(Self.image(holder: Self.base + 0x12a0))?.classes == [])
    // A heap that is no object of the library's.
    var bytes = Self.image()
    bytes.replaceSubrange(0x1000..<0x1008, with: CoreBuilder.bytes(Self.base + 0x2000))
    #expect(try Self.memory(bytes) == nil)
  }

  @Test func damagedMemoryEnds() throws {
    var generator = SeededGenerator(seed: 52)
    var found = 0
    for _ in 0..<(isFullRun ? 10_000 : 1000) {
      if try Self.memory(Damage.some(Self.image(), using: &generator)) != nil { found += 1 }
    }
    #expect(found > 100)
    // Lists that lead back into themselves.
    var bytes = Self.image()
    bytes.replaceSubrange(0x1308..<0x1310, with: CoreBuilder.bytes(Self.base + 0x12a0))
    bytes.replaceSubrange(0x1248..<0x1250, with: CoreBuilder.bytes(Self.base + 0x1240))
    #expect(try Self.memory(bytes)?.classes.isEmpty == false)
  }
}
