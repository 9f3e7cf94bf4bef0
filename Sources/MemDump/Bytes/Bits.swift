/// A set of small numbers, a bit each.
struct Bits: Sendable {
  private var words: [UInt64]

  /// A set that numbers below `count` may be in: none of them at first, or all.
  init(count: Int, areAll: Bool = false) { words = Array(repeating: areAll ? .max : 0, count: count / 64 + 1) }

  @inline(__always)
  func contains(_ number: Int) -> Bool { words[number >> 6] & 1 << UInt64(number & 63) != 0 }

  @inline(__always)
  mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }

  /// Puts all numbers of a range into the set, or takes them out.
  mutating func set(_ range: Range<Int>, _ isIn: Bool) {
    var number = range.lowerBound
    while number < range.upperBound {
      let (word, bit) = (number >> 6, number & 63)
      let count = min(64 - bit, range.upperBound - number)
      let mask = (UInt64.max >> UInt64(64 - count)) << UInt64(bit)
      if isIn { words[word] |= mask } else { words[word] &= ~mask }
      number += count
    }
  }
}
