extension RegexPattern {
  /// Whether an expression asks for a byte or a character beyond ASCII: as it is, or by its number, such as `\x{4e0a}`.
  package static func goesBeyondASCII(_ expression: String) -> Bool {
    var rest = Array(expression.utf8)[...]
    while let byte = rest.popFirst() {
      if byte >= 0x80 { return true }
      guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else { continue }
      if let number = number(of: letter, rest), number > 0x7f { return true }
    }
    return false
  }

  /// The number of the character whose escape is a backslash, this letter and what follows; nil for other escapes.
  private static func number(of letter: UInt8, _ rest: ArraySlice<UInt8>) -> UInt64? {
    func number(_ digits: some Sequence<UInt8>, _ radix: Int) -> UInt64? {
      UInt64(String(decoding: Array(digits), as: UTF8.self), radix: radix)
    }
    func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }
    func braced(behind prefix: String, _ radix: Int) -> UInt64? {
      guard rest.starts(with: prefix.utf8) else { return nil }
      return number(rest.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "}") }, radix)
    }
    switch letter {
    case UInt8(ascii: "x"): return braced(behind: "{", 16) ?? number(rest.prefix(2).prefix(while: isHexadecimal), 16)
    case UInt8(ascii: "o"): return braced(behind: "{", 8)
    case UInt8(ascii: "N"): return braced(behind: "{U+", 16)
    // Fewer digits than three may be the number of a group.
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      let digits = [letter] + rest.prefix(2)
      return digits.count == 3 ? number(digits, 8) : nil
    default: return nil
    }
  }
}
