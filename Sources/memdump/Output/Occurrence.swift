import MemDump

/// An occurrence of a pattern, or a text, as programs get it.
struct Occurrence: Sendable {
  let kind: ScanReport.Kind
  let text: String
  let address: Address?
  let offset: UInt64?
  let region: String
  let source: String
  let byteCount: UInt64
  /// What is around it, where that was asked for.
  let context: Context?

  struct Context: Sendable {
    let mapped: (path: String, offset: UInt64)?
    /// How many of its bytes are before the occurrence.
    let lead: UInt32
    let digits: String
  }

  init(_ finding: Finding, text: RawSpan, context: RawSpan = RawSpan(), of report: ScanReport) {
    let sources = report.sources
    kind = report.kinds[finding.pattern]
    self.text = EscapedText(text).description
    address = sources.address(finding.address, source: finding.source)
    offset = sources.offset(of: finding.address, source: finding.source)
    region = sources.label(finding)
    source = EscapedText(sources.word(finding.source).utf8).description
    byteCount = finding.byteCount
    self.context =
      context.byteCount > 0
      ? Context(
        mapped: sources.mappedPlace(of: finding), lead: finding.contextLead, digits: HexDump.digits(context))
      : nil
  }

  static let fields: [Field<Occurrence>] =
    [
      Field(.pattern, \.kind.name),
      Field(.text, \.text),
      Field(.address, \.address),
      Field(.offset, \.offset),
      Field("region", \.region),
      Field("source", \.source),
      Field(.bytes, \.byteCount),
      Field(.encoding, \.kind.encoding),
    ]
    + [
      Field("mapped_file") { $0.context?.mapped?.path },
      Field("mapped_offset") { $0.context?.mapped?.offset },
      Field("context_lead", \.context?.lead),
      Field("context", \.context?.digits),
    ].map { $0.only { $0.context != nil } }
}
