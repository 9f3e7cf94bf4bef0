/// A page of mimalloc (`mi_page_t`, include/mimalloc/types.h): blocks of one size, cut from one stretch of memory. It has nothing
/// to do with a page of the system.
struct MimallocPage: Sendable {
  /// The memory that the page has for itself.
  var area: Range<Address>
  /// The address of the first block.
  var start: Address
  /// The size of each block, in bytes.
  var blockByteCount: UInt64
  /// The number of blocks that were handed out at some time, and that there is room for.
  var (capacity, reserved): (UInt64, UInt64)
  /// The number of blocks in use by the page's own count: those that other threads have given back are among them.
  var used: UInt64
  /// The first of the blocks that the page hands out next, those that its thread has given back since, and those that other
  /// threads have given back; 0 for none.
  var (free, localFree, threadFree): (UInt64, UInt64, UInt64)
  /// The heap of the thread that owns the page, in mimalloc 2; 0 for none.
  var heap: UInt64 = 0

  /// Whether the figures can be those of a page: all blocks lie in its memory.
  var isPlausible: Bool {
    guard blockByteCount >= 8, blockByteCount & 7 == 0, capacity > 0, capacity <= reserved, reserved <= 0xffff,
      used <= capacity, start.rawValue & 7 == 0, area.lowerBound <= start
    else { return false }
    let (byteCount, overflow) = blockByteCount.multipliedReportingOverflow(by: reserved)
    return !overflow && byteCount <= area.upperBound - start
  }

  /// The memory of the blocks, of a page that is plausible.
  var extent: ExtentTable.Extent {
    ExtentTable.Extent(start: start, byteCount: capacity &* blockByteCount, blockByteCount: blockByteCount)
  }

  /// The end of the last block.
  var end: Address { start + extent.byteCount }

  /// The number of the block that begins at an address, of those there is room for; nil for none.
  @inline(__always)
  func index(of block: UInt64) -> Int? {
    guard block >= start.rawValue else { return nil }
    let (index, rest) = (block - start.rawValue).quotientAndRemainder(dividingBy: blockByteCount)
    return rest == 0 && index < reserved ? Int(truncatingIfNeeded: index) : nil
  }
}

/// Where the fields of a page of mimalloc 2 are: an entry of the array of slices in the header of a segment.
struct MimallocPageLayout: Sendable {
  /// The versions of mimalloc that have the layout.
  let versions: String
  /// The size of an entry, in bytes.
  let byteCount: UInt64
  /// The places of the fields: `local_free`, `used` with `xblock_size` or alone, `block_size`, `xthread_free`, `xheap`.
  fileprivate let (localFree, used, size, threadFree, heap): (UInt64, UInt64, UInt64, UInt64, UInt64)
  /// Whether the page says where its first block is.
  let hasStart: Bool

  /// mimalloc 2.0.0 to 2.1.2.
  static let early = MimallocPageLayout(
    versions: "2.0 to 2.1.2", byteCount: 80, localFree: 32, used: 24, size: 24, threadFree: 40, heap: 48,
    hasStart: false)
  /// mimalloc 2.1.4 to 2.4.
  static let late = MimallocPageLayout(
    versions: "2.1.4 to 2.4", byteCount: 96, localFree: 24, used: 32, size: 40, threadFree: 56, heap: 64, hasStart: true
  )
  /// The sizes of entries that there are: two keys more in builds that encode the lists.
  static let byteCounts: [UInt64] = [early.byteCount, late.byteCount, late.byteCount + 16]

  /// Reads the page of an entry.
  ///
  /// - Parameters:
  ///   - entry: the address of the entry.
  ///   - area: the memory of the page.
  func page(
    at entry: Address, area: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocPage? {
    guard let counts = try words.word(at: entry + 8), let free = try words.word(at: entry + 16),
      let localFree = try words.word(at: entry + localFree), let used = try words.word(at: entry + used),
      let size = try words.word(at: entry + size), let threadFree = try words.word(at: entry + threadFree),
      let heap = try words.word(at: entry + heap)
    else { return nil }
    var page = MimallocPage(
      area: area, start: area.lowerBound, blockByteCount: hasStart ? size : size >> 32,
      capacity: counts >> 16 & 0xffff, reserved: counts >> 32 & 0xffff,
      used: hasStart ? used & 0xffff : used & 0xffff_ffff,
      free: free, localFree: localFree, threadFree: threadFree & ~3, heap: heap)
    if hasStart {
      guard let start = try words.word(at: entry + 48) else { return nil }
      page.start = Address(start)
    } else if page.blockByteCount >= 1 << 31 {
      // A block of 2 GiB or more: the field has no room for its size.
      page.blockByteCount = area.byteCount
    }
    return page
  }
}
