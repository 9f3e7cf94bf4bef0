/// Findings that are kept until their turn comes.
public struct FindingList: FindingSink, Sendable {
  private var findings: [(finding: Finding, textEnd: Int)] = []
  private var texts: [UInt8] = []

  /// Makes an empty list.
  public init() {}

  /// Whether the list is empty.
  public var isEmpty: Bool { findings.isEmpty }

  /// Adds a finding.
  public mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
    findings.append((finding, texts.count))
    return true
  }

  /// Passes the findings on and empties the list, which keeps its memory. Returns whether all were taken.
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
