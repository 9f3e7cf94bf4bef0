/// Bytes that somebody else chose, made safe to print.
///
/// Printable UTF-8 stays as it is. Control bytes and bytes that are not UTF-8 become `\xNN`; characters that no one can see
/// or that turn the direction of the text around become `\u{NNNN}`. So nothing a target holds can move the cursor, colour
/// a terminal, end a line early or pose as other text.
public struct EscapedText: CustomStringConvertible, Sendable {
  /// The text, safe to print.
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

  /// Appends the bytes of a span, escaped. Where there is nothing to escape, that is a copy.
  package static func append(_ bytes: RawSpan, to text: inout [UInt8]) {
    let isPlain = unsafe bytes.withUnsafeBytes { bytes in
      // No early end, so that it is done with vectors.
      unsafe bytes.reduce(true) { $0 && $1 &- 0x20 < 0x5f }
    }
    if isPlain {
      unsafe bytes.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
    } else {
      text += EscapedText(bytes).description.utf8
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
