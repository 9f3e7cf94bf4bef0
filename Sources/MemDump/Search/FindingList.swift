/// Findings that are kept until it is their turn.
public struct FindingList: FindingSink, Sendable {
  private var findings: [(finding: Finding, textEnd: Int)] = []
  private var texts: [UInt8] = []

  /// An empty list.
  public init() {}

  /// Whether there are none.
  public var isEmpty: Bool { findings.isEmpty }

  /// Adds a finding.
  public mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
    findings.append((finding, texts.count))
    return true
  }

  /// Gives them on and forgets them; the room stays. Returns whether all were taken.
  public mutating func deliver<Sink: FindingSink>(to sink: inout Sink) throws(MemDumpError) -> Bool {
    defer {
      findings.removeAll(keepingCapacity: true)
      texts.removeAll(keepingCapacity: true)
    }
    let bytes = unsafe texts.span.bytes
    var start = 0
    for (finding, end) in findings {
      guard try sink.receive(finding, text: bytes.extracting(start..<end)) else { return false }
      start = end
    }
    return true
  }
}
