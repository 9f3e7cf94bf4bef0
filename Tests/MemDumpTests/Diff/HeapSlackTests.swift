import Testing

@testable import MemDump

@Suite struct HeapSlackTests {
  private static func growth(_ memory: Growth.Memory, by byteCount: UInt64) -> Growth {
    Growth(
      subject: .resident(memory), before: .init(count: 1, byteCount: 500_000),
      after: .init(count: 1, byteCount: 500_000 + byteCount))
  }

  private static let breakArea = Growth.Memory.named(Array("[heap]".utf8))

  private static func isSlack(_ growth: Growth, used: UInt64?, before: UInt64?, collected: UInt64? = nil) -> Bool {
    HeapSlack(used: used, before: before, collected: collected).explains(growth)
  }

  @Test func whatMallocTakesAtOnceWithNoMoreInUseIsSlack() {
    #expect(Self.isSlack(Self.growth(Self.breakArea, by: 64 << 10), used: 472_985, before: 472_985))
    #expect(Self.isSlack(Self.growth(Self.breakArea, by: 263 << 10), used: 472_985, before: 480_000))
  }

  @Test func moreInUseMoreMemoryAndOtherMemoryAreNone() {
    #expect(!Self.isSlack(Self.growth(Self.breakArea, by: 264 << 10), used: 472_985, before: 472_985))
    #expect(!Self.isSlack(Self.growth(Self.breakArea, by: 64 << 10), used: 472_985 + (64 << 10), before: 472_985))
    #expect(!Self.isSlack(Self.growth(.named(Array("/lib/libapp.so".utf8)), by: 64 << 10), used: 1, before: 1))
    #expect(!Self.isSlack(Self.growth(.anonymous, by: 64 << 10), used: 472_985, before: 472_985))
    // A heap that is not walked may have all of it in use.
    #expect(!Self.isSlack(Self.growth(Self.breakArea, by: 64 << 10), used: nil, before: nil))
  }

  /// Between two collections, what died is there still.
  @Test func whatACollectorHasNotTakenBackIsSlack() {
    func isSlack(_ byteCount: UInt64, used: UInt64, of collected: UInt64?) -> Bool {
      let memories = [Growth.Memory.anonymous, .named(Array("[anon: Go: heap]".utf8))]
      let all = memories.map { memory in
        Self.isSlack(Self.growth(memory, by: byteCount), used: used, before: 100 << 20, collected: collected)
      }
      #expect(all[0] == all[1])
      return all[0]
    }
    #expect(isSlack(288 << 10, used: 100 << 20, of: 4 << 20))
    #expect(isSlack(90 << 20, used: 100 << 20, of: 100 << 20))
    #expect(!isSlack(4 << 20, used: 100 << 20, of: 1 << 20))
    #expect(!isSlack(100 << 20, used: 100 << 20, of: 100 << 20))
    let mapped = Growth(
      subject: .mapped(.anonymous), before: .init(count: 3, byteCount: 462_848),
      after: .init(count: 3, byteCount: 724_992))
    #expect(Self.isSlack(mapped, used: 1000, before: 1000, collected: 300_000))
    #expect(!Self.isSlack(mapped, used: 1000, before: 1000))
    // More of it survives.
    #expect(!isSlack(288 << 10, used: 101 << 20, of: 100 << 20))
    #expect(!isSlack(288 << 10, used: 100 << 20, of: nil))
  }
}
