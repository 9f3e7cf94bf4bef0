/// The hash under which a tally keeps a text.
///
/// The hash is seeded at random: the texts are chosen by whoever writes to the target's memory. All tallies of our
/// process have one seed, so that threads can hash before they know which tally they add to.
struct TallyKey {
  let hash: UInt64
  private static let seed = UInt64.random(in: 1...UInt64.max)

  init(_ text: RawSpan, of pattern: Int) { hash = Self.hash(text, pattern) }

  /// What the table of a shard knows a text by, in 32 bits.
  var tag: UInt64 { hash >> 27 & 0xffff_ffff }

  /// The shard of the text, by the bits of the hash that are not in the tag.
  var shard: Int { Int(truncatingIfNeeded: hash >> 59) }

  /// The hash of a text: eight bytes at a time, multiplied 64 × 64 bits and folded to 64 bits, as in wyhash.
  private static func hash(_ text: RawSpan, _ pattern: Int) -> UInt64 {
    func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let product = left.multipliedFullWidth(by: right)
      return product.high ^ product.low
    }
    var hash = seed ^ UInt64(truncatingIfNeeded: pattern) ^ (UInt64(truncatingIfNeeded: text.byteCount) << 32)
    return unsafe text.withUnsafeBytes { bytes in
      func load<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as word: Word.Type) -> UInt64 {
        unsafe UInt64(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: offset, as: word))
      }
      let count = bytes.count
      var offset = 0
      while offset + 8 < count {
        hash = mix(hash ^ load(offset, as: UInt64.self), 0x9e37_79b9_7f4a_7c15)
        offset += 8
      }
      // The last eight bytes or what there is; some twice, since the length is part of the hash.
      let rest =
        switch count {
        case 8...: load(count - 8, as: UInt64.self)
        case 4...: load(0, as: UInt32.self) << 32 | load(count - 4, as: UInt32.self)
        case 1...:
          load(0, as: UInt8.self) << 16 | load(count / 2, as: UInt8.self) << 8 | load(count - 1, as: UInt8.self)
        default: UInt64(0)
        }
      return mix(hash ^ rest, 0xd6e8_feb8_6659_fd93 ^ seed)
    }
  }
}
