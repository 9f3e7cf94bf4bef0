import Testing

@testable import MemDump

@Suite struct PoolGrowthTests {
  private func pool(_ address: UInt64, _ role: String, blocks: Int, large: Int = 0) -> MemoryPool {
    var pool = MemoryPool(address: Address(address), role: role)
    (pool.blockCount, pool.byteCount, pool.largeCount) = (blocks, UInt64(blocks) << 10, large)
    return pool
  }

  @Test func aPoolThatGrewIsTheSameAtTheSamePlaceWithTheSameRole() {
    let before = [
      pool(0x1000, "cycle", blocks: 4), pool(0x2000, "request", blocks: 1), pool(0x3000, "other", blocks: 2),
    ]
    let after = [
      pool(0x1000, "cycle", blocks: 24), pool(0x2000, "connection", blocks: 9),
      pool(0x3000, "other", blocks: 2, large: 3),
    ]
    let grown = PoolGrowth.pools(from: before, to: after)
    #expect(grown.map(\.address) == [Address(0x1000), Address(0x3000)])
    #expect(grown[0].blockCount == 20 && grown[0].byteCount == 20 << 10 && grown[0].poolCount == 0)
    #expect(grown[1].largeCount == 3 && grown[1].blockCount == 0)
  }

  @Test func aPoolThatWasNotWalkedToItsEndTellsNothing() {
    var broken = pool(0x1000, "cycle", blocks: 1)
    broken.brokenAt = Address(8)
    #expect(PoolGrowth.pools(from: [broken], to: [pool(0x1000, "cycle", blocks: 9)]) == [])
  }

  @Test func rolesCountPoolsThatCameAndWent() {
    let before = [pool(0x1000, "request", blocks: 1), pool(0x2000, "connection", blocks: 3)]
    let after = [pool(0x5000, "request", blocks: 1), pool(0x6000, "request", blocks: 2)]
    let roles = PoolGrowth.roles(from: before, to: after)
    #expect(roles.map(\.role) == ["request"])
    #expect(roles[0].poolCount == 1 && roles[0].blockCount == 2)
    #expect(PoolGrowth.roles(from: after, to: after) == [])
  }

  @Test func onlyTheCyclePoolHasASentence() {
    let cycle = PoolGrowth(address: Address(0x1000), role: "cycle", blockCount: 1)
    #expect(NginxPools().describe(growth: [cycle], roles: []).count == 1)
    #expect(
      NginxPools().describe(growth: [PoolGrowth(address: Address(1), role: "other", blockCount: 1)], roles: []) == [])
  }
}
