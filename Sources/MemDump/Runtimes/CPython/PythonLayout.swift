/// What differs between versions of Python in how objects lie in memory, by a vote of some objects of the running program.
struct PythonLayout: Hashable, Sendable {
  /// The bytes of the head that the collector has before an object: 16 from 3.8 on.
  var headByteCount: UInt64 = 16
  /// Whether two more words stand before that head for types that ask for it: from 3.11 on.
  var hasManaged = true
  /// Where the characters of a text begin.
  var textOffset: UInt64 = 40

  /// The types whose objects tell the head: every program has them, and none of them has the two words.
  private static let voters = ["dict", "list", "tuple", "function"].map { Array($0.utf8) }
  private static let heads: [UInt64] = [16, 24, 32]
  private static let managedByteCount: UInt64 = 16
  private static let textOffsets: [UInt64] = [36, 40, 48]

  /// The places in a block at which an object may begin.
  var leads: [UInt64] { [0, headByteCount] + (hasManaged ? [headByteCount + Self.managedByteCount] : []) }

  /// How far behind the start of its block an object begins, by the flags of its type.
  @inline(__always)
  func lead(of flags: UInt64) -> UInt64 {
    (flags & PythonType.collected != 0 ? headByteCount : 0)
      &+ (hasManaged && flags & PythonType.managed != 0 ? Self.managedByteCount : 0)
  }

  /// Whether a word can be the count of references of an object that is in use: immortal ones have any, and 3.14 keeps flags
  /// in the upper 16 bits.
  @inline(__always)
  static func isCount(_ word: UInt64) -> Bool { word & 0xffff_ffff != 0 && word >> 32 & 0xffff == 0 }

  /// Asks some blocks of the heap.
  static func vote(
    _ blocks: [Range<Address>], _ words: inout WordCache, _ types: inout PythonTypes
  ) throws(MemDumpError) -> PythonLayout {
    var layout = PythonLayout()
    var votes: [UInt64: Int] = [:]
    var managed: [UInt64: Int] = [:]
    for block in blocks {
      for lead in heads + [32, 40, 48] where lead + 16 <= block.byteCount {
        guard let word = try words.word(at: block.lowerBound + (lead + 8)), let number = try types.number(of: word),
          let count = try words.word(at: block.lowerBound + lead), isCount(count)
        else { continue }
        if voters.contains(types.all[number].name) { votes[lead, default: 0] += 1 }
        if types.all[number].isManaged, types.all[number].isCollected { managed[lead, default: 0] += 1 }
      }
    }
    layout.headByteCount = heads.reduce(heads[0]) { votes[$1, default: 0] > votes[$0, default: 0] ? $1 : $0 }
    let (plain, behind) = (
      managed[layout.headByteCount, default: 0], managed[layout.headByteCount + managedByteCount, default: 0]
    )
    // Where no object tells: only Python that has the short head has them, and the flags mean other things before.
    layout.hasManaged = plain == behind ? layout.headByteCount == 16 : behind > plain
    return layout
  }

  /// Asks some texts, which end with a zero where they end.
  mutating func voteOnTexts(_ texts: [Address], _ words: inout WordCache) throws(MemDumpError) {
    var votes: [UInt64: Int] = [:]
    for text in texts {
      guard let count = try words.word(at: text + 16), count > 2, count < 64 else { continue }
      for offset in Self.textOffsets {
        let bytes = try words.bytes(at: text + offset, count: Int(count) + 1)
        if bytes.count == Int(count) + 1, bytes.last == 0, bytes.dropLast().allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
          votes[offset, default: 0] += 1
        }
      }
    }
    let offsets = Self.textOffsets
    textOffset = offsets.reduce(offsets[1]) { votes[$1, default: 0] > votes[$0, default: 0] ? $1 : $0 }
  }
}
