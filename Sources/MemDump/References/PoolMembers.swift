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

  /// The number of the sampled blocks that are of these pools.
  public var count: Int { blockCount + largeCount }
}

/// Which of some blocks are of pools.
struct PoolMembers {
  /// The pool that a block is of.
  struct Member {
    var kind: any PoolKind
    var role: String
    var pool: Address
    var isLarge: Bool

    /// Whether the pool itself is what holds the block, and not whoever keeps the pool.
    var isHolder: Bool { kind.isHolder(role: role) }
  }

  private(set) var members: [Address: Member] = [:]

  /// Looks for the pools of blocks; there are none where no program with pools is mapped.
  ///
  /// - Parameters:
  ///   - blocks: the addresses of blocks, as the program got them.
  ///   - source: the memory.
  ///   - kinds: the kinds of pools that the program may have.
  ///   - control: may end the search.
  init(
    of blocks: [Address], in source: any MemorySource, kinds: [any PoolKind] = PoolKinds.all, _ control: WorkControl
  ) throws(MemDumpError) {
    guard !blocks.isEmpty, source.hasAddresses, !source.isSequential else { return }
    let written = OwnWriting.privateMemory.ranges(in: source.regions)
    for kind in kinds where kind.isPossible(in: source.regions) {
      let list = try PoolSearch(kind).run(
        source, ranges: written.isEmpty ? nil : written, wanted: Set(blocks), control: control
      ).list
      for (address, member) in list.members {
        let pool = list.pools[member.pool]
        members[address] = Member(kind: kind, role: pool.role, pool: pool.address, isLarge: member.isLarge)
      }
    }
  }

  /// The shares of the pools, the largest first.
  var shares: [PoolShare] {
    Dictionary(grouping: members.values) { [$0.kind.name, $0.role] }.map { key, members in
      let pools = Set(members.map(\.pool))
      return PoolShare(
        kind: key[0], role: key[1], poolCount: pools.count, pool: pools.min() ?? Address(0),
        blockCount: members.count { !$0.isLarge }, largeCount: members.count { $0.isLarge })
    }.sorted { ($1.count, $0.role) < ($0.count, $1.role) }
  }
}
