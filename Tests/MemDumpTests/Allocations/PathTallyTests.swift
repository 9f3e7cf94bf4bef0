import Testing

@testable import MemDump

@Suite struct PathTallyTests {
  /// musl spoils the header of a block that is taken back, so that its size is not known any more.
  @Test func blocksOfUnknownSizeMayBeOfAnySizeWhereThatNamesFewer() {
    var known = ClassFlow()
    for _ in 0..<10 { known.addAllocated(set: 0) }
    var unknown = ClassFlow()
    for _ in 0..<4 { unknown.addFreed() }
    unknown.addReleased()
    let windows: [Int: UInt64] = [0: 1_000_000_000]
    var tally = PathTally(flows: [64: known], windows: windows)
    #expect(tally.netPerSecond(ofSize: 64) == 10 && tally.releases(ofSize: 64).count == 0)
    tally = PathTally(flows: [64: known, 0: unknown], windows: windows)
    #expect(tally.netPerSecond(ofSize: 64) == 6 && tally.releases(ofSize: 64).count == 1)
    // More of unknown size that were handed out prove nothing of this size.
    for _ in 0..<20 { unknown.addAllocated(set: 0) }
    tally = PathTally(flows: [64: known, 0: unknown], windows: windows)
    #expect(tally.netPerSecond(ofSize: 64) == 10)
  }

  @Test func aFunctionThatHandsBlocksOnIsNoSecondRelease() {
    let (delete, free, other) = (Address(0x10), Address(0x20), Address(0x30))
    func calls(_ all: [(Int32, Address, UInt64?)]) -> [AllocatorUse.Release] {
      all.map { .init(thread: $0.0, function: $0.1, block: $0.2) }
    }
    // Two threads at once, each of which deletes, and frees what another function is not asked for.
    let relayed = (0..<8).flatMap { number in
      calls([(1, delete, number), (2, delete, number + 100), (1, free, number), (2, free, number + 100), (1, other, 7)])
    }
    #expect(AllocatorUse.relays(relayed) == [delete])
    // Blocks of its own are no relayed ones, and a few calls prove nothing.
    #expect(AllocatorUse.relays((0..<8).flatMap { calls([(1, delete, $0), (1, free, $0 + 1000)]) }) == [])
    #expect(AllocatorUse.relays((0..<2).flatMap { calls([(1, delete, $0), (1, free, $0)]) }) == [])
    #expect(AllocatorUse.relays([]) == [])
  }
}
