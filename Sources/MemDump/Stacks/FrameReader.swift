/// A reader of the numbers of call frame information, from left to right: DWARF 5, 7.6, and the pointer encodings of the
/// Linux Standard Base, 10.5. Never traps, whatever the bytes are: a number that is not there whole is nil.
struct FrameReader {
  private let bytes: [UInt8]
  private(set) var index: Int
  /// The address of the first byte, from the load bias on.
  private let start: UInt64

  init(_ bytes: [UInt8], at start: UInt64) { (self.bytes, index, self.start) = (bytes, 0, start) }

  var isAtEnd: Bool { index >= bytes.count }
  /// The address of the next byte, from the load bias on.
  var address: UInt64 { start &+ UInt64(index) }

  mutating func byte() -> UInt8? {
    guard index < bytes.count else { return nil }
    index += 1
    return bytes[index - 1]
  }

  /// A number of fixed size, low byte first.
  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Number? {
    guard let number = bytes.load(type, at: index) else { return nil }
    index += MemoryLayout<Number>.size
    return number
  }

  /// A number of any size without a sign (ULEB128); nil too where it does not fit in 64 bits.
  mutating func unsigned() -> UInt64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = byte(), shift < 64 {
      let part = UInt64(byte & 0x7f)
      guard shift == 0 || (part << shift) >> shift == part else { return nil }
      value |= part << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  /// A number of any size with a sign (SLEB128); bits beyond 64 are lost.
  mutating func signed() -> Int64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = byte(), shift < 64 {
      value |= UInt64(byte & 0x7f) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      if byte & 0x40 != 0, shift < 64 { value |= .max << shift }
      return Int64(bitPattern: value)
    }
    return nil
  }

  /// The bytes of a block whose length stands before them.
  mutating func block() -> [UInt8]? {
    guard let count = unsigned(), count <= UInt64(bytes.count - index) else { return nil }
    defer { index += Int(count) }
    return Array(bytes[index..<index + Int(count)])
  }

  /// Text up to a NUL, without it.
  mutating func text() -> [UInt8]? {
    guard let end = bytes[index...].firstIndex(of: 0) else { return nil }
    defer { index = end + 1 }
    return Array(bytes[index..<end])
  }

  /// Passes over bytes. False where there are not so many.
  mutating func skip(_ count: UInt64) -> Bool {
    guard count <= UInt64(bytes.count - index) else { return false }
    index += Int(count)
    return true
  }

  /// A pointer in an encoding (DW_EH_PE_…), from the load bias on; nil where it is in another one, or leads through memory.
  ///
  /// - Parameter base: the address that pointers relative to data (DW_EH_PE_datarel) are relative to.
  mutating func pointer(_ encoding: UInt8, base: UInt64 = 0) -> UInt64? {
    let place = address
    let value: UInt64?
    switch encoding & 0x0f {
    case 0x00, 0x04, 0x0c: value = number(UInt64.self)
    case 0x01: value = unsigned()
    case 0x02: value = number(UInt16.self).map { UInt64($0) }
    case 0x03: value = number(UInt32.self).map { UInt64($0) }
    case 0x09: value = signed().map { UInt64(bitPattern: $0) }
    case 0x0a: value = number(Int16.self).map { UInt64(bitPattern: Int64($0)) }
    case 0x0b: value = number(Int32.self).map { UInt64(bitPattern: Int64($0)) }
    default: value = nil
    }
    guard let value else { return nil }
    switch encoding & 0xf0 {
    case 0x00: return value
    case 0x10: return value &+ place
    case 0x30: return value &+ base
    default: return nil
    }
  }
}
