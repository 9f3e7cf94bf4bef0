/// The part of some blocks that are of the pools of a program: blocks of a pool, or allocations that were too large for one. The
/// pool's own structures tell that; no pointer of the program is asked.
public struct PoolShare: Sendable, Hashable {
  /// The name of the kind of pool, such as `nginx-pool`.
  public var kind: String
  /// The role of the pools.
  public var role: String
  /// The number of pools that have such blocks.
  public var poolCount: Int
  /// One of the pools.
  public var pool: Address
  /// The number of the sampled blocks that are blocks of a pool.
  public var blockCount: Int
  /// The number of those that were too large for a block of a pool.
  public var largeCount: Int

  /// The shares of pools in some blocks, the largest first; none where no program with pools is mapped.
  ///
  /// - Parameters:
  ///   - blocks: the addresses of blocks, as the program got them.
  ///   - source: the memory.
  ///   - kinds: the kinds of pools that the program may have.
  ///   - control: may end the search.
  static func shares(
    of blocks: [Address], in source: any MemorySource, kinds: [any PoolKind] = PoolKinds.all, _ control: WorkControl
  ) throws(MemDumpError) -> [PoolShare] {
    guard !blocks.isEmpty, source.hasAddresses, !source.isSequential else { return [] }
    var shares: [PoolShare] = []
    let written = OwnWriting.privateMemory.ranges(in: source.regions)
    for kind in kinds where kind.isPossible(in: source.regions) {
      let list = try PoolSearch(kind).run(
        source, ranges: written.isEmpty ? nil : written, wanted: Set(blocks), control: control
      ).list
      for (role, members) in Dictionary(grouping: list.members.values, by: { list.pools[$0.pool].role }) {
        let pools = Set(members.map(\.pool))
        shares.append(
          PoolShare(
            kind: kind.name, role: role, poolCount: pools.count, pool: list.pools[pools.min() ?? 0].address,
            blockCount: members.count { !$0.isLarge }, largeCount: members.count { $0.isLarge }))
      }
    }
    return shares.sorted { ($1.count, $0.role) < ($0.count, $1.role) }
  }

  /// The number of the sampled blocks that are of these pools.
  public var count: Int { blockCount + largeCount }
}
