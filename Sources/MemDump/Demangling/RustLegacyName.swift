/// The legacy mangling of Rust: a path in the way of C++, with a hash as the last part.
enum RustLegacyName {
  /// The length of a hash, in bytes: `h` and 16 digits.
  private static let hashByteCount = 17

  /// The path without the hash; nil for a symbol that is no such name.
  static func demangle(_ symbol: [UInt8]) throws(DemanglingFailure) -> [UInt8]? {
    guard symbol.starts(with: "_ZN".utf8) else { return nil }
    var parser = ItaniumParser(bytes: symbol, position: 3)
    var parts: [[UInt8]] = []
    while parser.seesDigit { parts.append(try parser.identifier()) }
    guard parser.take("E"), parts.count > 1, let hash = parts.popLast(), isHash(hash) else { return nil }
    var text: [UInt8] = []
    for part in parts {
      guard let name = decoded(part) else { return nil }
      if !text.isEmpty { text += "::".utf8 }
      text += name
    }
    return text + (try SymbolName.suffix(symbol[parser.position...]))
  }

  /// Whether a part is a hash. A C++ name that looks like a hash nearly always has fewer than five different digits.
  private static func isHash(_ part: [UInt8]) -> Bool {
    part.count == hashByteCount && part[0] == UInt8(ascii: "h") && Set(part.dropFirst()).count >= 5
      && part.dropFirst().allSatisfy { $0.isDecimalDigit || ($0.isLowercaseLetter && $0 <= UInt8(ascii: "f")) }
  }

  private static let escapes: [(StaticString, StaticString)] = [
    ("$SP$", "@"), ("$BP$", "*"), ("$RF$", "&"), ("$LT$", "<"), ("$GT$", ">"), ("$LP$", "("), ("$RP$", ")"),
    ("$C$", ","),
    ("..", "::"), (".", "."),
  ]

  /// An identifier without its escapes; nil for bytes that Rust does not write.
  private static func decoded(_ part: [UInt8]) -> [UInt8]? {
    var text: [UInt8] = []
    // An underscore is put before a dollar sign, which cannot begin a name everywhere.
    var rest = part.starts(with: "_$".utf8) ? part.dropFirst() : part[...]
    while let byte = rest.first {
      if byte.isLetter || byte.isDecimalDigit || byte == UInt8(ascii: "_") || byte >= 0x80 {
        text.append(byte)
        rest = rest.dropFirst()
      } else if let (code, plain) = escapes.first(where: { rest.starts(with: $0.0.description.utf8) }) {
        text += plain.description.utf8
        rest = rest.dropFirst(code.utf8CodeUnitCount)
      } else if rest.starts(with: "$u".utf8), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "$")),
        let value = UInt32(String(decoding: rest[rest.startIndex + 2..<end], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(value)
      {
        text += String(Character(scalar)).utf8
        rest = rest[(end + 1)...]
      } else {
        return nil
      }
    }
    return text
  }
}
