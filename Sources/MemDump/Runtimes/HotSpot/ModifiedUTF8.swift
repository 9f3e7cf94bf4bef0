/// The text of HotSpot's symbols: UTF-8 of UTF-16, in which a pair of surrogates has three bytes each, and a zero has two (JVMS 4.4.7).
enum ModifiedUTF8 {
  /// The text in UTF-8; nil for bytes that are no such text. A surrogate without its other half stays as it is.
  static func plain(_ bytes: [UInt8]) -> [UInt8]? {
    if bytes.allSatisfy({ $0 > 0 && $0 < 0x80 }) { return bytes }
    var (text, index): ([UInt8], Int) = ([], 0)
    while index < bytes.count {
      guard let (unit, length) = unit(in: bytes, at: index) else { return nil }
      if unit & 0xfc00 == 0xd800, let (low, more) = self.unit(in: bytes, at: index + length), low & 0xfc00 == 0xdc00,
        let scalar = Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff)
      {
        text += Array(String(Character(scalar)).utf8)
        index += length + more
      } else {
        if unit == 0 { text.append(0) } else { text += bytes[index..<index + length] }
        index += length
      }
    }
    return text
  }

  /// The unit of UTF-16 at a place, and how many bytes it has.
  private static func unit(in bytes: [UInt8], at index: Int) -> (unit: UInt32, length: Int)? {
    guard index < bytes.count else { return nil }
    func rest(_ place: Int) -> UInt32? {
      guard index + place < bytes.count, bytes[index + place] & 0xc0 == 0x80 else { return nil }
      return UInt32(bytes[index + place] & 0x3f)
    }
    let first = UInt32(bytes[index])
    switch first {
    case 1..<0x80: return (first, 1)
    case 0xc0..<0xe0: return rest(1).map { (first & 0x1f) << 6 | $0 }.map { ($0, 2) }
    case 0xe0..<0xf0:
      guard let second = rest(1), let third = rest(2) else { return nil }
      return ((first & 0xf) << 12 | second << 6 | third, 3)
    default: return nil
    }
  }
}
