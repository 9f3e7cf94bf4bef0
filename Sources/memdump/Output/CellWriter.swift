import MemDump

/// A writer of cells of a table of many rows: bytes, where texts would have to be made of each.
struct CellWriter {
  /// The bytes of the cell so far.
  private(set) var bytes: [UInt8] = []

  /// Empties the writer for the next cell.
  mutating func reset() { bytes.removeAll(keepingCapacity: true) }

  /// The cell as a text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The number of columns of a terminal that the cell takes up.
  var columnCount: Int {
    var bits: UInt8 = 0
    for byte in bytes { bits |= byte }
    return bits < 0x80 ? bytes.count : text.columnCount
  }

  /// Adds a text.
  mutating func add(_ text: String) { bytes += text.utf8 }

  /// Adds bytes that somebody else chose, safe to print.
  mutating func add(escaped text: [UInt8]) {
    if unsafe EscapedText.isPlain(text.span.bytes) { bytes += text } else { add(EscapedText(text).description) }
  }

  /// Adds a number with a comma before every three digits.
  mutating func add(grouped number: UInt64) {
    add(number, base: 10) { place in place % 3 == 0 ? UInt8(ascii: ",") : nil }
  }

  /// Adds a number.
  mutating func add(_ number: UInt64) { add(number, base: 10) { _ in nil } }

  /// Adds a number of bytes as people write it; `-` for none.
  mutating func add(_ size: ByteSize?) {
    guard let size, size.byteCount > 0 else { return bytes.append(UInt8(ascii: "-")) }
    let (whole, tenth, unit) = size.parts
    add(whole)
    if tenth > 0 { bytes += [UInt8(ascii: "."), UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tenth)] }
    bytes.append(UInt8(ascii: " "))
    unsafe unit.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Adds an address in hexadecimal.
  mutating func add(_ address: Address) {
    bytes += [UInt8(ascii: "0"), UInt8(ascii: "x")]
    add(address.rawValue, base: 16) { _ in nil }
  }

  /// Adds the digits of a number, and what `separator` has between one and so many that follow.
  private mutating func add(_ number: UInt64, base: UInt64, _ separator: (Int) -> UInt8?) {
    let start = bytes.count
    var (rest, place) = (number, 0)
    repeat {
      if place > 0, let byte = separator(place) { bytes.append(byte) }
      let digit = UInt8(truncatingIfNeeded: rest % base)
      bytes.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
      (rest, place) = (rest / base, place + 1)
    } while rest > 0
    bytes[start...].reverse()
  }
}
