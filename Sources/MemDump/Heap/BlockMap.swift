/// A map of where blocks in use begin: a bit for each place where one may, in pages of bits that exist only where there
/// are blocks. So 2 GiB of heap with places at every 16 bytes take 16 MiB, however many blocks they hold.
struct BlockMap: Sendable {
  /// The alignment of places for blocks, as a power of 2: 4 for places at every 16 bytes.
  private let placeShift: UInt64
  /// The number of words in a page of bits.
  private let wordCount: Int

  private static let pageShift: UInt64 = 20
  private var pages: [UInt64: [UInt64]] = [:]
  /// The page of bits that was used last, taken out of `pages`: a walk stays in one page for long.
  private var current: [UInt64] = []
  private var currentKey: UInt64?

  /// Makes an empty map.
  ///
  /// - Parameter granularity: the distance of two places for blocks, in bytes: a power of 2.
  init(granularity: UInt64 = 16) {
    placeShift = UInt64(granularity.trailingZeroBitCount)
    wordCount = Int((1 << Self.pageShift) / granularity / 64)
  }

  /// Adds a block in use, by where its footprint begins.
  mutating func insert(_ block: Address) {
    open(block)
    if current.isEmpty { current = Array(repeating: 0, count: wordCount) }
    let (word, bit) = place(block)
    current[word] |= bit
  }

  /// Adds blocks in use that touch, by where the footprint of the first begins. Footprints are multiples of the granularity.
  mutating func insert(_ first: Address, count: UInt64, footprint: UInt64) {
    var (block, left) = (first, count)
    let step = Int(footprint &>> placeShift)
    while left > 0 {
      // Up to the end of the page of bits.
      insert(block)
      let start = Int((block.rawValue & ((1 << Self.pageShift) - 1)) &>> placeShift)
      let here = min(left, UInt64((wordCount * 64 - 1 - start) / step + 1))
      var index = start
      for _ in 0..<here {
        current[index >> 6] |= 1 << UInt64(index & 63)
        index += step
      }
      block = block + here * footprint
      left -= here
    }
  }

  /// Adds the blocks of a map that has none in a MiB where this one has some.
  mutating func add(_ other: BlockMap) {
    pages.merge(other.pages) { mine, _ in mine }
    if let key = other.currentKey, !other.current.isEmpty { pages[key] = other.current }
  }

  /// Removes a block. Returns whether it was in the map.
  mutating func remove(_ block: Address) -> Bool {
    open(block)
    let (word, bit) = place(block)
    guard isPlace(block), !current.isEmpty, current[word] & bit != 0 else { return false }
    current[word] &= ~bit
    return true
  }

  /// Whether the footprint of a block in use begins at an address.
  func contains(_ block: Address) -> Bool {
    let page = page(block.rawValue >> Self.pageShift)
    let (word, bit) = place(block)
    return isPlace(block) && !page.isEmpty && page[word] & bit != 0
  }

  /// The most empty pages of bits that a search goes over: only a block with a mapping of its own spans more.
  private static let mostEmptyPages: UInt64 = 4096

  /// The last block in use at or before `end`, though not before `start`, nor 4 GiB before `end`.
  func last(upTo end: Address, from start: Address) -> Address? {
    var key = end.rawValue >> Self.pageShift
    let (place, bit) = place(end)
    var word = place
    // All bits up to that of the address.
    var mask = bit | (bit &- 1)
    let first = max(start.rawValue >> Self.pageShift, key - min(key, Self.mostEmptyPages))
    while key >= first {
      let page = self.page(key)
      if !page.isEmpty {
        while true {
          let bits = page[word] & mask
          if bits != 0 {
            let block = address(key, word, 63 - bits.leadingZeroBitCount)
            return block >= start ? block : nil
          }
          guard word > 0 else { break }
          (word, mask) = (word - 1, .max)
        }
      }
      guard key > 0 else { break }
      (key, word, mask) = (key - 1, wordCount - 1, .max)
    }
    return nil
  }

  /// The number of blocks in use.
  var count: Int {
    keys.reduce(0) { sum, key in page(key).reduce(sum) { $0 &+ $1.nonzeroBitCount } }
  }

  /// Hands out the address of every block in use, in order, until `body` returns false.
  func forEach(_ body: (Address) throws(MemDumpError) -> Bool) throws(MemDumpError) {
    for key in keys.sorted() { guard try forEach(inPage: key, body) else { return } }
  }

  /// The numbers of the pages of bits that there are, in no order.
  var keys: [UInt64] { Array(pages.keys) + (current.isEmpty ? [] : [currentKey ?? 0]) }

  /// Hands out the address of every block in use of a page of bits, in order, until `body` returns false. Returns whether it
  /// never did.
  func forEach(
    inPage key: UInt64, _ body: (Address) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    for (word, bits) in page(key).enumerated() {
      var bits = bits
      while bits != 0 {
        guard try body(address(key, word, bits.trailingZeroBitCount)) else { return false }
        bits &= bits - 1
      }
    }
    return true
  }

  /// Hands out the address of every block in use, in order, that is in this map and not in an earlier one of the same heap.
  func forEach(notIn earlier: BlockMap, _ body: (Address) throws(MemDumpError) -> Void) throws(MemDumpError) {
    for key in keys.sorted() {
      let before = earlier.page(key)
      for (word, bits) in page(key).enumerated() {
        var bits = word < before.count ? bits & ~before[word] : bits
        while bits != 0 {
          try body(address(key, word, bits.trailingZeroBitCount))
          bits &= bits - 1
        }
      }
    }
  }

  /// The addresses of the blocks in use that begin in a range, in order.
  func blocks(in range: Range<Address>) -> [Address] {
    var found: [Address] = []
    var place = range.lowerBound.alignedUp(to: 1 << placeShift)
    while place < range.upperBound {
      let page = page(place.rawValue >> Self.pageShift)
      let (word, bit) = self.place(place)
      guard !page.isEmpty else {
        place = Address((place.rawValue >> Self.pageShift + 1) << Self.pageShift)
        continue
      }
      var bits = page[word] & ~(bit &- 1)
      while bits != 0 {
        let block = address(place.rawValue >> Self.pageShift, word, bits.trailingZeroBitCount)
        if block >= range.upperBound { return found }
        found.append(block)
        bits &= bits - 1
      }
      place = Address((place.rawValue >> (placeShift + 6) + 1) << (placeShift + 6))
    }
    return found
  }

  private func page(_ key: UInt64) -> [UInt64] { key == currentKey ? current : pages[key] ?? [] }

  private mutating func open(_ block: Address) {
    let key = block.rawValue >> Self.pageShift
    guard key != currentKey else { return }
    if let currentKey, !current.isEmpty { pages[currentKey] = current }
    current = pages.removeValue(forKey: key) ?? []
    currentKey = key
  }

  private func place(_ block: Address) -> (word: Int, bit: UInt64) {
    let index = Int((block.rawValue & ((1 << Self.pageShift) - 1)) &>> placeShift)
    return (index >> 6, 1 << UInt64(index & 63))
  }

  private func address(_ key: UInt64, _ word: Int, _ bit: Int) -> Address {
    Address(key << Self.pageShift | UInt64(word * 64 + bit) &<< placeShift)
  }

  private func isPlace(_ address: Address) -> Bool { address.rawValue & ((1 &<< placeShift) - 1) == 0 }
}
