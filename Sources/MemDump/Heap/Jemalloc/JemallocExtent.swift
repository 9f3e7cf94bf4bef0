/// An extent of jemalloc 5 (`extent_t`, from 5.3 on `edata_t`): a run of pages, which is a slab of equal blocks, or one large
/// block, or free. 128 bytes in each version.
struct JemallocExtent: Sendable {
  /// The address of the structure.
  var address: Address
  /// Arena, state, size class and more, in bits whose places differ between versions: see ``JemallocBits``.
  var bits: UInt64
  /// The memory: of a large block where it begins, which may be somewhere in the first page.
  var start: Address
  /// The bytes of whole pages.
  var byteCount: UInt64

  /// The bytes of the structure.
  static let structureByteCount: UInt64 = 128
  /// The bitmap of a slab, in which a bit of 1 is a free block.
  static let bitmapOffset: UInt64 = 64
  /// The most blocks of a slab.
  static let mostBlocks: UInt64 = 512

  /// Reads an extent; nil where there is none that can be.
  init?(at address: Address, _ words: inout WordCache) throws(MemDumpError) {
    guard let bits = try words.word(at: address),
      let start = try words.word(at: address + 8), let size = try words.word(at: address + 16),
      // The other bits of the size are a serial number.
      size >> 12 != 0, start >> 47 == 0, size >> 47 == 0
    else { return nil }
    (self.address, self.bits) = (address, bits)
    (self.start, byteCount) = (Address(start), size & ~0xfff)
  }

  /// The pages.
  var range: Range<Address> { Range(start: start.pageStart, byteCount: byteCount) }

  /// Whether a page, by its number, is one of the extent's.
  func holds(page: UInt64) -> Bool {
    let first = start.rawValue >> 12
    return first <= page && page < first + byteCount >> 12
  }

  /// Whether the pages are a slab.
  var isSlab: Bool { bits >> 12 & 1 != 0 }

  /// The blocks of an extent in use; nil where it has none that can be.
  func blocks(_ bits: JemallocBits) -> ExtentTable.Extent? {
    let number = bits.sizeClass(self)
    guard bits.state(self) == .used else { return nil }
    if isSlab {
      guard number < JemallocSizes.slabClassCount, start.pageStart == start else { return nil }
      let each = JemallocSizes.byteCounts[number]
      let count = byteCount / each
      guard count > 0, count <= Self.mostBlocks else { return nil }
      return .init(start: start, byteCount: each * count, blockByteCount: each)
    }
    guard number < JemallocSizes.classCount, start.rawValue & 15 == 0 else { return nil }
    // Behind each is a page, so that it can begin anywhere in the first; not where it was built without.
    let isWhole = JemallocSizes.byteCounts[number] == byteCount || byteCount <= pageSize
    let usable = isWhole ? byteCount : byteCount - pageSize
    guard start + usable <= range.upperBound else { return nil }
    return .init(start: start, byteCount: usable, blockByteCount: usable)
  }

  /// The bitmap of a slab.
  func bitmap(_ words: inout WordCache) throws(MemDumpError) -> [8 of UInt64]? {
    var bitmap = [8 of UInt64](repeating: 0)
    for index in bitmap.indices {
      guard let word = try words.word(at: address + Self.bitmapOffset + UInt64(index) * 8) else { return nil }
      bitmap[index] = word
    }
    return bitmap
  }
}

/// Where the bits of an extent are.
struct JemallocBits: Sendable {
  /// The state of an extent.
  enum State: UInt64, Sendable {
    /// A program has it.
    case used
    /// Free, and as the program left it.
    case dirty
    /// Free, and the kernel may take it (MADV_FREE).
    case muzzy
    /// Free, without memory, and kept for its addresses.
    case retained
    /// On the way from one state to another.
    case transition
    case merging
  }

  /// The versions that have these places.
  let title: StaticString
  private let stateShift: UInt64
  private let stateMask: UInt64
  private let sizeShift: UInt64
  private let freeShift: UInt64

  /// The layouts that are known, the newest first.
  static let all = [
    JemallocBits(title: "5.3", stateShift: 17, stateMask: 7, sizeShift: 20, freeShift: 28),
    JemallocBits(title: "5.1 and 5.2", stateShift: 16, stateMask: 3, sizeShift: 18, freeShift: 26),
    JemallocBits(title: "5.0", stateShift: 15, stateMask: 3, sizeShift: 17, freeShift: 25),
  ]

  /// Whether caches of threads are those of 5.3.
  var isPacked: Bool { stateMask == 7 }

  /// The state of an extent; nil for none that there is.
  func state(_ extent: JemallocExtent) -> State? { State(rawValue: extent.bits >> stateShift & stateMask) }

  /// The number of the size class.
  func sizeClass(_ extent: JemallocExtent) -> Int { Int(truncatingIfNeeded: extent.bits >> sizeShift & 0xff) }

  /// The number of free blocks that a slab says it has.
  func freeCount(_ extent: JemallocExtent) -> UInt64 { extent.bits >> freeShift & 0x3ff }

  /// A slab in use: its blocks, and what the bitmap says of them.
  struct Slab {
    /// The blocks.
    var blocks: ExtentTable.Extent
    /// The number of blocks.
    var blockCount: Int
    /// The bitmap, with 1 for a free block, and nothing behind the last.
    var free: [8 of UInt64]
    /// The number of free blocks by the bitmap.
    var freeCount: UInt64
  }

  /// The slab of an extent by these bits; nil where it has no size that a slab has, or the blocks that it says are free are not
  /// those of the bitmap.
  func slab(_ extent: JemallocExtent, _ words: inout WordCache) throws(MemDumpError) -> Slab? {
    guard let blocks = extent.blocks(self), var free = try extent.bitmap(&words) else { return nil }
    let count = blocks.byteCount / blocks.blockByteCount
    var freeCount: UInt64 = 0
    for index in free.indices {
      let left = Int(count) - index * 64
      if left < 64 { free[index] &= left <= 0 ? 0 : (1 << UInt64(left)) - 1 }
      freeCount += UInt64(free[index].nonzeroBitCount)
    }
    guard freeCount == self.freeCount(extent) else { return nil }
    return Slab(blocks: blocks, blockCount: Int(count), free: free, freeCount: freeCount)
  }
}
