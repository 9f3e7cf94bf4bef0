extension [UInt8] {
  /// The little-endian number at a byte offset; nil where the number would reach beyond the bytes.
  func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int) -> Number? {
    let size = MemoryLayout<Number>.size
    guard offset >= 0, offset <= count - size else { return nil }
    var number: Number = 0
    for place in 0..<size { number |= Number(truncatingIfNeeded: self[offset + place]) << Number(8 * place) }
    return number
  }

  /// Appends a number, least significant byte first.
  mutating func append(number: some FixedWidthInteger) {
    for place in 0..<number.bitWidth / 8 { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
  }
}
