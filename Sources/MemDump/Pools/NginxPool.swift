/// A pool of nginx: the layout of its structures, and how to walk it.
enum NginxPool {
  /// The size of `ngx_pool_t`, which the first block begins with, in bytes.
  static let headByteCount: UInt64 = 80
  /// The size of `ngx_pool_data_t`, which the other blocks begin with, in bytes.
  static let blockHeadByteCount: UInt64 = 32
  /// The sizes that a block may have, in bytes: there is a byte to give out, and no nginx asks for more than a GiB.
  static let sizes: ClosedRange<UInt64> = headByteCount + 16...1 << 30
  /// The failures that no block reaches: after 5 vain looks for room nginx goes on to the next block.
  private static let mostFailures: UInt64 = 64
  /// The values of max in a block that has room for more: a page without a byte, for each size of a page there is.
  private static let pageLimits: [UInt64] = [4095, 16383, 65535]
  private static let endOfAddresses: UInt64 = 1 << 56

  /// The words that the first block of a pool begins with.
  struct Head {
    var last, end, next, failed, max, current, chain, large, cleanup, log: UInt64

    init(_ word: (Int) -> UInt64) {
      (last, end, next, failed, max) = (word(0), word(1), word(2), word(3), word(4))
      (current, chain, large, cleanup, log) = (word(5), word(6), word(7), word(8), word(9))
    }

    init?(at address: Address, in memory: inout WordCache) throws(MemDumpError) {
      var words: [UInt64] = []
      for index in 0..<10 {
        guard let word = try memory.word(at: address + UInt64(index) * 8) else { return nil }
        words.append(word)
      }
      self.init { words[$0] }
    }

    /// Whether the words can be those of a pool at an address.
    func fits(at address: Address) -> Bool {
      let start = address.rawValue
      guard end > start, NginxPool.sizes.contains(end - start), last >= start + headByteCount, last <= end else {
        return false
      }
      let room = end - start - headByteCount
      return failed < mostFailures && (max == room || (pageLimits.contains(max) && max < room))
        && isPointer(current, alignment: 16) && (next == 0 || isPointer(next, alignment: 16))
        && isPointer(log, alignment: 8)
        && [chain, large, cleanup].allSatisfy { $0 == 0 || isPointer($0, alignment: 8) }
    }
  }

  /// The words that any block begins with.
  struct Block {
    var last, next: UInt64

    /// Reads the block at an address; nil where there is no block of the given size.
    init?(at address: Address, byteCount: UInt64, in memory: inout WordCache) throws(MemDumpError) {
      guard isPointer(address.rawValue, alignment: 16), let last = try memory.word(at: address),
        let end = try memory.word(at: address + 8), let next = try memory.word(at: address + 16),
        let failed = try memory.word(at: address + 24), end == (address + byteCount).rawValue,
        (address.rawValue + blockHeadByteCount...end).contains(last), failed < mostFailures
      else { return nil }
      (self.last, self.next) = (last, next)
    }
  }

  private static func isPointer(_ word: UInt64, alignment: UInt64) -> Bool {
    word >= 4096 && word < endOfAddresses && word % alignment == 0
  }

  /// Whether an `ngx_log_t` can be at an address: its first word is a set of 31 flags at most, or is not known.
  static func isLog(_ address: Address, in memory: inout WordCache) throws(MemDumpError) -> Bool {
    try memory.word(at: address).map { $0 < 1 << 31 } ?? true
  }

  /// Walks a pool.
  ///
  /// - Parameters:
  ///   - address: the address where the pool begins.
  ///   - head: the first words of the pool, which fit.
  ///   - claimed: the blocks that are known to be of some pool; no block is of two.
  ///   - tell: is told each block, and each allocation that is too large for one.
  static func walk(
    _ address: Address, _ head: Head, in memory: inout WordCache, claimed: inout Set<Address>,
    _ tell: (_ allocation: Address, _ isLarge: Bool) -> Void
  ) throws(MemDumpError) -> MemoryPool {
    let blockByteCount = head.end - address.rawValue
    var pool = MemoryPool(address: address, role: try role(of: address, head, in: &memory))
    // What is emptied counts only if `current` comes behind it.
    var emptied: UInt64 = 0
    var isBeforeCurrent = true
    var (start, last, next) = (address, head.last, head.next)
    while true {
      if start.rawValue == head.current { (isBeforeCurrent, pool.emptiedByteCount) = (false, emptied) }
      pool.blockCount += 1
      tell(start, false)
      pool.byteCount += blockByteCount
      pool.usedByteCount += last - start.rawValue
      // A reset leaves room for the head in every block.
      if isBeforeCurrent, last == start.rawValue + headByteCount { emptied += blockByteCount }
      if next == 0 { break }
      guard let block = try Block(at: Address(next), byteCount: blockByteCount, in: &memory),
        claimed.insert(Address(next)).inserted
      else {
        pool.brokenAt = Address(next)
        break
      }
      (start, last, next) = (Address(next), block.last, block.next)
    }
    if isBeforeCurrent { pool.brokenAt = pool.brokenAt ?? Address(head.current) }
    try count(head.large, next: 0, value: 8, in: &memory, of: &pool, \.largeCount) { tell(Address($0), true) }
    try count(head.cleanup, next: 16, value: 0, in: &memory, of: &pool, \.cleanupCount)
    return pool
  }

  /// Counts the nodes of a list whose value is not 0: `ngx_pool_large_t` (next, alloc), `ngx_pool_cleanup_t` (handler,
  /// data, next). The nodes are in the pool, so there are no more of them than fit there.
  private static func count(
    _ first: UInt64, next: UInt64, value: UInt64, in memory: inout WordCache, of pool: inout MemoryPool,
    _ field: WritableKeyPath<MemoryPool, Int>, _ tell: (UInt64) -> Void = { _ in }
  ) throws(MemDumpError) {
    var node = first
    var left = pool.byteCount / 16
    while node != 0 {
      guard left > 0, memory.step(), let value = try memory.word(at: Address(node) + value),
        let following = try memory.word(at: Address(node) + next)
      else {
        pool.brokenAt = pool.brokenAt ?? Address(node)
        return
      }
      left -= 1
      if value != 0 {
        pool[keyPath: field] += 1
        tell(value)
      }
      node = following
    }
  }

  /// The role of a pool, by the first thing that nginx puts there.
  ///
  /// A pool of a cycle begins with its `ngx_cycle_t`, whose second word is the pool. That of a request begins with its
  /// `ngx_http_request_t`, whose first word is "HTTP". That of a connection has its log in the pool.
  private static func role(
    of address: Address, _ head: Head, in memory: inout WordCache
  ) throws(MemDumpError) -> String {
    let first = address + headByteCount
    if try memory.word(at: first + 8) == address.rawValue { return "cycle" }
    if let word = try memory.word(at: first), UInt32(truncatingIfNeeded: word) == 0x5054_5448 { return "request" }
    return (first.rawValue..<head.end).contains(head.log) ? "connection" : "other"
  }
}
