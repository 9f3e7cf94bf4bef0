/// A given text in UTF-16LE whose units are not all of ASCII, which ``WidePattern`` cannot tell apart.
///
/// It looks for the bytes of the units, at even and odd addresses alike.
struct WideTextPattern: LiteralPattern {
  /// The name that was given, or the text to find.
  let name: String
  private let bytes: BytesPattern
  private let byteCount: Int
  private let isWholeWord: Bool

  /// Finds a text; nil where it has more than 4096 bytes in UTF-16LE.
  init?(_ text: String, ignoringCase: Bool, name: String? = nil, isWholeWord: Bool = false) {
    var (needle, mask): ([UInt8], [UInt8]) = ([], [])
    for unit in text.utf16 {
      // Letters of ASCII differ in one bit; in a unit of anything else the same byte is no letter.
      let low: UInt8 = ignoringCase && Self.isLetter(unit) ? 0xdf : 0xff
      needle += [UInt8(truncatingIfNeeded: unit) & low, UInt8(unit >> 8)]
      mask += [low, 0xff]
    }
    guard let bytes = BytesPattern(name: name ?? text, needle: needle, mask: mask) else { return nil }
    (self.name, self.bytes, byteCount, self.isWholeWord) = (name ?? text, bytes, needle.count, isWholeWord)
  }

  private init(_ other: Self) {
    (name, bytes, byteCount, isWholeWord) = (other.name, other.bytes, other.byteCount, true)
  }

  var summary: String { bytes.summary }
  var isWide: Bool { true }
  /// The first byte is the anchor; a unit more on either side tells whether the match is a word.
  var reach: Int { byteCount + 2 }
  var wholeWord: (any Pattern)? { Self(self) }
  var wide: (any Pattern)? { self }

  var literal: Literal? { bytes.literal }
  var boundary: LiteralBoundary { isWholeWord ? .units : .none }

  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    let units = stride(from: 0, to: match.byteCount - 1, by: 2).map { Self.unit(match, at: $0) }
    text += String(decoding: units, as: UTF16.self).utf8
    return true
  }

  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    let first = matches.count
    self.bytes.scan(bytes, base: base, from: &from, to: to, into: &matches)
    guard isWholeWord else { return }
    matches.keep(from: first) { boundary.allows($0, in: bytes) }
  }

  private static func isLetter(_ unit: UInt16) -> Bool { (0x61...0x7a).contains(unit | 0x20) }

  private static func unit(_ bytes: RawSpan, at offset: Int) -> UInt16 {
    UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
}
