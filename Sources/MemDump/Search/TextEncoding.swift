/// The encoding of the texts that ``Strings`` looks for, and with that the characters that are printable.
///
/// A run has one encoding, so the encodings exclude each other.
public enum TextEncoding: String, CaseIterable, Sendable {
  /// Space to `~` and tab, a byte each, as strings(1) has it.
  case ascii
  /// Those of `ascii`, and every well-formed character of several bytes that ``EscapedText`` prints as it is.
  case utf8
  /// The characters of `ascii` with a NUL behind each (UTF-16LE), at even and odd addresses: how Windows, Java and
  /// .NET hold a run. Others are left out, since any two bytes are some character of UTF-16.
  case utf16

  /// The length of an ASCII character, in bytes.
  var unitByteCount: Int { self == .utf16 ? 2 : 1 }

  /// Whether a byte of UTF-8 is not the first of a character.
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

  /// How many bytes are not the first of a character of UTF-8.
  static func continuationCount(_ bytes: RawSpan) -> Int {
    unsafe bytes.withUnsafeBytes { unsafe $0.reduce(0) { $0 + (isContinuation($1) ? 1 : 0) } }
  }
}
