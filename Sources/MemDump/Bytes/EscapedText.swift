/// Bytes that somebody else chose, made safe to print.
///
/// Printable UTF-8 stays as it is. Control bytes and bytes that are not UTF-8 become `\xNN`; characters that no one can see
/// or that turn the direction of the text around become `\u{NNNN}`. So nothing a target holds can move the cursor, colour
/// a terminal, end a line early or pose as other text.
public struct EscapedText: CustomStringConvertible, Sendable {
  /// The text with its escapes, safe to print.
  public let description: String

  /// Escapes a sequence of bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
      description = String(decoding: bytes, as: UTF8.self)
      return
    }
    var text = ""
    var index = 0
    while index < bytes.count {
      guard let (scalar, length) = Self.scalar(in: bytes, at: index) else {
        text += Self.hexadecimal(bytes[index])
        index += 1
        continue
      }
      if scalar.value < 0x20 || scalar.value == 0x7f {
        text += Self.hexadecimal(UInt8(scalar.value))
      } else if Self.isInvisible(scalar) {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
      index += length
    }
    description = text
  }

  /// Escapes the bytes of a span.
  public init(_ bytes: RawSpan) { self.init(unsafe bytes.withUnsafeBytes { unsafe Array($0) }) }

  /// Whether all bytes are printable ASCII, which needs no escapes: so most texts need no copy.
  package static func isPlain(_ bytes: RawSpan) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      let top: UInt64 = 0x8080_8080_8080_8080
      // A byte has its top bit set, gets it from the borrow of a subtraction if it is below a space, or is 0x7f.
      func isPlain(_ word: UInt64) -> Bool {
        (word | (word &- 0x2020_2020_2020_2020) | (word &+ 0x0101_0101_0101_0101)) & top == 0
      }
      guard bytes.count >= 8 else { return unsafe bytes.allSatisfy { $0 &- 0x20 < 0x5f } }
      for offset in stride(from: 0, to: bytes.count - 8, by: 8) {
        guard isPlain(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) else { return false }
      }
      return isPlain(unsafe bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
    }
  }

  /// The well-formed character at `index` and its length in bytes.
  private static func scalar(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
    let first = bytes[index]
    let length =
      switch first {
      case 0..<0x80: 1
      case 0xc2..<0xe0: 2
      case 0xe0..<0xf0: 3
      case 0xf0..<0xf5: 4
      default: 0
      }
    guard length > 0, index + length <= bytes.count else { return nil }
    var iterator = bytes[index..<index + length].makeIterator()
    var decoder = Unicode.UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator), UTF8.width(scalar) == length else { return nil }
    return (scalar, length)
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x80..<0xa0, 0xad, 0x61c, 0x200b..<0x2010, 0x2028..<0x202f, 0x2060..<0x2070, 0xfeff, 0xe0000..<0xe0080: true
    default: false
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "\\x0" + digits : "\\x" + digits
  }
}
