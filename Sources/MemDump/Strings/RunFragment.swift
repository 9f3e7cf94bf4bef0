/// A run of printable bytes that may go on where the memory looked at began or ended: what is kept of it does not grow with
/// its length.
struct RunFragment: Sendable {
  /// Where it starts.
  let start: Address
  /// The place in the source's list of the region of its first byte.
  let region: Int
  /// How many bytes it has.
  private(set) var byteCount: UInt64 = 0
  private var continuationCount: UInt64 = 0
  /// Its first bytes.
  private(set) var bytes: [UInt8] = []

  init(at start: Address, region: Int) { (self.start, self.region) = (start, region) }

  /// Where it ends.
  var end: Address { start + byteCount }

  /// How many characters it has.
  func characterCount(_ encoding: TextEncoding) -> UInt64 {
    switch encoding {
    case .ascii: byteCount
    case .utf8: byteCount - continuationCount
    // The second byte of the last one may lie in untouched memory, which no one is shown.
    case .utf16: (byteCount + 1) / 2
    }
  }

  /// Adds what comes next, of which no more is kept than `limit` bytes together.
  mutating func append(_ more: RawSpan, encoding: TextEncoding, keeping limit: Int) {
    byteCount += UInt64(more.byteCount)
    if encoding == .utf8 { continuationCount += UInt64(TextEncoding.continuationCount(more)) }
    keep(more, limit)
  }

  /// Adds the fragment that begins where this one ends.
  mutating func append(_ next: RunFragment, keeping limit: Int) {
    byteCount += next.byteCount
    continuationCount += next.continuationCount
    unsafe keep(next.bytes.span.bytes, limit)
  }

  private mutating func keep(_ more: RawSpan, _ limit: Int) {
    guard bytes.count < limit else { return }
    unsafe more.extracting(first: limit - bytes.count).withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}
