/// A finding as a tally takes it, without the text.
struct TallyItem: Sendable {
  /// The region of a finding, among the regions of all sources.
  struct FoundIn: Hashable, Sendable {
    var source: UInt32
    var region: UInt32

    /// No region.
    static let none = FoundIn(source: .max, region: .max)
  }

  var key: TallyKey
  /// How many findings of the text, in one region, it stands for.
  var count: UInt64 = 1
  var address: Address
  var place: FoundIn
  /// The sum over these findings.
  var byteCount: UInt64
  var textLength: UInt32
  var exampleLength: UInt32
  var pattern: UInt16

  /// A number as if drawn by chance, of its place alone (the finaliser of SplitMix64).
  var chance: UInt64 {
    var number = address.rawValue ^ UInt64(place.source) << 48 &+ 0x9e37_79b9_7f4a_7c15
    number = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
    number = (number ^ number >> 27) &* 0x94d0_49bb_1331_11eb
    return number ^ number >> 31
  }

  init(_ finding: Finding, _ text: RawSpan, example: RawSpan) {
    pattern = UInt16(truncatingIfNeeded: finding.pattern)
    key = TallyKey(text, of: Int(pattern))
    address = finding.address
    place = FoundIn(
      source: UInt32(truncatingIfNeeded: finding.source), region: UInt32(truncatingIfNeeded: finding.region))
    byteCount = finding.byteCount
    textLength = UInt32(text.byteCount)
    exampleLength = UInt32(example.byteCount)
  }
}
