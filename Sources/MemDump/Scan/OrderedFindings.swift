/// Puts findings of several patterns in the order of their addresses before it gives them on.
///
/// They come sorted by window already, but a match that begins before its anchor can begin in the window before. So none
/// comes later than `reach` bytes behind one with a larger address on either side, and what lies further back can go.
struct OrderedFindings<Base: FindingSink>: FindingSink {
  private(set) var base: Base
  private let slack: UInt64
  private var pending: [(finding: Finding, text: [UInt8])] = []
  private var latest = Address(0)

  init(_ base: Base, reach: Int) { (self.base, slack) = (base, 2 * UInt64(reach)) }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    latest = max(latest, finding.address)
    let place = pending.partitionIndex {
      ($0.finding.address, $0.finding.pattern) > (finding.address, finding.pattern)
    }
    pending.insert((finding, unsafe text.withUnsafeBytes { unsafe Array($0) }), at: place)
    return try release(upTo: latest - slack)
  }

  /// Gives on what is left.
  mutating func finish() throws(MemDumpError) -> Bool { try release(upTo: Address(.max)) }

  private mutating func release(upTo end: Address) throws(MemDumpError) -> Bool {
    let count = pending.partitionIndex { $0.finding.address >= end }
    // What is left is moved to the front, so it is worth it only where more goes than stays.
    guard count > pending.count / 2 else { return true }
    defer { pending.removeFirst(count) }
    for (finding, text) in pending.prefix(count) {
      guard try unsafe base.receive(finding, text: text.span.bytes) else { return false }
    }
    return true
  }
}
