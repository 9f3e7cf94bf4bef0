/// A section of debug information, of which no more is read than is asked for.
final class DebugSection {
  /// The length of the section, in bytes.
  let byteCount: UInt64
  private let read: (Range<UInt64>) -> [UInt8]

  /// The longest text, in bytes, without its NUL.
  private static let longestText = 4096
  /// So much is read first of what has an end of its own.
  private static let usualTextByteCount = 256

  /// - Parameters:
  ///   - byteCount: the length of the section.
  ///   - read: gives the bytes of a range of the section, as many as there are.
  init(byteCount: UInt64, read: @escaping (Range<UInt64>) -> [UInt8]) {
    (self.byteCount, self.read) = (byteCount, read)
  }

  /// The bytes of a range, as many as there are.
  func bytes(_ range: Range<UInt64>) -> [UInt8] {
    let range = range.clamped(to: 0..<byteCount)
    return range.isEmpty ? [] : read(range)
  }

  /// A reader of some bytes from an offset on, as many as there are; its addresses are offsets in the section.
  func reader(at offset: UInt64, count: UInt64) -> NumberReader {
    let start = min(offset, byteCount)
    return NumberReader(bytes(start..<start + min(count, byteCount - start)), at: start)
  }

  /// The text at an offset, up to a NUL; nil where there is none, or it is too long.
  func text(at offset: UInt64) -> [UInt8]? {
    for count in [Self.usualTextByteCount, Self.longestText + 1] {
      var reader = reader(at: offset, count: UInt64(count))
      if let text = reader.text() { return text }
    }
    return nil
  }

  /// The number at an offset; nil where it is not there whole.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: UInt64) -> Number? {
    var reader = reader(at: offset, count: UInt64(MemoryLayout<Number>.size))
    return reader.number(type)
  }
}
