/// How many bytes of each page some blocks take: two bytes a page, in stretches of 1 MiB that exist only where there are
/// blocks, and a range for the pages inside of each large block.
struct PageOccupancy: Sendable {
  /// Bytes are counted by eight, to which footprints are aligned: so the count of a page of 64 KiB fits 16 bits.
  private static let unit: UInt64 = 8
  private static let stretchShift: UInt64 = 20
  /// Blocks with more whole pages than this are kept as a range.
  private static let mostCountedPages: UInt64 = 64

  /// The number of units in a page.
  private static let full = UInt16(clamping: pageSize / unit)
  private static let pageShift = UInt64(pageSize.trailingZeroBitCount)
  private static let pageCount = 1 << Int(stretchShift - pageShift)

  private var stretches: [UInt64: [UInt16]] = [:]
  /// The stretch that was used last, taken out of `stretches`: a walk stays in one for long.
  private var current: [UInt16] = []
  private var currentKey: UInt64?
  /// The whole pages inside of large blocks, in the order in which they came.
  private var large: [Range<Address>] = []

  /// Counts a block.
  @inline(__always)
  mutating func add(_ start: Address, _ byteCount: UInt64) {
    let offset = start.rawValue & (pageSize - 1)
    if offset + min(byteCount, pageSize) <= pageSize, byteCount <= pageSize {
      return add(byteCount, toPageOf: start)
    }
    addSeveral(Range(start: start, byteCount: byteCount))
  }

  /// Adds the counts of blocks none of which is in a MiB where some of these are.
  mutating func add(_ other: PageOccupancy) {
    stretches.merge(other.stretches) { mine, _ in mine }
    if let key = other.currentKey, !other.current.isEmpty { stretches[key] = other.current }
    large += other.large
  }

  /// Takes a block away that was counted.
  mutating func remove(_ start: Address, _ byteCount: UInt64) {
    let range = Range(start: start, byteCount: byteCount)
    let inside = Self.wholePages(in: range)
    if inside.byteCount >> Self.pageShift > Self.mostCountedPages {
      if let index = large.lastIndex(of: inside) { large.remove(at: index) }
      subtract(start..<inside.lowerBound)
      subtract(inside.upperBound..<range.upperBound)
    } else {
      subtract(range)
    }
  }

  /// The counts, ready to be read page by page along the addresses.
  func reading() -> Reading {
    var all = stretches
    if let currentKey, !current.isEmpty { all[currentKey] = current }
    return Reading(stretches: all, large: large.union())
  }

  /// A reading of the counts along the addresses.
  struct Reading {
    fileprivate let stretches: [UInt64: [UInt16]]
    fileprivate let large: [Range<Address>]
    private var key: UInt64?
    private var stretch: [UInt16] = []
    private var next = 0

    fileprivate init(stretches: [UInt64: [UInt16]], large: [Range<Address>]) {
      (self.stretches, self.large) = (stretches, large)
    }

    /// The bytes that blocks take of the page that begins at an address, no more than a page has.
    mutating func byteCount(ofPageAt page: Address) -> UInt64 {
      let wanted = page.rawValue >> PageOccupancy.stretchShift
      if wanted != key { (key, stretch) = (wanted, stretches[wanted] ?? []) }
      let counted = stretch.isEmpty ? 0 : UInt64(stretch[PageOccupancy.index(of: page)]) * PageOccupancy.unit
      return isInLarge(page) ? pageSize : min(counted, pageSize)
    }

    private mutating func isInLarge(_ page: Address) -> Bool {
      if large.isEmpty { return false }
      // Along the addresses the next range is the one that is there already, or the one behind that.
      if next >= large.count || large[next].upperBound <= page || (next > 0 && large[next - 1].upperBound > page) {
        next = large.partitionIndex { $0.upperBound > page }
      }
      return next < large.count && large[next].lowerBound <= page
    }
  }

  private mutating func addSeveral(_ range: Range<Address>) {
    let inside = Self.wholePages(in: range)
    guard inside.byteCount >> Self.pageShift > Self.mostCountedPages else {
      return forEachPart(of: range) { $0.add($2, toPageOf: $1) }
    }
    large.append(inside)
    forEachPart(of: range.lowerBound..<inside.lowerBound) { $0.add($2, toPageOf: $1) }
    forEachPart(of: inside.upperBound..<range.upperBound) { $0.add($2, toPageOf: $1) }
  }

  private mutating func subtract(_ range: Range<Address>) {
    forEachPart(of: range) { occupancy, start, byteCount in
      occupancy.open(start)
      guard !occupancy.current.isEmpty else { return }
      let index = Self.index(of: start)
      occupancy.current[index] -= min(occupancy.current[index], UInt16(clamping: byteCount / Self.unit))
    }
  }

  private mutating func add(_ byteCount: UInt64, toPageOf address: Address) {
    open(address)
    if current.isEmpty { current = Array(repeating: 0, count: Self.pageCount) }
    let index = Self.index(of: address)
    current[index] = min(Self.full, current[index] &+ min(Self.full, UInt16(clamping: byteCount / Self.unit)))
  }

  /// Hands out the part of a range that lies in each of its pages.
  private mutating func forEachPart(
    of range: Range<Address>, _ body: (inout PageOccupancy, Address, UInt64) -> Void
  ) {
    var address = range.lowerBound
    while address < range.upperBound {
      let end = min((address + 1).pageEnd, range.upperBound)
      body(&self, address, end - address)
      guard end > address else { return }
      address = end
    }
  }

  private static func wholePages(in range: Range<Address>) -> Range<Address> {
    let (start, end) = (range.lowerBound.pageEnd, range.upperBound.pageStart)
    return start..<max(start, end)
  }

  private static func index(of address: Address) -> Int {
    Int((address.rawValue & ((1 << stretchShift) - 1)) >> pageShift)
  }

  private mutating func open(_ address: Address) {
    let key = address.rawValue >> Self.stretchShift
    guard key != currentKey else { return }
    if let currentKey, !current.isEmpty { stretches[currentKey] = current }
    current = stretches.removeValue(forKey: key) ?? []
    currentKey = key
  }
}
