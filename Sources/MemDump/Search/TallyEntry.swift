/// What a tally has of every text, no larger than a cache line: where there are many texts, an entry is in no cache.
struct TallyEntry {
  /// The first bytes of a text, of most texts all of them.
  typealias Head = (UInt64, UInt64, UInt64)
  static let headByteCount = 24

  var count: UInt64
  var byteCount: UInt64
  /// The first finding.
  var (firstAddress, firstPlace): (Address, TallyItem.FoundIn)
  /// The length of the text; with the highest bit set, which one of the rests is its own.
  private var lengthOrRest: UInt32
  /// Which one of the bounds was that of the shard when the entry was made: its error.
  let bound: UInt16
  let pattern: UInt16
  let head: Head

  private static let restMark: UInt32 = 1 << 31

  init(_ item: TallyItem, _ text: RawSpan, bound: Int) {
    (count, byteCount, firstAddress, firstPlace) = (item.count, item.byteCount, item.address, item.place)
    (lengthOrRest, self.bound, pattern) = (item.textLength, UInt16(bound), item.pattern)
    var head: Head = (0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &head) { bytes in
      unsafe text.extracting(first: Self.headByteCount).withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }
    self.head = head
  }

  /// The length of a text that has no rest.
  @inline(__always) var length: Int? { lengthOrRest & Self.restMark == 0 ? Int(lengthOrRest) : nil }

  /// The number of its rest, where it has one.
  @inline(__always) var rest: Int? {
    get { lengthOrRest & Self.restMark == 0 ? nil : Int(lengthOrRest & ~Self.restMark) }
    set { if let newValue { lengthOrRest = Self.restMark | UInt32(truncatingIfNeeded: newValue) } }
  }

  /// Whether two texts are the same, by eight bytes at a time: most texts are too short to be worth a call.
  static func isSame(_ text: RawSpan, _ own: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    unsafe text.withUnsafeBytes { other in
      let count = other.count
      guard let left = other.baseAddress, let right = own.baseAddress, count >= 8 else {
        return (0..<count).allSatisfy { unsafe other[$0] == own[offset + $0] }
      }
      func differs(at place: Int) -> Bool {
        unsafe left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          != (right + offset).loadUnaligned(fromByteOffset: place, as: UInt64.self)
      }
      for place in stride(from: 0, to: count - 8, by: 8) where differs(at: place) { return false }
      return !differs(at: count - 8)
    }
  }
}

/// What few texts have: longer ones, those with an example, and those found in several regions.
struct TallyRest {
  var textLength: UInt32
  /// A region besides that of the first finding; most texts are in one or two regions, and others have a set.
  var secondPlace = TallyItem.FoundIn.none
  /// The chance of the finding that the example is of; the lowest one wins.
  var exampleChance: UInt64 = 0
  /// Where in the shard's texts a text is that is longer than a head, and then the example.
  var textStart: Int
  var regionSet: Int32 = -1
  var exampleLength: UInt32 = 0
}
