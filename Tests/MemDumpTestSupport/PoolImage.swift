/// Memory in which pools of nginx lie, built as nginx builds them: blocks of one size in a heap of glibc.
public struct PoolImage {
  /// The address of the first byte.
  public let base: UInt64
  /// The bytes.
  public private(set) var bytes: [UInt8]
  /// Where a log is, as that of the cycle.
  public var log: UInt64 { base + 16 }

  /// Begins with a log, and no pool.
  public init(base: UInt64) {
    self.base = base
    bytes = [UInt8](repeating: 0, count: 128)
    set(base + 16, [4])
  }

  /// Where the next block of `allocate` will be.
  public var next: UInt64 { base + UInt64(bytes.count) + 16 }

  /// Writes words.
  public mutating func set(_ address: UInt64, _ words: [UInt64]) {
    for (index, word) in words.enumerated() {
      for place in 0..<8 {
        bytes[Int(address - base) + index * 8 + place] = UInt8(truncatingIfNeeded: word >> (place * 8))
      }
    }
  }

  /// The word at an address.
  public func word(_ address: UInt64) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[Int(address - base) + $1]) << ($1 * 8) }
  }

  /// Adds a chunk of malloc, in use, and the header of a small one behind it.
  @discardableResult
  public mutating func allocate(_ byteCount: Int) -> UInt64 {
    let chunk = (byteCount + 8 + 15) & ~15
    let address = next
    bytes += [UInt8](repeating: 0, count: chunk + 32)
    set(address - 8, [UInt64(chunk) | 1])
    set(address + UInt64(chunk) - 8, [32 | 1])
    return address
  }

  /// Says that a chunk of `allocate` is free.
  public mutating func free(_ address: UInt64) {
    let chunk = word(address - 8) & ~7
    set(address + chunk - 8, [0x20])
  }

  /// Adds a pool: the sizes are what is given out in each block behind its head; nil for one that was reset.
  ///
  /// - Parameters:
  ///   - size: of a block.
  ///   - current: the number of the block where it looks for room.
  @discardableResult
  public mutating func addPool(
    size: UInt64 = 512, blocks: [UInt64?] = [100], current: Int = 0, log: UInt64? = nil
  ) -> [UInt64] {
    let places = blocks.map { _ in allocate(Int(size)) }
    for (index, place) in places.enumerated() {
      let following = index + 1 < places.count ? places[index + 1] : 0
      let head: UInt64 = index == 0 ? 80 : 32
      set(
        place,
        [place + (blocks[index].map { head + $0 } ?? 80), place + size, following, UInt64(index < current ? 6 : 0)])
    }
    set(places[0] + 32, [min(size - 80, 4095), places[current], 0, 0, 0, log ?? self.log])
    return places
  }

  /// Adds nodes to the list of large allocations of a pool, in its first block.
  public mutating func addLarge(_ pool: UInt64, count: Int, freed: Int = 0) {
    for index in 0..<count {
      let node = pool + 80 + UInt64(index) * 16
      set(node, [word(pool + 56), index < freed ? 0 : base + 64])
      set(pool + 56, [node])
    }
  }

  /// Adds cleanup handlers to a pool, at the end of its first block.
  public mutating func addCleanups(_ pool: UInt64, count: Int) {
    for index in 1...count {
      let node = word(pool + 8) - UInt64(index) * 24
      set(node, [base, base, word(pool + 64)])
      set(pool + 64, [node])
    }
  }
}
