import MemDump

/// The text with one byte for each character up to U+00FF, so that a table can hold any byte: `"\u{80}"`, `"\0"`.
func latin1(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

extension Array<UInt8> {
  /// The bytes of a span.
  init(_ span: RawSpan) { self = span.withUnsafeBytes { Array($0) } }

  /// The bytes with one character each, for messages of tests.
  var latin1: String { String(String.UnicodeScalarView(map { Unicode.Scalar($0) })) }
}

extension Range<Address> {
  /// `0x1000` and `0x2000` as a range of addresses.
  init(_ start: UInt64, _ end: UInt64) { self = Address(start)..<Address(end) }
}

/// ASCII text in UTF-16LE.
func wide(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } }
