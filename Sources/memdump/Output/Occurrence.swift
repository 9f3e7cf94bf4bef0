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
  /// The bytes around the occurrence, where they were asked for.
  let context: Context?

  struct Context: Sendable {
    let mapped: (path: String, offset: UInt64)?
    /// The number of context bytes before the occurrence.
    let lead: UInt32
    let digits: String
  }

  init(_ finding: Finding, text: RawSpan, context: RawSpan = RawSpan(), of report: ScanReport) {
    let source = report.source(of: finding)
    kind = report.kinds[finding.pattern]
    self.text = EscapedText(text).description
    address = source?.address(finding.address)
    offset = source?.offset(of: finding.address)
    region = source?.label(of: finding) ?? ""
    self.source = source?.printableWord ?? ""
    byteCount = finding.byteCount
    self.context =
      context.byteCount > 0
      ? Context(
        mapped: source?.mappedPlace(of: finding), lead: finding.contextLead, digits: HexDump.digits(context))
      : nil
  }

  private static let fields: [Field<Occurrence>] = [
    Field(.pattern, \.kind.name),
    Field(.text, \.text),
    Field(.address, \.address),
    Field(.offset, \.offset),
    Field(.region, \.region),
    Field("source", \.source),
    Field(.bytes, \.byteCount),
    Field(.encoding, \.kind.encoding),
  ]

  private static let contextFields: [Field<Occurrence>] = [
    Field("mapped_file") { $0.context?.mapped?.path },
    Field("mapped_offset") { $0.context?.mapped?.offset },
    Field("context_lead", \.context?.lead),
    Field("context", \.context?.digits),
  ]

  // There are millions of occurrences: what is the same for all of them is made once.
  private static let members = fields.compactMap(\.member)
  private static let contextMembers = allMembers

  /// All members that a record may have.
  static let allMembers = (fields + contextFields).compactMap(\.member)

  /// The members of the occurrence's record.
  var members: [Field<Occurrence>.Getter] { context == nil ? Self.members : Self.contextMembers }
}
