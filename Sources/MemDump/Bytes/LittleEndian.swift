extension RawSpan {
  /// The little-endian word that stands some words behind a byte offset, all of which has to be within the span.
  @inline(__always)
  func word(_ index: Int, behind offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset + index * 8, as: UInt64.self))
  }
}

extension [UInt8] {
  /// The little-endian number at a byte offset; nil where the number would reach beyond the bytes.
  func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int) -> Number? {
    guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
    return unsafe Number(littleEndian: span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// Appends a number, least significant byte first.
  mutating func append(number: some FixedWidthInteger) {
    for place in 0..<number.bitWidth / 8 { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
  }
}
