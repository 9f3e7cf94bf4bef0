/// The rule of `--hex` and `--find`, written to be read and not to be fast: every place is tried.
///
/// It knows nothing of the library, so that the fuzz package can use this very file.
struct ReferenceBytes {
  /// The digits; nil is any.
  private let digits: [UInt8?]
  private var ignoresCase = false

  init(hexadecimal text: String) {
    digits = text.filter { $0 != " " }.map { $0.hexDigitValue.map(UInt8.init) }
  }

  init(text: [UInt8], ignoringCase: Bool) {
    digits = text.flatMap { [$0 >> 4, $0 & 0xf] }
    ignoresCase = ignoringCase
  }

  /// The places of all matches, in order.
  func matches(in bytes: [UInt8]) -> [Range<Int>] {
    let length = digits.count / 2
    guard bytes.count >= length else { return [] }
    return (0...bytes.count - length).filter { start in
      (0..<length).allSatisfy { fits(bytes[start + $0], digits[2 * $0], digits[2 * $0 + 1]) }
    }.map { $0..<$0 + length }
  }

  private func fits(_ byte: UInt8, _ high: UInt8?, _ low: UInt8?) -> Bool {
    if (high ?? byte >> 4) == byte >> 4 && (low ?? byte & 0xf) == byte & 0xf { return true }
    guard ignoresCase, let high, let low else { return false }
    let (one, other) = (Character(Unicode.Scalar(byte)), Character(Unicode.Scalar(high << 4 | low)))
    return one.isASCII && other.isASCII && one.isLetter && one.lowercased() == other.lowercased()
  }
}
