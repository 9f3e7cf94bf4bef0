import MemDump

/// Keeps what a scan finds.
struct FindingRecorder: FindingSink {
  struct Item: Hashable {
    var address: UInt64
    var text: String
  }

  var items: [Item] = []
  var findings: [Finding] = []
  var limit = Int.max

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    items.append(Item(address: finding.address.rawValue, text: Array(text).latin1))
    findings.append(finding)
    return items.count < limit
  }
}

extension Scan {
  /// What a scan of the whole source finds.
  func items(_ source: any MemorySource, ranges: [Range<Address>]? = nil) throws(MemDumpError) -> [FindingRecorder.Item]
  {
    var list = FindingRecorder()
    _ = try run(source, ranges: ranges, into: &list)
    return list.items
  }
}
