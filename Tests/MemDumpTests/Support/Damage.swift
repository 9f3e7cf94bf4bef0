/// Damage to bytes.
enum Damage {
  /// Flips a few bits, or puts words in the place of others: small numbers, addresses that stand elsewhere, anything.
  static func some(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...12, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      if Bool.random(using: &generator) {
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        continue
      }
      let word = place / 8 * 8
      guard word + 8 <= bytes.count else { continue }
      switch Int.random(in: 0..<3, using: &generator) {
      case 0:
        bytes.replaceSubrange(word..<word + 8, with: CoreBuilder.bytes(UInt64.random(in: 0...70000, using: &generator)))
      case 1:
        bytes.replaceSubrange(
          word..<word + 8, with: CoreBuilder.bytes(UInt64.random(in: 0...UInt64.max, using: &generator)))
      default:
        let other = Int.random(in: 0..<bytes.count / 8, using: &generator) * 8
        bytes.replaceSubrange(word..<word + 8, with: Array(bytes[other..<other + 8]))
      }
    }
    return bytes
  }
}
