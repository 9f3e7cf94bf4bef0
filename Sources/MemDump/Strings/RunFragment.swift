/// A run of printable bytes that may go on where the memory looked at began or ended: what is kept of it does not grow with
/// its length.
struct RunFragment: Sendable {
  /// Where it starts.
  let start: Address
  /// The place in the source's list of the region of its first byte.
  let region: Int
  /// How many bytes it has.
  private(set) var byteCount: UInt64 = 0
  /// How many characters it has.
  private(set) var characterCount: UInt64 = 0
  /// Its first bytes.
  private(set) var bytes: [UInt8] = []

  init(at start: Address, region: Int) { (self.start, self.region) = (start, region) }

  /// Where it ends.
  var end: Address { start + byteCount }

  /// Adds what comes next, of which no more is kept than `limit` bytes together.
  mutating func append(_ more: RawSpan, encoding: TextEncoding, keeping limit: Int) {
    // The half of a unit that the last part ended with has been counted.
    let isHalf = encoding == .utf16 && byteCount % 2 != 0
    characterCount += UInt64(encoding.characterCount(more.extracting(droppingFirst: isHalf ? 1 : 0)))
    byteCount += UInt64(more.byteCount)
    keep(more, limit)
  }

  /// Adds the fragment that begins where this one ends.
  mutating func append(_ next: RunFragment, keeping limit: Int) {
    characterCount += next.characterCount
    byteCount += next.byteCount
    unsafe keep(next.bytes.span.bytes, limit)
  }

  private mutating func keep(_ more: RawSpan, _ limit: Int) {
    guard bytes.count < limit else { return }
    unsafe more.extracting(first: limit - bytes.count).withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}
