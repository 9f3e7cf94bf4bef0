import MemDump

/// Prints every text as it is found: address, region, text.
struct TextPrinter: FindingSink {
  private let report: ScanReport
  private var lines: [UInt8] = []
  private var writer = JSONWriter()
  private var place: (region: Int, source: Int) = (-1, -1)
  private var label: [UInt8] = []

  init(report: ScanReport) { self.report = report }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    if report.isJSON {
      report.write(finding, text: EscapedText(text).description, &writer)
      lines += writer.bytes
      writer.reset()
    } else {
      if place != (finding.region, finding.source) {
        place = (finding.region, finding.source)
        label = Array("  \(report.label(finding))  ".utf8)
      }
      finding.address.append(to: &lines)
      lines += label
      EscapedText.append(text, to: &lines)
      lines.append(UInt8(ascii: "\n"))
    }
    if lines.count >= 1 << 16 { try write() }
    return true
  }

  /// Prints what is left.
  mutating func finish() throws(MemDumpError) { try write() }

  private mutating func write() throws(MemDumpError) {
    try MemDumpError.writeOutput(lines)
    lines.removeAll(keepingCapacity: true)
  }
}
