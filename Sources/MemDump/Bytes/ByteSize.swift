/// A number of bytes as people write it: `4096`, `4,096`, `0x1000`, `64K`, `10M`, `1.5G`, `10 MiB`. The units are powers of
/// 1024.
public struct ByteSize: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number of bytes.
  public var byteCount: UInt64

  /// Makes a size from a number of bytes.
  public init(_ byteCount: UInt64) { self.byteCount = byteCount }

  /// Reads a size; nil where the text is no size or the size does not fit in 64 bits.
  public init?(parsing text: String) {
    if text.hasPrefix("0x") {
      guard let number = Address(parsing: text) else { return nil }
      byteCount = number.rawValue
      return
    }
    let written = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ",") }
    let unit = text.dropFirst(written.count)
    // A blank stands before the unit where we print one.
    guard let digits = GroupedDigits.digits(written),
      let shift = Self.shift(unit.first == " " && unit.count > 1 ? unit.dropFirst() : unit)
    else { return nil }
    if let number = UInt64(digits) {
      guard number.leadingZeroBitCount >= shift else { return nil }
      byteCount = number << shift
    } else {
      guard shift > 0, digits.first != ".", digits.last != ".", let number = Double(digits) else { return nil }
      let bytes = number * Double(UInt64(1) << shift)
      guard bytes < Double(UInt64.max) else { return nil }
      byteCount = UInt64(bytes)
    }
  }

  private static func shift(_ unit: Substring) -> Int? {
    switch unit.lowercased() {
    case "", "b": 0
    case "k", "kb", "kib": 10
    case "m", "mb", "mib": 20
    case "g", "gb", "gib": 30
    case "t", "tb", "tib": 40
    default: nil
    }
  }

  /// Orders by number of bytes.
  public static func < (left: ByteSize, right: ByteSize) -> Bool { left.byteCount < right.byteCount }

  /// The size for people, in the largest unit that leaves a whole number before the point: `132 KiB`, `53.9 MiB`.
  public var description: String {
    let (whole, tenth, unit) = parts
    return tenth == 0 ? "\(whole) \(unit)" : "\(whole).\(tenth) \(unit)"
  }

  /// The parts of ``description``: the number before the point, the digit behind it, and the unit.
  package var parts: (whole: UInt64, tenth: UInt64, unit: StaticString) {
    let unit = byteCount < 1024 ? 0 : min(4, (63 - byteCount.leadingZeroBitCount) / 10)
    let shift = UInt64(10 * unit)
    let tenth = ((byteCount & ((1 << shift) - 1)) * 10) >> shift
    return (byteCount >> shift, tenth, Self.units[unit])
  }

  private static let units: [StaticString] = ["B", "KiB", "MiB", "GiB", "TiB"]
}
