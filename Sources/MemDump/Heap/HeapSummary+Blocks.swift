extension HeapSummary {
  /// The block in use whose footprint holds an address; nil for none.
  func block(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let index = ranges.index(holding: address) else { return nil }
    let range = ranges[index]
    if let block = try wholeBlock(of: range, &words), block.footprint.contains(address) { return block }
    let block = try lastBlock(upTo: address, in: range, &words)
    return block.flatMap { $0.footprint.contains(address) ? $0 : nil }
  }

  /// The block in use whose content holds an address; nil for none.
  func block(using address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let index = ranges.index(holding: address) else { return nil }
    let range = ranges[index]
    if let block = try wholeBlock(of: range, &words), block.content.contains(address) { return block }
    guard let last = try lastBlock(upTo: address, in: range, &words) else { return nil }
    if last.content.contains(address) { return last }
    // The content of a block can end in the footprint of the next one, before the content of that begins.
    guard address < last.address, last.footprint.lowerBound > range.lowerBound,
      let before = try lastBlock(upTo: last.footprint.lowerBound - 1, in: range, &words)
    else { return nil }
    return before.content.contains(address) ? before : nil
  }

  /// The block that begins where a range of the heap does: mostly one with a mapping of its own, which can be large.
  private func wholeBlock(of range: Range<Address>, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    blocks.contains(range.lowerBound) ? try block(at: range.lowerBound, in: range, &words) : nil
  }

  private func lastBlock(
    upTo address: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    guard let start = blocks.last(upTo: address, from: range.lowerBound) else { return nil }
    return try block(at: start, in: range, &words)
  }

  private func block(
    at start: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    guard let block = try layout.block(at: start, in: &words), block.footprint.upperBound <= range.upperBound else {
      return nil
    }
    return block
  }
}
