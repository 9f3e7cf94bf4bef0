/// The memory contexts of PostgreSQL 13 and later (`MemoryContextData` of src/include/nodes/memnodes.h), on 64-bit machines.
///
/// The contexts of a backend are a tree, whose root is called TopMemoryContext. It is found by its shape and proven by that
/// name; every other one is reached from there, and is believed where it names the one above as its parent. No symbol is asked.
public struct PostgresContexts: PoolKind {
  /// See ``PoolKind/name``.
  public let name = "postgres-context"
  /// See ``PoolKind/figures``.
  public let figures: Set<MemoryPool.Figure> = [.freeChunks, .tree]
  /// See ``PoolKind/programs``.
  public let programs = ["postgres"]
  /// The length of the head of a context, in bytes.
  public let headByteCount = Int(PostgresContext.headByteCount)

  private static let rootName = Array("TopMemoryContext".utf8)

  /// Makes the kind of pools that PostgreSQL has.
  public init() {}

  /// See ``PoolKind/isHolder(role:)``. A context is what keeps its blocks until it is reset or deleted.
  public func isHolder(role: String) -> Bool { true }

  /// See ``PoolKind/recognise(_:base:in:into:)``. A root has no parent, no sibling and no ident, but children and a name.
  public func recognise(_ bytes: RawSpan, base: Address, in starts: Range<Int>, into candidates: inout [Address]) {
    let last = min(starts.upperBound - 1, bytes.byteCount - headByteCount)
    var offset = starts.lowerBound + Int((8 - (base.rawValue &+ UInt64(starts.lowerBound)) % 8) % 8)
    while offset <= last {
      // Nearly everywhere one look at the pointer to the first child is enough.
      if bytes.word(4, behind: offset) != 0, bytes.word(3, behind: offset) == 0, Self.isRoot(bytes, offset) {
        candidates.append(base + UInt64(offset))
      }
      offset += 8
    }
  }

  private static func isRoot(_ bytes: RawSpan, _ offset: Int) -> Bool {
    let head = PostgresContext.Head { bytes.word($0, behind: offset) }
    return head.previous == 0 && head.next == 0 && head.ident == 0 && head.fits
  }

  /// See ``PoolKind/walk(_:in:constants:wanted:)``.
  public func walk(
    _ candidates: [Address], in memory: inout WordCache, constants: inout WordCache, wanted: Set<Address>
  ) throws(MemDumpError) -> PoolList {
    var list = PoolList()
    var seen: Set<Address> = []
    for root in candidates {
      guard let head = try PostgresContext.Head(at: root, in: &memory) else { continue }
      let name = try PostgresContext.text(at: head.name, in: &constants)
      guard name == Self.rootName || name == nil else { continue }
      var tree = PoolList()
      try walk(from: root, in: &memory, &constants, wanted, &seen, &tree)
      // A core may lack what the program cannot change, and so the names: then the tree itself has to prove it.
      guard name != nil || tree.pools.count >= Self.leastContexts else { continue }
      let first = list.pools.count
      list.pools += tree.pools
      list.members.merge(tree.members.mapValues { ($0.pool + first, $0.isLarge) }) { $1 }
    }
    return list
  }

  /// The number of contexts from which a tree is believed whose root has no name that can be read. The emptiest backend has more.
  private static let leastContexts = 8

  /// Walks a tree, each context before those in it.
  private func walk(
    from root: Address, in memory: inout WordCache, _ constants: inout WordCache, _ wanted: Set<Address>,
    _ seen: inout Set<Address>, _ list: inout PoolList
  ) throws(MemDumpError) {
    // A context that is still to be walked, and the one that it has to name as its parent.
    var pending: [(address: Address, parent: Int?)] = [(root, nil)]
    while let (address, parent) = pending.popLast() {
      guard memory.step(), let head = try PostgresContext.Head(at: address, in: &memory), head.fits,
        head.parent == parent.map({ list.pools[$0].address.rawValue }) ?? 0, seen.insert(address).inserted
      else {
        if let parent { list.pools[parent].brokenAt = list.pools[parent].brokenAt ?? address }
        continue
      }
      let number = list.pools.count
      var pool = try PostgresContext.pool(at: address, head, in: &memory, &constants) { place in
        if wanted.contains(place) { list.members[place] = (number, false) }
      }
      if let parent { (pool.parent, pool.level) = (list.pools[parent].address, list.pools[parent].level + 1) }
      list.pools.append(pool)
      if head.next != 0 { pending.append((Address(head.next), parent)) }
      if head.child != 0 { pending.append((Address(head.child), number)) }
    }
  }

  /// See ``PoolKind/describe(_:)``.
  public func describe(_ pools: [MemoryPool]) -> [String] {
    let unwalked = pools.count { !$0.isWalked }
    guard unwalked > 0 else { return [] }
    return [
      "\(unwalked) of \(pools.count) contexts are of a kind whose blocks are not walked (such as Slab): their "
        + "size is what PostgreSQL keeps of it, and what is free in them is not known."
    ]
  }

  /// See ``PoolKind/describe(growth:roles:)``.
  public func describe(growth pools: [PoolGrowth], roles: [PoolGrowth]) -> [String] { [] }
}
