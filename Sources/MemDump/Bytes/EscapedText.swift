/// Bytes that somebody else chose, made safe to print.
///
/// Printable UTF-8 stays as it is. Control bytes and bytes that are not UTF-8 become `\xNN`; characters that no one can see
/// or that turn the direction of the text around become `\u{NNNN}`; a backslash becomes two, so that no text can pass for
/// the escape of another, and ``bytes(of:)`` has the bytes again. So nothing a target holds can move the cursor, colour
/// a terminal, end a line early or pose as other text.
public struct EscapedText: CustomStringConvertible, Sendable {
  /// The text with its escapes, safe to print.
  public let description: String

  /// Escapes a sequence of bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != Self.backslash }) {
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
      } else if scalar == "\\" {
        text += "\\\\"
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

  /// The bytes that an escaped text stands for.
  ///
  /// A backslash that begins no escape stands for itself: older versions did not escape it, and people do not either.
  ///
  /// - Parameter text: the text, as ``description`` has it, or as somebody wrote it.
  public static func bytes(of text: some StringProtocol) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == backslash, let (escaped, length) = escape(rest) else {
        bytes.append(byte)
        continue
      }
      bytes += escaped
      rest.removeFirst(length)
    }
    return bytes
  }

  /// The bytes of the escape whose backslash stands before `rest`, and its length without the backslash.
  private static func escape(_ rest: ArraySlice<UInt8>) -> ([UInt8], Int)? {
    func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
      let isNumber = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
      return isNumber ? UInt32(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
    switch rest.first {
    case backslash: return ([backslash], 1)
    case UInt8(ascii: "x"):
      let digits = rest.dropFirst().prefix(2)
      guard digits.count == 2, let value = number(digits) else { return nil }
      return ([UInt8(truncatingIfNeeded: value)], 3)
    case UInt8(ascii: "u"):
      guard rest.dropFirst().first == UInt8(ascii: "{") else { return nil }
      let digits = rest.dropFirst(2).prefix(7).prefix { $0 != UInt8(ascii: "}") }
      guard (1...6).contains(digits.count), let scalar = number(digits).flatMap(Unicode.Scalar.init) else { return nil }
      return (Array(String(scalar).utf8), digits.count + 3)
    default: return nil
    }
  }

  private static let backslash = UInt8(ascii: "\\")

  /// Whether all bytes are printable ASCII, which needs no escapes: so most texts need no copy.
  package static func isPlain(_ bytes: RawSpan) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      let top: UInt64 = 0x8080_8080_8080_8080
      let ones: UInt64 = 0x0101_0101_0101_0101
      // A byte has its top bit set, gets it from the borrow of a subtraction if it is below a space or a backslash, or is 0x7f.
      func isPlain(_ word: UInt64) -> Bool {
        let other = (word ^ (ones &* UInt64(backslash))) &- ones
        return (word | (word &- 0x2020_2020_2020_2020) | (word &+ ones) | other) & top == 0
      }
      guard bytes.count >= 8 else { return unsafe bytes.allSatisfy { $0 &- 0x20 < 0x5f && $0 != backslash } }
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
