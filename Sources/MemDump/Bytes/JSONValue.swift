/// A JSON text taken apart (RFC 8259), for the manifests that memdump wrote and somebody may have changed.
///
/// Numbers are whole; a fraction or an exponent is an error. Depth is bounded. Never traps.
package indirect enum JSONValue: Hashable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  case number(Int64)
  case boolean(Bool)
  case null

  /// Parses a JSON text; nil where the text breaks the rules above.
  package init?(parsing bytes: [UInt8]) {
    var parser = JSONParser(ByteReader(bytes))
    guard let value = parser.value(depth: 0), parser.isAtEnd() else { return nil }
    self = value
  }

  /// The member of an object by its name; nil for a value that is no object.
  package subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var number: Int64? { if case .number(let value) = self { value } else { nil } }
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// The value of a string such as `"0x7f00"` as an address; nil for any other value.
  package var address: Address? { string.flatMap { Address(parsing: $0) } }
}

private struct JSONParser {
  private static let depthLimit = 32
  private var reader: ByteReader

  init(_ reader: ByteReader) { self.reader = reader }

  mutating func isAtEnd() -> Bool {
    skipSpace()
    return reader.isAtEnd
  }

  private mutating func skipSpace() {
    while let byte = reader.peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { _ = reader.takeByte() }
  }

  mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.depthLimit else { return nil }
    skipSpace()
    switch reader.peek {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return word("true") ? .boolean(true) : nil
    case UInt8(ascii: "f"): return word("false") ? .boolean(false) : nil
    case UInt8(ascii: "n"): return word("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func word(_ text: String) -> Bool { text.utf8.allSatisfy { reader.take($0) } }

  private mutating func number() -> JSONValue? {
    let isNegative = reader.take(UInt8(ascii: "-"))
    let (start, startsWithZero) = (reader.index, reader.peek == UInt8(ascii: "0"))
    guard let magnitude = reader.number(), !startsWithZero || reader.index == start + 1 else { return nil }
    if let next = reader.peek, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next) { return nil }
    return Int64(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude)).map(JSONValue.number)
  }

  private mutating func array(_ depth: Int) -> JSONValue? {
    var values: [JSONValue] = []
    guard reader.take(UInt8(ascii: "[")) else { return nil }
    skipSpace()
    if reader.take(UInt8(ascii: "]")) { return .array(values) }
    while let value = value(depth: depth + 1) {
      values.append(value)
      skipSpace()
      if reader.take(UInt8(ascii: "]")) { return .array(values) }
      guard reader.take(UInt8(ascii: ",")) else { return nil }
    }
    return nil
  }

  private mutating func object(_ depth: Int) -> JSONValue? {
    var members: [String: JSONValue] = [:]
    guard reader.take(UInt8(ascii: "{")) else { return nil }
    skipSpace()
    if reader.take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard let name = string() else { return nil }
      skipSpace()
      guard reader.take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
      members[name] = value
      skipSpace()
      if reader.take(UInt8(ascii: "}")) { return .object(members) }
      guard reader.take(UInt8(ascii: ",")) else { return nil }
    }
  }

  private mutating func string() -> String? {
    guard reader.take(UInt8(ascii: "\"")) else { return nil }
    var bytes: [UInt8] = []
    while let byte = reader.takeByte() {
      switch byte {
      case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"): guard escape(&bytes) else { return nil }
      case 0..<0x20: return nil
      default: bytes.append(byte)
      }
    }
    return nil
  }

  private mutating func escape(_ bytes: inout [UInt8]) -> Bool {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 8,
      UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]
    guard let letter = reader.takeByte() else { return false }
    if let byte = plain[letter] {
      bytes.append(byte)
      return true
    }
    guard letter == UInt8(ascii: "u"), var code = codeUnit() else { return false }
    if (0xd800..<0xdc00).contains(code) {
      guard reader.take(UInt8(ascii: "\\")), reader.take(UInt8(ascii: "u")), let low = codeUnit(),
        (0xdc00..<0xe000).contains(low)
      else { return false }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { return false }
    bytes.append(contentsOf: String(Character(scalar)).utf8)
    return true
  }

  private mutating func codeUnit() -> UInt32? {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = reader.takeByte(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
