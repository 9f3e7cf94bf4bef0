/// A message in the wire format of protocol buffers: fields one after the other, each behind its number and wire type
/// (protobuf.dev, Encoding).
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  /// The wire types of what is written here.
  private enum WireType: UInt64 {
    case number = 0
    case bytes = 2
  }

  /// Adds a number; 0 is what an absent field means.
  mutating func add(_ field: UInt64, _ number: UInt64) {
    guard number != 0 else { return }
    addKey(field, .number)
    addNumber(number)
  }

  /// Adds a number that is an int64 for readers: one that is too large for that becomes the largest.
  mutating func add(_ field: UInt64, amount: UInt64) { add(field, min(amount, UInt64(Int64.max))) }

  mutating func add(_ field: UInt64, _ flag: Bool) { add(field, flag ? 1 : 0) }

  mutating func add(_ field: UInt64, _ content: [UInt8]) {
    addKey(field, .bytes)
    addNumber(UInt64(content.count))
    bytes += content
  }

  mutating func add(_ field: UInt64, _ message: ProtocolBuffer) { add(field, message.bytes) }

  /// Adds numbers one after the other as one field (packed), zeros among them.
  mutating func add(_ field: UInt64, packed numbers: [UInt64]) {
    var content = ProtocolBuffer()
    for number in numbers { content.addNumber(number) }
    add(field, content)
  }

  private mutating func addKey(_ field: UInt64, _ type: WireType) { addNumber(field << 3 | type.rawValue) }

  /// A number, seven bits a byte, the low ones first.
  private mutating func addNumber(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
