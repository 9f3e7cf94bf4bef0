/// The table of pools with free blocks that pymalloc keeps among its variables (`usedpools`, Objects/obmalloc.c), by which a
/// program is known that has it, whatever it is called.
///
/// For each size of blocks the table has the head of a ring of pools, as two words: the first and the last pool, or the head
/// itself. The head poses as a pool of which only these two words are there, so it lies two words before them.
enum PythonPoolTable {
  /// The number of sizes that there are at least.
  private static let leastSizes: UInt64 = 32
  /// The number of sizes that there are at most: the heads of glibc's bins, which pose alike, are 127.
  private static let mostSizes: UInt64 = 64

  /// The address of the table; nil where there is none.
  static func find(in source: any MemorySource) throws(MemDumpError) -> Address? {
    var words = try WordCache(source, .jumps)
    var rings = try WordCache(source, .jumps)
    var found: Address?
    try AnonymousMemory(source.regions).forEachVariable(&words) { (word, place, range, words) throws(MemDumpError) in
      let head = place - 16
      guard word == head.rawValue || word & 4095 == 0, range.upperBound - place >= leastSizes * 16 else { return true }
      for number in 0..<leastSizes where try !isHead(head + number * 16, &words, &rings) { return true }
      if try isLonger(head, &words, &rings) { return true }
      found = place
      return false
    }
    return found
  }

  /// Whether there are more heads of rings around a table than there are sizes.
  private static func isLonger(
    _ head: Address, _ words: inout WordCache, _ rings: inout WordCache
  ) throws(MemDumpError) -> Bool {
    var (first, next) = (head, head + leastSizes * 16)
    while next - first <= mostSizes * 16 {
      if try isRing(next, &words, &rings) {
        next = next + 16
      } else if first.rawValue >= 16, try isRing(first - 16, &words, &rings) {
        first = first - 16
      } else {
        return false
      }
    }
    return true
  }

  /// Whether a head leads to itself, or to a first and a last one that lead back to it.
  private static func isRing(
    _ head: Address, _ words: inout WordCache, _ rings: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let first = try words.word(at: head + 16), let last = try words.word(at: head + 24) else { return false }
    if first == head.rawValue || last == head.rawValue { return first == last }
    guard first != 0, last != 0, try rings.word(at: Address(first) + 24) == head.rawValue else { return false }
    return try rings.word(at: Address(last) + 16) == head.rawValue
  }

  /// Whether a head is one of pools, which lie at multiples of pages.
  private static func isHead(
    _ head: Address, _ words: inout WordCache, _ rings: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let first = try words.word(at: head + 16), let last = try words.word(at: head + 24) else { return false }
    guard first == head.rawValue || first & 4095 == 0 && last & 4095 == 0 else { return false }
    return try isRing(head, &words, &rings)
  }
}
