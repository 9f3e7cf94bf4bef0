/// The pools of Python's own allocator for small objects (pymalloc, Objects/obmalloc.c), whose memory comes from the
/// system and not from malloc: arenas, cut into pools, each for blocks of one size.
struct PythonPools: Hashable, Sendable {
  /// The number of pools.
  private(set) var count: UInt64 = 0
  /// The size of a pool, in bytes: 16 KiB from Python 3.10 on, 4 KiB before.
  private(set) var poolByteCount: UInt64 = 0
  /// The number of mappings that hold pools.
  private(set) var regionCount = 0
  /// The size of all pools together, in bytes.
  var byteCount: UInt64 { count * poolByteCount }

  private static let sizes: [UInt64] = [16 << 10, 4 << 10]

  /// Counts the pools of a Python process.
  static func find(in source: any MemorySource) throws(MemDumpError) -> PythonPools {
    var words = try WordCache(source)
    var best = PythonPools()
    for size in sizes {
      let pools = try count(source.regions, size, &words)
      if pools.byteCount > best.byteCount { best = pools }
    }
    return best
  }

  private static func count(
    _ regions: [MemoryRegion], _ poolByteCount: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> PythonPools {
    var pools = PythonPools()
    pools.poolByteCount = poolByteCount
    for region in regions where region.kind == .anonymous && region.permissions.contains(.write) {
      let before = pools.count
      var address = region.range.lowerBound.alignedUp(to: poolByteCount)
      while address < region.range.upperBound {
        if let end = try words.emptyEnd(at: address) {
          address = end.alignedUp(to: poolByteCount)
          continue
        }
        if try isPool(address, poolByteCount, &words) { pools.count += 1 }
        address = address + poolByteCount
      }
      if pools.count > before { pools.regionCount += 1 }
    }
    return pools
  }

  /// `struct pool_header`: the count of blocks in use, the free block, two pools, then four numbers of 32 bits: the
  /// arena, the class of the blocks, where the next untouched block is, and the last place for one, which the class
  /// decides.
  private static func isPool(
    _ pool: Address, _ byteCount: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let indexes = try words.word(at: pool + 32), let offsets = try words.word(at: pool + 40),
      let freeBlock = try words.word(at: pool + 8), let used = try words.word(at: pool)
    else { return false }
    let blockByteCount = ((indexes >> 32) + 1) * 16
    guard blockByteCount <= 512, offsets >> 32 == byteCount - blockByteCount else { return false }
    return offsets & 0xffff_ffff <= byteCount && used & 0xffff_ffff <= byteCount / blockByteCount
      && (freeBlock == 0 || (pool..<(pool + byteCount)).contains(Address(freeBlock)))
  }
}
