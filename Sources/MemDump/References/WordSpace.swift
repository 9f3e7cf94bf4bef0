/// The words of some memory, numbered from 0 in the order of their addresses, so that a place takes four bytes.
struct WordSpace: Sendable {
  /// The memory, in order. Memory whose words have no number any more is left out.
  let ranges: [Range<Address>]
  /// The number of words in the memory.
  let wordCount: Int
  /// Whether there was more memory than can be numbered: 32 GiB.
  let isCut: Bool
  /// The number of the first word of each range.
  private let first: [Int]

  private static let mostWords = Int(UInt32.max)

  /// Numbers the words of `ranges`, which are in order.
  init(_ ranges: [Range<Address>]) {
    var kept: [Range<Address>] = []
    var first: [Int] = []
    var (count, isCut) = (0, false)
    for range in ranges {
      let start = range.lowerBound.alignedUp(to: 8)
      let words = Int(clamping: (range.upperBound - start) / 8)
      guard words > 0 else { continue }
      guard words <= Self.mostWords - count else {
        isCut = true
        continue
      }
      kept.append(Range(start: start, byteCount: UInt64(words) * 8))
      first.append(count)
      count += words
    }
    (self.ranges, self.first, wordCount, self.isCut) = (kept, first, count, isCut)
  }

  /// The number of the word that holds an address; nil for an address outside the memory. `hint` is the index of a
  /// range that likely holds the address, and afterwards of the range that did.
  @inline(__always)
  func number(of address: Address, hint: inout Int) -> Int? {
    if hint >= ranges.count || !ranges[hint].contains(address) {
      let index = ranges.partitionIndex { $0.upperBound > address }
      guard index < ranges.count, ranges[index].contains(address) else { return nil }
      hint = index
    }
    return first[hint] + Int(truncatingIfNeeded: (address.rawValue &- ranges[hint].lowerBound.rawValue) >> 3)
  }

  /// The address of the word with a number.
  func address(of number: Int) -> Address {
    var hint = 0
    return address(of: number, hint: &hint)
  }

  /// The address of the word with a number. `hint` is the index of a range that likely has it, and afterwards of the one that
  /// does.
  @inline(__always)
  func address(of number: Int, hint: inout Int) -> Address {
    if number < first[hint] || hint + 1 < first.count && number >= first[hint + 1] {
      hint = first.partitionIndex { $0 > number } - 1
    }
    return ranges[hint].lowerBound + UInt64(number - first[hint]) * 8
  }

  /// The memory of the first of some words, up to where the next ones lie elsewhere. `hint` is as for ``address(of:hint:)``.
  func memory(ofFirst words: Range<Int>, hint: inout Int) -> Range<Address> {
    let start = address(of: words.lowerBound, hint: &hint)
    let end = start + UInt64(words.count) * 8
    let edge = ranges[hint].upperBound
    // The last word of a block can lie behind the memory of the heap.
    return start..<(start < edge ? min(end, edge) : start + 8)
  }

  /// Goes over the words of some memory that may lead into some other.
  ///
  /// - Parameters:
  ///   - parts: the memory.
  ///   - bounds: the values that a word may have.
  ///   - body: gets the value of a word, and its address.
  static func forEachWord(
    of source: any MemorySource, in parts: [Range<Address>], within bounds: ClosedRange<UInt64>, _ control: WorkControl,
    _ body: (UInt64, Address) -> Void
  ) throws(MemDumpError) {
    let (lowest, span) = (bounds.lowerBound, bounds.upperBound - bounds.lowerBound)
    try forEachRow(of: source, in: parts, control) { bytes, address in
      var offset = 0
      while offset < bytes.byteCount {
        let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        if word &- lowest <= span { body(word, address + UInt64(offset)) }
        offset &+= 8
      }
    }
  }

  /// Goes over some memory in rows of whole words.
  ///
  /// - Parameter body: gets the bytes of the words, and the address of the first one.
  static func forEachRow(
    of source: any MemorySource, in parts: [Range<Address>], _ control: WorkControl,
    _ body: (RawSpan, Address) -> Void
  ) throws(MemDumpError) {
    // A buffer is made of pages that are all there from the start, which a few bytes need not wait for.
    let most = UInt64(ChunkWalk.defaultChunk)
    let byteCount = parts.reduce(into: pageSize) { $0 = min($0 + min($1.byteCount, most), most) }
    var walk = try ChunkWalk(source, margin: 8, chunk: Int((byteCount + pageSize - 1) / pageSize * pageSize))
    try walk.walk(parts) { (bytes, window) throws(MemDumpError) in
      var offset = window.owned.lowerBound
      offset += Int(truncatingIfNeeded: (8 &- (window.base.rawValue &+ UInt64(offset)) & 7) & 7)
      let end = min(window.owned.upperBound, bytes.byteCount - 7)
      if offset < end {
        body(bytes.extracting(offset..<offset + (end - offset + 7) / 8 * 8), window.base + UInt64(offset))
      }
      control.add(UInt64(window.owned.count))
      return !control.isStopped
    }
  }
}
