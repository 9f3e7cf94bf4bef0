/// A writer of JSON text, byte by byte: objects and arrays, with commas and escapes where they belong (RFC 8259).
package struct JSONWriter {
  /// The JSON text so far.
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  /// Empties the writer for the next text.
  package mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Writes an object; `body` adds its members.
  package mutating func object(_ body: (inout JSONWriter) -> Void) { enclosed("{", "}", body) }

  /// Writes an array; `body` adds its values.
  package mutating func array(_ body: (inout JSONWriter) -> Void) { enclosed("[", "]", body) }

  /// Adds a member whose value `body` writes.
  package mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    separate()
    // A name has nothing to escape.
    append("\"")
    append(name)
    append("\":")
    needsComma = false
    body(&self)
    needsComma = true
  }

  /// Adds a member whose value is a string or null.
  package mutating func member(_ name: StaticString, _ value: String?) { member(name) { $0.value(value) } }

  /// Adds a value: a text or null.
  package mutating func value(_ value: String?) {
    separate()
    guard let value else { return append("null") }
    string(bytes: value.utf8)
  }

  /// Adds a value that is a number or null.
  package mutating func value(_ value: (some FixedWidthInteger)?) {
    separate()
    append(value.map { String($0) } ?? "null")
  }

  /// Adds a value: a number. Not by the general way, which takes several times as long.
  package mutating func value(_ value: UInt64) {
    separate()
    append(String(value))
  }

  /// Adds a value: a number.
  package mutating func value(_ value: Int64) {
    separate()
    append(String(value))
  }

  /// Adds a value: true or false.
  package mutating func value(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  /// Ends the line of a JSON Lines text.
  package mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  private mutating func enclosed(_ open: StaticString, _ close: StaticString, _ body: (inout JSONWriter) -> Void) {
    separate()
    append(open)
    needsComma = false
    body(&self)
    append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func append(_ text: StaticString) {
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func string(bytes text: some Collection<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    let isPlain = text.withContiguousStorageIfAvailable { text in
      guard unsafe !text.contains(where: Self.needsEscape) else { return false }
      unsafe bytes.append(contentsOf: text)
      return true
    }
    if isPlain != true { escape(text) }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ text: some Collection<UInt8>) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20, 0x7f:
        append("\\u00")
        append(byte < 0x10 ? "0" + String(byte, radix: 16) : String(byte, radix: 16))
      default:
        bytes.append(byte)
      }
    }
  }
}
