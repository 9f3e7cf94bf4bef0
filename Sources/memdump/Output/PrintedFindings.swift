import MemDump

/// A printer of findings as lines.
protocol FindingPrinter: FindingSink {
  var report: ScanReport { get }
  var lines: LineBuffer { get }

  init(report: ScanReport, lines: LineBuffer)
}

extension FindingPrinter where Batch == PrintedFindings<Self> {
  func makeBatch() -> PrintedFindings<Self> { PrintedFindings(Self(report: report, lines: .keeping())) }

  mutating func take(_ batch: inout PrintedFindings<Self>) throws(MemDumpError) -> Bool {
    try lines.append(batch.printer.lines)
    return try batch.rest.deliver(to: &self)
  }

  /// Prints the line of headings, where the form of output has one.
  func begin() throws(MemDumpError) {
    guard report.format.kind == .csv, report.format.hasHeadings else { return }
    var writer = CSVWriter()
    writer.headings(Occurrence.allMembers)
    try lines.append(writer.bytes)
  }

  /// Prints the lines that are left.
  func finish() throws(MemDumpError) { try lines.write() }
}

/// Findings that one of several threads has made lines of, for the printer to print when it is their turn.
struct PrintedFindings<Printer: FindingPrinter>: FindingSink {
  /// The bytes of lines that are kept. A line may be far longer than the finding that it is for.
  private static var limit: Int { 8 << 20 }

  fileprivate var printer: Printer
  /// The findings above the limit, as they were found.
  fileprivate var rest = FindingList()

  fileprivate init(_ printer: Printer) { self.printer = printer }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    guard rest.isEmpty, printer.lines.byteCount < Self.limit else { return rest.receive(finding, text: text) }
    return try printer.receive(finding, text: text)
  }
}
