/// The pools of nginx (`ngx_pool_t` of src/core/ngx_palloc.h), on 64-bit machines.
///
/// A pool is a chain of blocks of one size. The first begins with ten words: last, end, next and failed, which every
/// block has, then max, current, chain, large, cleanup and log. The layout is that of every nginx since 0.8, and of
/// those that are made from it.
public struct NginxPools: PoolKind {
  /// See ``PoolKind/name``.
  public let name = "nginx-pool"
  /// See ``PoolKind/figures``.
  public let figures: Set<MemoryPool.Figure> = [.emptied, .large, .cleanups]
  /// See ``PoolKind/programs``.
  public let programs = ["nginx", "openresty", "tengine", "angie"]
  /// The length of the head of a pool: ten words, in bytes.
  public let headByteCount = Int(NginxPool.headByteCount)
  private let allocators: [any Allocator]

  /// Makes the kind of pools that nginx has.
  ///
  /// - Parameter allocators: the allocators whose memory the pools may be in.
  public init(allocators: [any Allocator] = Allocators.all) { self.allocators = allocators }

  /// See ``PoolKind/isHolder(role:)``.
  public func isHolder(role: String) -> Bool { ["cycle", "connection", "request"].contains(role) }

  /// See ``PoolKind/recognise(_:base:in:into:)``. Pools are aligned to 16 bytes (NGX_POOL_ALIGNMENT).
  public func recognise(_ bytes: RawSpan, base: Address, in starts: Range<Int>, into candidates: inout [Address]) {
    let last = min(starts.upperBound - 1, bytes.byteCount - headByteCount)
    var offset = starts.lowerBound + Int((16 - (base.rawValue &+ UInt64(starts.lowerBound)) % 16) % 16)
    while offset <= last {
      let address = base.rawValue &+ UInt64(offset)
      // Nearly everywhere one look at the second word is enough.
      let end = bytes.word(1, behind: offset)
      if NginxPool.sizes.contains(end &- address), isHead(bytes, offset, Address(address)) {
        candidates.append(Address(address))
      }
      offset += 16
    }
  }

  private func isHead(_ bytes: RawSpan, _ offset: Int, _ address: Address) -> Bool {
    let words = NginxPool.Head { bytes.word($0, behind: offset) }
    return words.fits(at: address)
  }

  /// See ``PoolKind/walk(_:in:constants:wanted:)``.
  public func walk(
    _ candidates: [Address], in memory: inout WordCache, constants: inout WordCache, wanted: Set<Address>
  ) throws(MemDumpError) -> PoolList {
    var list = PoolList()
    let heads = try used(candidates, in: &memory, &list)
    let inner = try reached(from: heads, in: &memory)
    var claimed = Set(heads.map(\.address).filter { !inner.contains($0) })
    for (address, head) in heads where !inner.contains(address) {
      let number = list.pools.count
      let pool = try NginxPool.walk(address, head, in: &memory, claimed: &claimed) { place, isLarge in
        if wanted.contains(place) { list.members[place] = (number, isLarge) }
      }
      list.pools.append(pool)
    }
    return list
  }

  /// The candidates that are not in freed memory. All of them where no allocator knows most of them.
  private func used(
    _ candidates: [Address], in memory: inout WordCache, _ list: inout PoolList
  ) throws(MemDumpError) -> [(address: Address, head: NginxPool.Head)] {
    var found: [(address: Address, head: NginxPool.Head)] = []
    for address in candidates {
      // A live process may have written something else there since.
      guard let head = try NginxPool.Head(at: address, in: &memory), head.fits(at: address),
        try NginxPool.isLog(Address(head.log), in: &memory)
      else { continue }
      found.append((address, head))
    }
    for allocator in allocators {
      var states: [HeapBlock.State?] = []
      for (address, head) in found {
        states.append(try allocator.state(of: address, byteCount: head.end - address.rawValue, in: &memory))
      }
      guard states.count(where: { $0 != nil }) * 2 > found.count else { continue }
      let used = zip(found, states).filter { $0.1 == .used }.map(\.0)
      list.freedCount = found.count - used.count
      return used
    }
    return found
  }

  /// The blocks that the chains of pools lead to: a block of them that looks like the first of a pool is left over from
  /// a pool that had the memory before.
  private func reached(
    from heads: [(address: Address, head: NginxPool.Head)], in memory: inout WordCache
  ) throws(MemDumpError) -> Set<Address> {
    var reached: Set<Address> = []
    for (address, head) in heads {
      var next = head.next
      while next != 0, next != address.rawValue {
        guard let block = try NginxPool.Block(at: Address(next), byteCount: head.end - address.rawValue, in: &memory),
          reached.insert(Address(next)).inserted
        else { break }
        next = block.next
      }
    }
    return reached
  }

  /// See ``PoolKind/describe(_:)``.
  public func describe(_ pools: [MemoryPool]) -> [String] {
    let emptied = pools.filter { $0.emptiedByteCount > 0 }
    guard !emptied.isEmpty else { return [] }
    let lost = ByteSize(emptied.reduce(0) { $0 &+ $1.emptiedByteCount })
    let all = ByteSize(pools.reduce(0) { $0 &+ $1.byteCount })
    return [
      "\(lost) of \(all) are in blocks that were emptied but stand before `current` of their pool, where nginx looks for "
        + "room no more (\(emptied.count) of \(pools.count) pools). That is what ngx_reset_pool did before nginx 1.5.9: it "
        + "emptied the blocks and left `current` behind them, so that each reset adds blocks. Destroy the pool "
        + "(ngx_destroy_pool) and create it anew, or rewind `current` as nginx 1.5.9 does."
    ]
  }

  /// See ``PoolKind/describe(growth:roles:)``.
  public func describe(growth pools: [PoolGrowth], roles: [PoolGrowth]) -> [String] {
    pools.filter { $0.role == "cycle" }.map { pool in
      "The cycle pool at \(pool.address ?? Address(0)) grew. nginx fills it when it reads its configuration, and destroys it at "
        + "a reload: what a module takes from it while it serves stays until then, whether the module forgets it or not. "
        + "Give each refresh a pool of its own (ngx_create_pool), and destroy that."
    }
  }
}
