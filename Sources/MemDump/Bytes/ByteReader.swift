internal import Glibc

/// A reader that takes bytes apart from left to right. Never traps, whatever the bytes are.
struct ByteReader {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var index: Int

  init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    end = max(0, min(bytes.count, range.upperBound))
    index = min(max(0, range.lowerBound), end)
  }

  var isAtEnd: Bool { index >= end }

  var peek: UInt8? { index < end ? bytes[index] : nil }

  /// Takes `byte` if that is the next byte, and returns whether it was.
  mutating func take(_ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  mutating func takeByte() -> UInt8? {
    guard index < end else { return nil }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func skipBlanks() {
    while index < end, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") { index += 1 }
  }

  /// Takes a run of digits as a number; nil where no digit is next or the number does not fit in 64 bits.
  mutating func number(radix: UInt64 = 10) -> UInt64? {
    var value: UInt64 = 0
    let start = index
    while index < end, let digit = Self.digit(bytes[index]), digit < radix {
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      value = sum
      index += 1
    }
    return index > start ? value : nil
  }

  /// Takes exactly `digitCount` hexadecimal digits, 16 at most; nil where there are fewer.
  mutating func hexadecimal(digitCount: Int) -> UInt64? {
    var value: UInt64 = 0
    for place in index..<index + digitCount {
      guard place < end, let digit = Self.digit(bytes[place]) else { return nil }
      value = value << 4 | digit
    }
    index += digitCount
    return value
  }

  /// Takes everything up to `byte` or the end, and the byte itself; returns the bytes before that byte.
  mutating func take(upTo byte: UInt8) -> ArraySlice<UInt8> {
    let start = index
    index = firstIndex(of: byte)
    let taken = bytes[start..<index]
    if index < end { index += 1 }
    return taken
  }

  /// Takes a line, and returns the range of its bytes without the newline; nil at the end.
  mutating func takeLine() -> Range<Int>? {
    guard index < end else { return nil }
    let start = index
    let lineEnd = firstIndex(of: UInt8(ascii: "\n"))
    index = min(lineEnd + 1, end)
    return start..<lineEnd
  }

  /// The index of the next `byte`, or the end without one. memchr(3), since a map can have a hundred megabytes.
  private func firstIndex(of byte: UInt8) -> Int {
    guard index < end else { return index }
    return unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress, let found = unsafe memchr(start + index, CInt(byte), end - index) else {
        return end
      }
      return unsafe start.distance(to: UnsafeRawPointer(found))
    }
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
