/// How the texts that ``Strings`` looks for are encoded, and what is a printable character of one.
///
/// A run has one encoding, so they exclude each other.
public enum TextEncoding: String, CaseIterable, Sendable {
  /// Space to `~` and tab, a byte each, as strings(1) has it.
  case ascii
  /// These, and every well-formed character of several bytes that ``EscapedText`` prints as it is.
  case utf8
  /// The characters of ASCII with a NUL behind each (UTF-16LE), at even and odd addresses: what a run looks like on
  /// Windows, in Java and .NET. Others are left out, since any two bytes are some character of UTF-16.
  case utf16

  /// How many bytes a character of ASCII has.
  var unitByteCount: Int { self == .utf16 ? 2 : 1 }

  /// Whether a byte of UTF-8 is not the first of a character.
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

  /// How many bytes are not the first of a character of UTF-8.
  static func continuationCount(_ bytes: RawSpan) -> Int {
    unsafe bytes.withUnsafeBytes { unsafe $0.reduce(0) { $0 + (isContinuation($1) ? 1 : 0) } }
  }
}
