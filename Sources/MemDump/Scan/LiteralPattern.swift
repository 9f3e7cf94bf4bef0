/// A pattern that may be a literal and nothing more: all of those of a scan are looked for together.
protocol LiteralPattern: Pattern {
  /// What stands in memory, everywhere and overlapping; nil where the pattern is no literal.
  var literal: Literal? { get }
  /// What a match must not have next to it.
  var boundary: LiteralBoundary { get }
}

/// What a match of a literal must not have next to it.
enum LiteralBoundary: Sendable {
  /// Anything may be there.
  case none
  /// No letter and no `_`.
  case bytes
  /// No letter and no `_` in UTF-16LE.
  case units

  /// Whether a match may count.
  func allows(_ match: Match, in bytes: RawSpan) -> Bool {
    let (start, end) = (Int(match.offset), Int(match.offset) + Int(match.length))
    return switch self {
    case .none: true
    case .bytes: !Self.isWord(byte: start - 1, of: bytes) && !Self.isWord(byte: end, of: bytes)
    case .units: !Self.isWord(unit: start - 2, of: bytes) && !Self.isWord(unit: end, of: bytes)
    }
  }

  private static func isWord(byte offset: Int, of bytes: RawSpan) -> Bool {
    guard offset >= 0, offset < bytes.byteCount else { return false }
    return isWord(UInt16(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)))
  }

  private static func isWord(unit offset: Int, of bytes: RawSpan) -> Bool {
    guard offset >= 0, offset + 2 <= bytes.byteCount else { return false }
    return isWord(UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  private static func isWord(_ unit: UInt16) -> Bool { unit == 0x5f || (0x61...0x7a).contains(unit | 0x20) }
}
