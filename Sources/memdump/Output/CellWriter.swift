import MemDump

/// A writer of cells of a table of many rows, one behind the other: bytes, where texts would have to be made of each.
struct CellWriter {
  /// The bytes so far.
  private(set) var bytes: [UInt8] = []

  /// Empties the writer.
  mutating func reset() { bytes.removeAll(keepingCapacity: true) }

  /// The bytes as a text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The number of columns of a terminal that the bytes from a place on take up.
  func columnCount(from start: Int) -> Int {
    var bits: UInt8 = 0
    for index in start..<bytes.count { bits |= bytes[index] }
    return bits < 0x80 ? bytes.count - start : String(decoding: bytes[start...], as: UTF8.self).columnCount
  }

  /// Adds blanks.
  mutating func addBlanks(_ count: Int) { for _ in 0..<count { bytes.append(UInt8(ascii: " ")) } }

  /// Puts blanks before the bytes from a place on.
  mutating func insertBlanks(_ count: Int, at start: Int) {
    let end = bytes.count
    addBlanks(count)
    for index in stride(from: end - 1, through: start, by: -1) { bytes[index + count] = bytes[index] }
    for index in start..<min(start + count, end) { bytes[index] = UInt8(ascii: " ") }
  }

  /// Ends a line.
  mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

  /// Adds a text.
  mutating func add(_ text: String) {
    if unsafe text.utf8.withContiguousStorageIfAvailable({ unsafe bytes.append(contentsOf: $0) }) == nil {
      bytes += text.utf8
    }
  }

  /// Adds bytes that are safe to print.
  mutating func add(_ text: [UInt8]) { bytes += text }

  /// Adds bytes that somebody else chose, safe to print.
  mutating func add(escaped text: [UInt8]) {
    if unsafe EscapedText.isPlain(text.span.bytes) { bytes += text } else { add(EscapedText(text).description) }
  }

  /// Adds a number with a comma before every three digits.
  mutating func add(grouped number: UInt64) {
    guard number >= 1000 else { return add(number) }
    add(grouped: number / 1000)
    bytes.append(UInt8(ascii: ","))
    let rest = number % 1000
    add(digit: rest / 100)
    add(digit: rest / 10 % 10)
    add(digit: rest % 10)
  }

  /// Adds a number.
  mutating func add(_ number: UInt64) {
    if number >= 10 { add(number / 10) }
    add(digit: number % 10)
  }

  /// Adds a number of bytes as people write it; `-` for none.
  mutating func add(_ size: ByteSize?) {
    guard let size, size.byteCount > 0 else { return bytes.append(UInt8(ascii: "-")) }
    let (whole, tenth, unit) = size.parts
    add(whole)
    if tenth > 0 {
      bytes.append(UInt8(ascii: "."))
      add(digit: tenth)
    }
    bytes.append(UInt8(ascii: " "))
    unit.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Adds an address in hexadecimal.
  mutating func add(_ address: Address) {
    bytes.append(UInt8(ascii: "0"))
    bytes.append(UInt8(ascii: "x"))
    let bitCount = max(4, UInt64.bitWidth - address.rawValue.leadingZeroBitCount)
    for shift in stride(from: UInt64(bitCount - 1) & ~3, through: 0, by: -4) {
      add(digit: address.rawValue >> shift & 15)
    }
  }

  private mutating func add(digit: UInt64) {
    bytes.append(UInt8(truncatingIfNeeded: digit) + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
  }
}
