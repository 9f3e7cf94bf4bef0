import MemDump

/// A printer of every occurrence as it is found: address, pattern, text, region, and, if asked for, its context.
struct OccurrencePrinter: FindingPrinter {
  typealias Batch = PrintedFindings<OccurrencePrinter>

  let report: ScanReport
  private let isBold: Bool
  let lines: LineBuffer
  private var writer = JSONWriter()
  private var table = CSVWriter()
  private let names: [[UInt8]]
  private var place: (region: Int, source: Int) = (-1, -1)
  private var label: [UInt8] = []

  init(report: ScanReport, lines: LineBuffer = LineBuffer()) {
    (self.report, self.lines) = (report, lines)
    isBold = report.format.kind == .text && Terminal(color: report.format.color).hasColor
    names = report.kinds.indices.map { Array("  \(report.name($0))  ".utf8) }
  }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    let textEnd = text.byteCount - Int(finding.contextByteCount)
    let context = text.extracting(textEnd...)
    let text = text.extracting(..<textEnd)
    if report.format.kind == .csv {
      table.line(Occurrence(finding, text: text, context: context, of: report), Occurrence.allMembers)
      try lines.append(table.bytes)
      table.reset()
      return true
    }
    if report.format.kind == .json {
      let occurrence = Occurrence(finding, text: text, context: context, of: report)
      writer.line("finding", occurrence, occurrence.members)
      try lines.append(writer.bytes)
      writer.reset()
      return true
    }
    if context.byteCount > 0 {
      let mapped = report.source(of: finding)?.mappedPlace(of: finding)
      let place = mapped.map { report.sourceLabel(of: finding) + "\($0.path)+\(Address($0.offset))" }
      label = Array("  \(place ?? report.label(of: finding))".utf8)
    } else if place != (finding.region, finding.source) {
      place = (finding.region, finding.source)
      label = Array("  \(report.label(of: finding))".utf8)
    }
    if EscapedText.isPlain(text) {
      try lines.appendLine(finding.address, names[finding.pattern], text, label)
    } else {
      let escaped = Array(EscapedText(text).description.utf8)
      try unsafe lines.appendLine(finding.address, names[finding.pattern], escaped.span.bytes, label)
    }
    if context.byteCount > 0 {
      let start = finding.address - UInt64(finding.contextLead)
      let match = Range(start: finding.address, byteCount: finding.byteCount)
      try lines.append(HexDump(context, at: start, marking: isBold ? match : nil).lines)
    }
    return true
  }
}
