import MemDump

/// A printer of every text as it is found: address, region, text.
struct TextPrinter: FindingPrinter {
  typealias Batch = PrintedFindings<TextPrinter>

  let report: ScanReport
  let lines: LineBuffer
  private var writer = JSONWriter()
  private var table = CSVWriter()
  private var place: (region: Int, source: Int) = (-1, -1)
  private var label: [UInt8] = []

  init(report: ScanReport, lines: LineBuffer = LineBuffer()) {
    (self.report, self.lines) = (report, lines)
  }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    if report.format.kind == .csv {
      table.line(Occurrence(finding, text: text, of: report), Occurrence.allMembers)
      try lines.append(table.bytes)
      table.reset()
      return true
    }
    if report.format.kind == .json {
      let occurrence = Occurrence(finding, text: text, of: report)
      writer.line("finding", occurrence, occurrence.members)
      try lines.append(writer.bytes)
      writer.reset()
      return true
    }
    if place != (finding.region, finding.source) {
      place = (finding.region, finding.source)
      label = Array("  \(report.label(of: finding))  ".utf8)
    }
    if EscapedText.isPlain(text) {
      try lines.appendLine(finding.address, label, text)
    } else {
      let escaped = Array(EscapedText(text).description.utf8)
      try unsafe lines.appendLine(finding.address, label, escaped.span.bytes)
    }
    return true
  }
}
