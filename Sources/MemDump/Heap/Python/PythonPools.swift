/// The pools of Python's own allocator for small objects (pymalloc, Objects/obmalloc.c), whose memory comes from the
/// system and not from malloc: arenas, cut into pools, each for blocks of one size.
struct PythonPools: Sendable {
  /// How large pools are, and what their blocks are multiples of, in bytes.
  struct Shape: Hashable, Sendable {
    var poolByteCount: UInt64
    var alignment: UInt64

    /// 16 KiB from Python 3.10 on, 4 KiB before; blocks of 16 bytes, in older patch releases of 8.
    static let all = [
      Shape(poolByteCount: 16 << 10, alignment: 16), Shape(poolByteCount: 4 << 10, alignment: 16),
      Shape(poolByteCount: 16 << 10, alignment: 8), Shape(poolByteCount: 4 << 10, alignment: 8),
    ]
  }

  /// A stretch of pools that touch.
  struct Run: Sendable {
    /// The memory of the pools.
    var range: Range<Address>
    /// The number of the first one in ``PythonPools/sizes``.
    var first: Int
  }

  /// The shape of all pools.
  let shape: Shape
  /// The pools, in the order of their addresses.
  private(set) var stretches: [Run] = []
  /// The bytes of a block of each pool, in the order of the addresses of pools.
  private(set) var sizes: [UInt16] = []

  /// The number of pools after which the vote on their shape ends.
  private static let leastVoters = 256

  /// The number of pools.
  var count: UInt64 { UInt64(sizes.count) }
  /// The memory of the pools, in order; pools that touch are one range.
  var ranges: [Range<Address>] { stretches.map(\.range) }
  /// The size of all pools together, in bytes.
  var byteCount: UInt64 { count &* shape.poolByteCount }

  /// Finds the pools of a Python process.
  static func find(
    in source: any MemorySource, _ control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> PythonPools {
    let memory = AnonymousMemory(source.regions).stretches
    guard let shape = try shape(in: memory, of: source, control) else { return PythonPools(Shape.all[0]) }
    var pools = PythonPools(shape)
    try pools.find(in: memory, of: source, control) { _, _ in }
    return pools
  }

  /// The shape that most pools have of those that are met first; nil where there are none.
  static func shape(
    in memory: [Range<Address>], of source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) -> Shape? {
    var words = try WordCache(source)
    var counts = [Shape: UInt64]()
    try forEachPage(memory, step: 4 << 10, &words) { (page, words) throws(MemDumpError) in
      for shape in Shape.all where page.rawValue & (shape.poolByteCount - 1) == 0 {
        if try PythonPool(at: page, shape, &words) != nil { counts[shape, default: 0] += 1 }
      }
      return !control.isStopped && counts.allSatisfy { $0.value < Self.leastVoters }
    }
    func byteCount(_ shape: Shape) -> UInt64 { counts[shape, default: 0] * shape.poolByteCount }
    // Of equals, the first.
    let shape = Shape.all.reduce(Shape.all[0]) { byteCount($1) > byteCount($0) ? $1 : $0 }
    return byteCount(shape) > 0 ? shape : nil
  }

  /// No pools yet, of a shape.
  init(_ shape: Shape) { self.shape = shape }

  /// Adds the pools of memory behind those that are there.
  ///
  /// - Parameter body: is handed each pool, in the order of addresses.
  mutating func find(
    in memory: [Range<Address>], of source: any MemorySource, _ control: WorkControl,
    _ body: (PythonPool, inout WordCache) throws(MemDumpError) -> Void
  ) throws(MemDumpError) {
    var words = try WordCache(source)
    try Self.forEachPage(memory, step: shape.poolByteCount, &words) { (page, words) throws(MemDumpError) in
      guard let pool = try PythonPool(at: page, shape, &words) else { return !control.isStopped }
      add(pool)
      try body(pool, &words)
      control.add(shape.poolByteCount)
      return !control.isStopped
    }
  }

  private static func forEachPage(
    _ memory: [Range<Address>], step: UInt64, _ words: inout WordCache,
    _ body: (Address, inout WordCache) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    for range in memory {
      var page = range.lowerBound.alignedUp(to: step)
      while page < range.upperBound, range.upperBound - page >= step {
        if let end = try words.emptyEnd(at: page) {
          page = end.alignedUp(to: step)
          continue
        }
        guard try body(page, &words) else { return }
        page = page + step
      }
    }
  }

  private mutating func add(_ pool: PythonPool) {
    if let last = stretches.indices.last, stretches[last].range.upperBound == pool.address {
      stretches[last].range = stretches[last].range.lowerBound..<pool.range.upperBound
    } else {
      stretches.append(Run(range: pool.range, first: sizes.count))
    }
    sizes.append(UInt16(truncatingIfNeeded: pool.blockByteCount))
  }

  /// Adds the pools of memory behind that of these.
  mutating func add(_ other: PythonPools) {
    for var run in other.stretches {
      run.first += sizes.count
      if let last = stretches.indices.last, stretches[last].range.upperBound == run.range.lowerBound {
        stretches[last].range = stretches[last].range.lowerBound..<run.range.upperBound
      } else {
        stretches.append(run)
      }
    }
    sizes += other.sizes
  }

  /// The pool that holds an address, with the bytes of its blocks; nil for none.
  @inline(__always)
  func pool(holding address: Address) -> (start: Address, blockByteCount: UInt64)? {
    let index = stretches.partitionIndex { $0.range.upperBound > address }
    guard index < stretches.count, address >= stretches[index].range.lowerBound else { return nil }
    let start = Address(address.rawValue & ~(shape.poolByteCount - 1))
    let number = (start - stretches[index].range.lowerBound) / shape.poolByteCount
    return (start, UInt64(sizes[stretches[index].first + Int(number)]))
  }
}

/// A pool of blocks of one size, by its header (`struct pool_header`).
struct PythonPool: Sendable {
  /// The size of the header, in bytes.
  static let headerByteCount: UInt64 = 48
  /// The size of the largest block, in bytes.
  static let largestBlock: UInt64 = 512

  let address: Address
  let shape: PythonPools.Shape
  /// The bytes of each block.
  let blockByteCount: UInt64
  /// The number of blocks in use, by the pool's own count.
  let usedCount: UInt64
  /// The number of blocks that were ever handed out: those behind them were never touched.
  let formedCount: UInt64
  /// The first free block; 0 for none.
  let firstFree: UInt64

  /// The memory of the pool.
  var range: Range<Address> { Range(start: address, byteCount: shape.poolByteCount) }

  /// Reads a header, which proves itself: the count of blocks in use, the free block, two pools, then four numbers of 32
  /// bits, the arena, the class of the blocks, where the next untouched block is, and the last place for one, which the
  /// class decides. nil for anything else.
  init?(at address: Address, _ shape: PythonPools.Shape, _ words: inout WordCache) throws(MemDumpError) {
    guard let offsets = try words.word(at: address + 40) else { return nil }
    let (next, last, size) = (offsets & 0xffff_ffff, offsets >> 32, shape.poolByteCount)
    guard last < size, size - last <= Self.largestBlock, let indexes = try words.word(at: address + 32) else {
      return nil
    }
    let block = ((indexes >> 32) + 1) * shape.alignment
    guard block <= Self.largestBlock, last == size - block, next >= Self.headerByteCount, next <= size,
      (next - Self.headerByteCount) % block == 0, let count = try words.word(at: address),
      let free = try words.word(at: address + 8)
    else { return nil }
    (self.address, self.shape, blockByteCount) = (address, shape, block)
    (usedCount, firstFree) = (count & 0xffff_ffff, free)
    formedCount = (next - Self.headerByteCount) / block
    guard usedCount <= formedCount, free == 0 || (address..<(address + size)).contains(Address(free)) else {
      return nil
    }
  }

  /// The address of a block.
  func block(_ number: Int) -> Address { address + (Self.headerByteCount + UInt64(number) * blockByteCount) }

  /// Notes which of the blocks that were handed out are free, as the pool's own list has them. Returns whether the list
  /// ends and agrees with the count.
  ///
  /// - Parameter isFree: for each block that was ever handed out; false at first.
  func readFreeList(_ isFree: inout [Bool], _ words: inout WordCache) throws(MemDumpError) -> Bool {
    var (next, count): (UInt64, UInt64) = (firstFree, 0)
    while next != 0 {
      let place = next &- address.rawValue &- Self.headerByteCount
      guard next >= address.rawValue &+ Self.headerByteCount, place % blockByteCount == 0,
        place / blockByteCount < formedCount
      else { return false }
      let number = Int(place / blockByteCount)
      guard !isFree[number], let following = try words.word(at: Address(next)) else { return false }
      isFree[number] = true
      (next, count) = (following, count + 1)
    }
    return formedCount - count == usedCount
  }
}
