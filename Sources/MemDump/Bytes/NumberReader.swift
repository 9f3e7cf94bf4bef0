/// A reader of numbers as DWARF writes them, from left to right (DWARF 5, 7.6). Never traps, whatever the bytes are: a number
/// that is not there whole is nil.
struct NumberReader {
  private let bytes: [UInt8]
  private(set) var index: Int
  /// The address of the first byte, or its offset in what the bytes are a part of.
  private let start: UInt64

  init(_ bytes: [UInt8], at start: UInt64) { (self.bytes, index, self.start) = (bytes, 0, start) }

  var isAtEnd: Bool { index >= bytes.count }
  /// The address of the next byte, or its offset in what the bytes are a part of.
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

  /// Passes over text and its NUL. False where there is none.
  mutating func skipText() -> Bool {
    var end = index
    while end < bytes.count, bytes[end] != 0 { end += 1 }
    guard end < bytes.count else { return false }
    index = end + 1
    return true
  }

  /// Passes over bytes. False where there are not so many.
  mutating func skip(_ count: UInt64) -> Bool {
    guard count <= UInt64(bytes.count - index) else { return false }
    index += Int(count)
    return true
  }
}
