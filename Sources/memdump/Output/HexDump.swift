import MemDump

/// A hex dump as `hexdump -C` shows it: 16 bytes a line, from an address that is a multiple of 16 on, two blanks
/// before.
struct HexDump {
  /// The lines of the hex dump.
  private(set) var lines: [UInt8] = []

  /// - Parameters:
  ///   - bytes: the bytes to show.
  ///   - start: the address of the first byte.
  ///   - marked: the addresses that are shown bold.
  init(_ bytes: RawSpan, at start: Address, marking marked: Range<Address>?) {
    let first = Address(start.rawValue & ~15)
    let end = start + UInt64(bytes.byteCount)
    let width = max(4, String(end.rawValue, radix: 16).count)
    for line in stride(from: first.rawValue, to: end.rawValue, by: 16) {
      let digits = String(line, radix: 16)
      lines += "  \(String(repeating: "0", count: width - digits.count))\(digits) ".utf8
      var letters: [UInt8] = []
      for place in line..<line + 16 {
        let address = Address(place)
        guard address >= start, address < end else {
          lines += (place % 8 == 0 ? "    " : "   ").utf8
          letters.append(UInt8(ascii: " "))
          continue
        }
        let byte = unsafe bytes.unsafeLoad(fromByteOffset: Int(address - start), as: UInt8.self)
        lines += (place % 8 == 0 ? "  " : " ").utf8
        let isMarked = marked?.contains(address) ?? false
        if isMarked { lines += Self.bold }
        lines += Self.digits(byte)
        if isMarked { lines += Self.plain }
        if isMarked { letters += Self.bold }
        letters.append(byte >= 0x20 && byte < 0x7f ? byte : UInt8(ascii: "."))
        if isMarked { letters += Self.plain }
      }
      lines += "  |".utf8
      lines += letters
      lines += "|\n".utf8
    }
  }

  /// The bytes as hexadecimal digits without blanks.
  static func digits(_ bytes: RawSpan) -> String {
    var text: [UInt8] = []
    for offset in bytes.byteOffsets {
      text += unsafe digits(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let bold = Array(EscapeSequence.bold.utf8)
  private static let plain = Array(EscapeSequence.plain.utf8)

  private static func digits(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
