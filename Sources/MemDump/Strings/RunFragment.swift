/// A run of printable bytes that may go on beyond the memory that was looked at; the memory for a fragment does not
/// grow with the length of the run.
struct RunFragment: Sendable {
  /// The address of the first byte.
  let start: Address
  /// The place in the source's list of the region that holds the first byte.
  let region: Int
  /// The length of the run, in bytes.
  private(set) var byteCount: UInt64 = 0
  private var continuationCount: UInt64 = 0
  /// The first bytes of the run.
  private(set) var bytes: [UInt8] = []

  init(at start: Address, region: Int) { (self.start, self.region) = (start, region) }

  /// The address behind the last byte.
  var end: Address { start + byteCount }

  /// The number of characters in the run.
  func characterCount(_ encoding: TextEncoding) -> UInt64 {
    switch encoding {
    case .ascii: byteCount
    case .utf8: byteCount - continuationCount
    // The second byte of the last one may lie in untouched memory, which no one is shown.
    case .utf16: (byteCount + 1) / 2
    }
  }

  /// Adds the bytes that come next; no more than `limit` bytes are kept together.
  mutating func append(_ more: RawSpan, encoding: TextEncoding, keeping limit: Int) {
    byteCount += UInt64(more.byteCount)
    if encoding == .utf8 { continuationCount += UInt64(TextEncoding.continuationCount(more)) }
    keep(more, limit)
  }

  /// Adds the fragment that begins where this fragment ends.
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
