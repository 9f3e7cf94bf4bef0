/// Puts findings of several patterns in the order of their addresses before passing them on.
///
/// Findings come sorted by window, but a match that begins before its anchor can begin in the window before. So no
/// finding comes later than `reach` bytes behind one with a larger address on either side; the rest can go.
struct OrderedFindings<Base: FindingSink>: FindingSink {
  private(set) var base: Base
  private let slack: UInt64
  private var pending: [(finding: Finding, text: Range<Int>)] = []
  /// How many of the pending findings have been passed on.
  private var done = 0
  private var texts: [UInt8] = []
  private var latest = Address(0)

  private static var mostDone: Int { 4096 }

  init(_ base: Base, reach: Int) { (self.base, slack) = (base, 2 * UInt64(reach)) }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    latest = max(latest, finding.address)
    let start = texts.count
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
    // Nearly always the last place.
    var place = pending.count
    while place > done, Self.isBefore(finding, pending[place - 1].finding) { place -= 1 }
    pending.insert((finding, start..<texts.count), at: place)
    return try release(upTo: latest - slack)
  }

  /// Passes on the findings that are left.
  mutating func finish() throws(MemDumpError) -> Bool { try release(upTo: Address(.max)) }

  private static func isBefore(_ left: Finding, _ right: Finding) -> Bool {
    left.address != right.address ? left.address < right.address : left.pattern < right.pattern
  }

  private mutating func release(upTo end: Address) throws(MemDumpError) -> Bool {
    guard try giveOn(upTo: end) else { return false }
    if done == pending.count || done >= Self.mostDone { compact() }
    return true
  }

  private mutating func giveOn(upTo end: Address) throws(MemDumpError) -> Bool {
    let texts = self.texts
    while done < pending.count, pending[done].finding.address < end {
      let (finding, text) = pending[done]
      done += 1
      guard try unsafe base.receive(finding, text: texts.span.bytes.extracting(text)) else { return false }
    }
    return true
  }

  /// Forgets the findings that have been passed on, and their texts.
  private mutating func compact() {
    pending.removeFirst(done)
    done = 0
    let start = pending.map(\.text.lowerBound).min() ?? texts.count
    texts.removeFirst(start)
    for index in pending.indices {
      let text = pending[index].text
      pending[index].text = text.lowerBound - start..<text.upperBound - start
    }
  }
}
