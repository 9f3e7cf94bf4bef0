extension AnonymousMemory {
  /// Hands out every word of the variables of modules that is not 0, with its address and the memory that it is in, until
  /// `body` returns false.
  func forEachVariable(
    _ words: inout WordCache,
    _ body: (UInt64, Address, Range<Address>, inout WordCache) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    for range in variables {
      var address = range.lowerBound.alignedUp(to: 8)
      while address < range.upperBound {
        if let end = try words.emptyEnd(at: address) {
          address = end.alignedUp(to: 8)
          continue
        }
        if let word = try words.word(at: address), word != 0, try !body(word, address, range, &words) { return }
        address = address + 8
      }
    }
  }

  /// The name of the file whose variables are at an address, for people; empty where that is not known.
  static func module(of address: Address, in regions: [MemoryRegion]) -> Phrase {
    guard let first = regions.last(where: { $0.kind == .file && $0.range.lowerBound <= address }) else { return "" }
    return " in \(text: EscapedText(first.fileName).description)"
  }
}
