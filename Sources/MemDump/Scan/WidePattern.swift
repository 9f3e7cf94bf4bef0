/// A pattern of text in UTF-16LE, as Windows programs, Java, .NET and JavaScript engines hold it.
///
/// Memory is taken for code units of two bytes, once from the even addresses on and once from the odd ones. A unit below
/// 0x80 counts as that byte, and any other as 0x80, which is part of no text. What the pattern finds in that is a match, by
/// the same rule as in bytes. The text of a match is the bytes it was found in.
struct WidePattern: Pattern {
  /// So many bytes at once stay in the cache, if their margins are short.
  private static let block = 128 << 10
  private static let unit = MemoryLayout<UInt16>.size

  private let base: any Pattern

  init(_ base: any Pattern) { self.base = base }

  var name: String { base.name }
  var summary: String { base.summary }
  var isWide: Bool { true }
  /// The anchor of the pattern is the first byte of a unit.
  var reach: Int { Self.unit * (base.reach + 1) }
  var wholeWord: (any Pattern)? { base.wholeWord.map(WidePattern.init) }
  var wide: (any Pattern)? { self }

  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    var narrow: [UInt8] = []
    Syscall.narrow(match, into: &narrow)
    if unsafe !base.write(narrow.span.bytes, to: &text) { text += narrow }
    return true
  }

  func scan(_ bytes: RawSpan, base address: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    var narrow: [UInt8] = []
    var list = MatchList()
    var (found, limits): ([Match], [UInt32]) = ([], [])
    let longest = max(Self.block, 4 * reach)
    var length = longest
    while from < to, !matches.isFull {
      let end = min(to, from + length)
      found.removeAll(keepingCapacity: true)
      limits.removeAll()
      let isWhole = (0...1).allSatisfy { parity in
        search(bytes, address, from..<end, parity, &narrow, &list, &found, &limits)
      }
      // A byte is the anchor of one match at most, so there is a length for which there is room.
      guard isWhole, found.count <= matches.capacity - matches.count else {
        length = (end - from + 1) / 2
        continue
      }
      found.sort { $0.offset < $1.offset }
      for match in found { matches.append(match) }
      for limit in limits.sorted() { matches.noteLimit(at: Int(limit)) }
      from = end
      length = min(longest, 2 * length)
    }
  }

  /// Searches the units that begin in `owned`. Returns whether there was room for all of their matches.
  private func search(
    _ bytes: RawSpan, _ address: Address, _ owned: Range<Int>, _ parity: Int, _ narrow: inout [UInt8],
    _ list: inout MatchList, _ found: inout [Match], _ limits: inout [UInt32]
  ) -> Bool {
    let origin = Int(address.rawValue & 1) ^ parity
    let count = (bytes.byteCount - origin) / 2
    let (first, end) = (
      min(count, (owned.lowerBound - origin + 1) / 2), min(count, (owned.upperBound - origin + 1) / 2)
    )
    let start = max(0, first - base.reach)
    let seen = bytes.extracting(origin + 2 * start..<origin + 2 * min(count, end + base.reach))
    Syscall.narrow(seen, into: &narrow)
    var from = first - start
    list.removeAll()
    unsafe base.scan(
      narrow.span.bytes.extracting(0..<seen.byteCount / 2),
      base: Address((address.rawValue &+ UInt64(origin)) / 2 &+ UInt64(start)),
      from: &from, to: end - start, into: &list)
    func offset(_ unit: UInt32) -> UInt32 { UInt32(origin + 2 * (start + Int(unit))) }
    for index in 0..<list.count {
      found.append(Match(offset: offset(list[index].offset), length: 2 * list[index].length))
    }
    limits += list.limits.map(offset)
    return from >= end - start
  }
}
