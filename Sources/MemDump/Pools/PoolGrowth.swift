/// What a pool has grown by from one look to a later one, or what pools of one role have grown by together.
public struct PoolGrowth: Hashable, Sendable {
  /// The pool; nil for all pools of the role together.
  public var address: Address?
  /// The role of the pool.
  public var role: String
  /// The number of pools that there are more.
  public var poolCount = 0
  /// The number of blocks that there are more.
  public var blockCount = 0
  /// The bytes of blocks that there are more.
  public var byteCount = 0
  /// The number of allocations too large for a block that there are more.
  public var largeCount = 0

  /// Whether there is more of something.
  public var isGrowth: Bool { poolCount > 0 || blockCount > 0 || largeCount > 0 }

  /// The pools that were there at both looks and have grown, those of most bytes first. A pool is the same where its address
  /// and its role are.
  public static func pools(from earlier: [MemoryPool], to later: [MemoryPool]) -> [PoolGrowth] {
    let before = Dictionary(earlier.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    return later.compactMap { pool -> PoolGrowth? in
      guard let old = before[pool.address], old.role == pool.role, old.brokenAt == nil, pool.brokenAt == nil else {
        return nil
      }
      var growth = PoolGrowth(address: pool.address, role: pool.role)
      growth.count(pool, 1)
      growth.count(old, -1)
      return growth.isGrowth ? growth : nil
    }.sorted(by: precedes)
  }

  /// The growth of each role: of the pools that there are now, less those that there were.
  public static func roles(from earlier: [MemoryPool], to later: [MemoryPool]) -> [PoolGrowth] {
    var roles: [String: PoolGrowth] = [:]
    for (pools, sign) in [(later, 1), (earlier, -1)] {
      for pool in pools {
        roles[pool.role, default: PoolGrowth(address: nil, role: pool.role)].count(pool, sign)
      }
    }
    return roles.values.filter(\.isGrowth).sorted(by: precedes)
  }

  private static func precedes(_ left: PoolGrowth, _ right: PoolGrowth) -> Bool {
    (right.byteCount, right.largeCount, left.role, left.address?.rawValue ?? 0)
      < (left.byteCount, left.largeCount, right.role, right.address?.rawValue ?? 0)
  }

  private mutating func count(_ pool: MemoryPool, _ sign: Int) {
    poolCount += sign
    blockCount += sign * pool.blockCount
    byteCount &+= sign * Int(truncatingIfNeeded: pool.byteCount)
    largeCount += sign * pool.largeCount
  }
}
