/// A pattern of text in UTF-16LE, as Windows programs, Java, .NET and JavaScript engines hold it.
///
/// Memory is taken for code units of two bytes, once from the even addresses on and once from the odd ones. A unit
/// below 0x80 counts as that byte, and any other as 0x80, which is part of no text. What the pattern finds in the bytes
/// so made is a match, by the same rule as in memory. The text of a match is those bytes.
struct WidePattern: LiteralPattern {
  /// The number of bytes searched at once: so many stay in the cache, if the margins are short.
  private static let block = 128 << 10

  private let base: any Pattern

  init(_ base: any Pattern) { self.base = base }

  var name: String { base.name }
  var summary: String { base.summary }
  var isWide: Bool { true }
  /// The anchor of the pattern is the first byte of a unit.
  var reach: Int { 2 * (base.reach + 1) }
  var wholeWord: (any Pattern)? { base.wholeWord.map(WidePattern.init) }
  var wide: (any Pattern)? { self }

  /// A unit of a text of ASCII is its byte and a NUL.
  var literal: Literal? { (base as? any LiteralPattern)?.literal?.wide }
  var boundary: LiteralBoundary { base is WholeWordPattern ? .units : .none }

  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    var narrow: [UInt8] = []
    ScanKernel.narrow(match, into: &narrow)
    if unsafe !base.write(narrow.span.bytes, to: &text) { text += narrow }
    return true
  }

  func scan(_ bytes: RawSpan, base address: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    var search = WideSearch(base)
    var list = MatchList()
    let longest = max(Self.block, 4 * reach)
    var length = longest
    while from < to, !matches.isFull {
      let end = min(to, from + length)
      // A byte is the anchor of one match at most, so there is a length for which there is room.
      guard search.run(bytes, address, from..<end, &list), search.matches.count <= matches.capacity - matches.count
      else {
        length = (end - from + 1) / 2
        continue
      }
      for match in search.matches { matches.append(match) }
      for limit in search.limits { matches.noteLimit(at: Int(limit)) }
      from = end
      length = min(longest, 2 * length)
    }
  }
}

/// Looks at the texts of both parities, and puts together what is found in them.
private struct WideSearch {
  private let base: any Pattern
  private var narrow: [UInt8] = []
  private(set) var matches: [Match] = []
  private(set) var limits: [UInt32] = []

  init(_ base: any Pattern) { self.base = base }

  /// Searches the units that begin in `owned`. Returns whether there was room for all of their matches.
  mutating func run(_ bytes: RawSpan, _ address: Address, _ owned: Range<Int>, _ list: inout MatchList) -> Bool {
    matches.removeAll(keepingCapacity: true)
    limits.removeAll(keepingCapacity: true)
    for parity in 0...1 {
      guard run(bytes, address, owned, from: Int(address.rawValue & 1) ^ parity, &list) else { return false }
    }
    matches.sort { $0.offset < $1.offset }
    limits.sort()
    return true
  }

  /// Searches the text whose first unit is at `origin`.
  private mutating func run(
    _ bytes: RawSpan, _ address: Address, _ owned: Range<Int>, from origin: Int, _ list: inout MatchList
  ) -> Bool {
    let count = (bytes.byteCount - origin) / 2
    let first = min(count, (owned.lowerBound - origin + 1) / 2)
    let end = min(count, (owned.upperBound - origin + 1) / 2)
    let start = max(0, first - base.reach)
    let seen = bytes.extracting(origin + 2 * start..<origin + 2 * min(count, end + base.reach))
    ScanKernel.narrow(seen, into: &narrow)
    var from = first - start
    list.removeAll()
    unsafe base.scan(
      narrow.span.bytes.extracting(0..<seen.byteCount / 2),
      base: Address((address.rawValue &+ UInt64(origin)) / 2 &+ UInt64(start)),
      from: &from, to: end - start, into: &list)
    func offset(_ unit: UInt32) -> UInt32 { UInt32(origin + 2 * (start + Int(unit))) }
    for index in 0..<list.count {
      let match = list[index]
      matches.append(Match(offset: offset(match.offset), length: 2 * match.length))
    }
    limits += list.limits.map(offset)
    return from >= end - start
  }
}
