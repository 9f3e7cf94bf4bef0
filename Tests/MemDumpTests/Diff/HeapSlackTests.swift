import Testing

@testable import MemDump

@Suite struct HeapSlackTests {
  private static func growth(_ name: String, by byteCount: UInt64) -> Growth {
    Growth(
      subject: .resident(.named(Array(name.utf8))), before: .init(count: 1, byteCount: 500_000),
      after: .init(count: 1, byteCount: 500_000 + byteCount))
  }

  @Test func whatMallocTakesAtOnceWithNoMoreInUseIsSlack() {
    #expect(MemoryProfile.isSlack(Self.growth("[heap]", by: 64 << 10), used: 472_985, before: 472_985))
    #expect(MemoryProfile.isSlack(Self.growth("[heap]", by: 263 << 10), used: 472_985, before: 480_000))
  }

  @Test func moreInUseMoreMemoryAndOtherMemoryAreNone() {
    #expect(!MemoryProfile.isSlack(Self.growth("[heap]", by: 264 << 10), used: 472_985, before: 472_985))
    #expect(!MemoryProfile.isSlack(Self.growth("[heap]", by: 64 << 10), used: 472_985 + (64 << 10), before: 472_985))
    #expect(!MemoryProfile.isSlack(Self.growth("/lib/libapp.so", by: 64 << 10), used: 1, before: 1))
    // A heap that is not walked may have all of it in use.
    #expect(!MemoryProfile.isSlack(Self.growth("[heap]", by: 64 << 10), used: nil, before: nil))
  }
}
