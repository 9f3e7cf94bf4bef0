/// Findings of one short text in one region, counted before a tally sees them: a byte or a word may be found millions of
/// times.
struct ShortRun {
  /// The number of slots for the texts that come most often, a power of two.
  static let slotCount = 16

  /// A text of eight bytes at most, and zeros behind it.
  struct Text: Equatable {
    fileprivate(set) var bytes: UInt64 = 0
    let length: Int

    /// Nil where a text is longer.
    @inline(__always) init?(_ text: RawSpan) {
      length = text.byteCount
      guard length <= MemoryLayout<UInt64>.size else { return nil }
      for offset in 0..<length {
        let byte = unsafe text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        bytes |= UInt64(byte) << UInt64(8 * offset)
      }
    }

    fileprivate init() { length = 0 }

    /// The slot of the text.
    @inline(__always) func slot(_ pattern: Int) -> Int {
      let hash = (bytes ^ UInt64(truncatingIfNeeded: pattern)) &* 0x9e37_79b9_7f4a_7c15
      return Int(truncatingIfNeeded: hash >> 60) & (slotCount - 1)
    }

    /// Gives `body` the bytes of the text.
    func withBytes(_ body: (RawSpan) -> Void) {
      let ordered = bytes.littleEndian
      unsafe withUnsafeBytes(of: ordered) { unsafe body(RawSpan(_unsafeBytes: $0).extracting(first: length)) }
    }
  }

  private(set) var text = Text()
  /// The first of the findings.
  private(set) var finding = Finding(pattern: 0, address: Address(0), region: 0, source: 0, byteCount: 0)
  /// The number of findings; 0 for none.
  private(set) var count: UInt64 = 0
  /// The sum over the findings.
  private(set) var byteCount: UInt64 = 0

  /// Makes a run of no findings.
  init() {}

  /// Makes a run of one finding.
  init(_ text: Text, _ finding: Finding) {
    (self.text, self.finding, count, byteCount) = (text, finding, 1, finding.byteCount)
  }

  /// Adds a finding. False where that is of another text, or in another region.
  @inline(__always) mutating func add(_ other: Finding, _ otherText: Text) -> Bool {
    guard text == otherText, count > 0, finding.pattern == other.pattern, finding.region == other.region,
      finding.source == other.source
    else { return false }
    if other.address < finding.address { finding.address = other.address }
    count += 1
    byteCount += other.byteCount
    return true
  }
}
