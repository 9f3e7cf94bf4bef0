/// A set of small numbers, a bit each.
struct Bits: Sendable {
  private var words: [UInt64]

  /// A set that numbers below `count` may be in: none of them at first.
  init(count: Int) { words = Array(repeating: 0, count: count / 64 + 1) }

  @inline(__always)
  func contains(_ number: Int) -> Bool { words[number >> 6] & 1 << UInt64(number & 63) != 0 }

  @inline(__always)
  mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }
}
