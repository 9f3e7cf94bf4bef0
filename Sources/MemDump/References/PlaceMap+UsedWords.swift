extension PlaceMap {
  /// Goes over the words of some memory that something uses: the content of blocks in use, and all that lies outside of heaps,
  /// without what calls left over on a stack. Free memory still holds what it was before: such words lead to places, and nothing
  /// holds anything by them.
  ///
  /// - Parameters:
  ///   - parts: the memory.
  ///   - bounds: the values that a word may have.
  ///   - body: gets the value of a word, and its address.
  func forEachUsedWord(
    of source: any MemorySource, in parts: [Range<Address>], within bounds: ClosedRange<UInt64>, _ control: WorkControl,
    _ body: (UInt64, Address) -> Void
  ) throws(MemDumpError) {
    var words = try WordCache(source)
    let (lowest, span) = (bounds.lowerBound, bounds.upperBound - bounds.lowerBound)
    try WordSpace.forEachRow(of: source, in: parts, control) { (bytes, address) throws(MemDumpError) in
      let used = try usedWords(of: Range(start: address, byteCount: UInt64(bytes.byteCount)), &words)
      var offset = 0
      while offset < bytes.byteCount {
        let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        if word &- lowest <= span, used?.contains(offset >> 3) ?? true { body(word, address + UInt64(offset)) }
        offset &+= 8
      }
    }
  }

  /// Which words of a row something uses; nil for all.
  private func usedWords(of row: Range<Address>, _ words: inout WordCache) throws(MemDumpError) -> Bits? {
    let ranges = heaps.ranges.overlapping(row)
    let unused = unusedRanges.overlapping(row)
    if ranges.isEmpty, unused.isEmpty { return nil }
    var used = Bits(count: Int(row.byteCount / 8), areAll: true)
    func set(_ range: Range<Address>, _ isIn: Bool) {
      let range = range.clamped(to: row)
      used.set(Int((range.lowerBound - row.lowerBound) / 8)..<Int((range.upperBound - row.lowerBound + 7) / 8), isIn)
    }
    for range in ranges { set(range, false) }
    for heap in heaps.all { try heap.forEachBlock(using: row, &words) { set($0.content, true) } }
    for range in unused { set(range, false) }
    return used
  }
}
