/// Identifiers with letters beyond ASCII, in the Punycode of RFC 3492, with `_` in place of `-`.
enum Punycode {
  private static let (base, tMin, tMax, skew, damp) = (36, 1, 26, 38, 700)
  /// The largest number of characters: each insertion moves those behind, and names have few letters beyond ASCII.
  private static let mostScalars = 256

  /// The identifier in UTF-8; nil for bytes that are no Punycode.
  static func decode(_ bytes: [UInt8]) -> [UInt8]? {
    let delimiter = bytes.lastIndex(of: UInt8(ascii: "_"))
    var scalars = bytes[..<(delimiter ?? 0)].map { Unicode.Scalar($0) }
    var rest = bytes[(delimiter.map { $0 + 1 } ?? 0)...]
    var (code, index, bias, isFirst) = (128, 0, 72, true)
    while !rest.isEmpty {
      let old = index
      var (weight, k) = (1, base)
      while true {
        guard let byte = rest.popFirst() else { return nil }
        guard byte.isLowercaseLetter || byte.isDecimalDigit else { return nil }
        let digit = Int(byte) - (byte.isDecimalDigit ? 22 : 97)
        index += digit * weight
        let threshold = min(max(k - bias, tMin), tMax)
        guard index < 1 << 32, weight < 1 << 24 else { return nil }
        if digit < threshold { break }
        weight *= base - threshold
        k += base
      }
      let count = scalars.count + 1
      bias = adapted(index - old, count, isFirst: isFirst)
      isFirst = false
      code += index / count
      index %= count
      guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value), count <= mostScalars else {
        return nil
      }
      scalars.insert(scalar, at: index)
      index += 1
    }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return Array(String(text).utf8)
  }

  private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var (delta, k) = (isFirst ? delta / damp : delta / 2, 0)
    delta += delta / count
    while delta > (base - tMin) * tMax / 2 {
      delta /= base - tMin
      k += base
    }
    return k + (base - tMin + 1) * delta / (delta + skew)
  }
}
