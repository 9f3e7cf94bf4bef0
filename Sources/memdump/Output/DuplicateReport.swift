import MemDump

/// The report of `memdump strings --dups`.
struct DuplicateReport: Report {
  let texts: DuplicateTexts
  let heaps: Heaps
  let others: [AllocatorRecognition]
  let proof: LookProof?
  /// The word for the source, for a next step.
  let source: String?

  /// The number of characters that a table shows of a text.
  private static let textWidth = 200

  func describe(to page: inout some Rendering) throws {
    if heaps.isEmpty { page.line(HeapReport.absence(others.filter(\.allocator.isGeneral)), .strong) }
    try page.table("duplicate", texts.rows, Self.fields)
    if !heaps.isEmpty {
      let excess = texts.rows.reduce(0) { $0 &+ $1.excess }
      page.fact(
        "texts",
        texts.rows.isEmpty
          ? "none stands in several blocks, of \(counted(texts.distinctCount, "distinct text"))"
          : "\(counted(texts.rows.count, "text")) of \(grouped(texts.distinctCount)) are shown; their blocks take "
            + "\(ByteSize(texts.byteCount)), and \(ByteSize(excess)) more than one block of each")
    }
    if texts.errorBound > 0 {
      page.fact("NOTE", "not all texts fitted --memory: a row may be too low by up to \(ByteSize(texts.errorBound))")
    }
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    let template = texts.rows.first.map { EscapedText(TextTemplate.template(of: $0.text)).description }
    page.next(NextStep("refs", source, "--template", template))
    page.record("summary", members)
  }

  private static let fields: [Field<DuplicateTexts.Row>] = [
    Field(.blocks, \.blockCount, .right("BLOCKS")) { grouped($0.blockCount) },
    Field(.bytes, \.byteCount, .right("BYTES")) { ByteSize($0.byteCount).description },
    Field("excess", \.excess),
    Field(.size, \.footprint, .right("SIZE", leaves: 1)) { $0.footprint.map { grouped($0) } ?? "several" },
    Field(.allocator, \.allocator),
    Field(.firstAddress, \.firstAddress, .right("FIRST", leaves: 2), cell: \.firstAddress.description),
    Field(.error, \.error),
    Field(.text, { EscapedText($0.text).description }, .left("TEXT")) { shortened($0.text, to: textWidth) },
  ]

  private var members: [Member] {
    [
      Member(.allocator, heaps.all.first?.allocator.name), Member("duplicates", texts.rows.count),
      Member("distinct_texts", texts.distinctCount), Member(.bytes, texts.byteCount),
    ] + LookProof.members(of: [proof])
  }
}
