import MemDump

/// The report of `memdump refs`.
struct ReferenceReport: Report {
  /// The holders that were found; nil where no heap can be walked.
  var references: ReferenceSummary?
  /// The heaps that were walked.
  var heaps = Heaps()
  /// The allocators that the source has instead.
  var others: [AllocatorRecognition] = []
  /// The proof of how a process was looked at.
  var proof: LookProof?
  var hasStacks = false
  var isCut = false
  var otherBuilds: [[UInt8]] = []
  var unreadFiles: [[UInt8]] = []
  var limit: Int?
  /// The word for the source, for a next step.
  var source: String?
  /// The time that the command took, in nanoseconds.
  var elapsed: UInt64 = 0

  /// The number of existing sizes that are named for a size that does not exist.
  private static let nearSizeCount = 4

  private var rows: ArraySlice<ReferenceSummary.Row> { references?.rows.prefix(limit ?? .max) ?? [] }

  func describe(to page: inout some Rendering) throws {
    if let references, references.count > 0 {
      page.line(heading(references), .strong)
      try page.table("holder", rows, fields, more: unnamed(references))
      for text in Self.pools(references) { page.line(text) }
      if let note = proof?.choice.note { page.fact("mode", note) }
      if let proof { page.pause(of: proof) }
      for note in notes { page.note(note) }
    } else {
      page.line(references.map(nothing) ?? HeapReport.absence(others), .strong)
    }
    if let shortfall = proof?.shortfall { page.note(shortfall) }
    if let warning = proof?.warning { page.note("WARNING: \(warning)") }
    page.next(step)
    page.record("summary", members)
  }

  /// What the goroutines that hold it wait for; whether what is held grows; or, of a size that is not there, which sizes are.
  private var step: NextStep? {
    guard let references else { return nil }
    if references.rows.first?.kind == .goroutines { return NextStep("goroutines", source) }
    if references.traced > 0 { return NextStep("watch", proof?.process.id.description) }
    guard references.count == 0, case .size = references.subject else { return nil }
    return NextStep("heap", source)
  }

  private var fields: [Field<ReferenceSummary.Row>] {
    let subject = subject
    return [Field(.subject) { _ in subject }, Field(.right("SHARE", leaves: 1)) { share($0.count) }] + Self.fields
  }

  /// The cells of rows for blocks that no holder that is shown holds.
  private func unnamed(_ references: ReferenceSummary) -> [[String]] {
    let hidden = references.traced - rows.reduce(0) { $0 + $1.count }
    let lost = references.sampled - references.traced
    return [(hidden, "other holders: see --top"), (lost, "not traced")].filter { $0.0 > 0 }.map { count, name in
      [grouped(count), share(count), name, "-"]
    }
  }

  private func heading(_ references: ReferenceSummary) -> String {
    let sampled = "\(grouped(references.sampled)) sampled"
    let bytes = ByteSize(references.byteCount)
    switch references.subject {
    case .size(let size):
      return "chunks of \(grouped(size)) bytes: \(grouped(references.count)) in use, \(bytes); \(sampled)"
    case .block(let address, let block):
      return "\(address) is in the block at \(block.address), a chunk of \(grouped(block.footprint.byteCount)) bytes: "
        + "\(counted(references.count, "pointer")) to it; \(sampled)"
    case .address(let address):
      return "\(address) is in no block of malloc in use: \(counted(references.count, "pointer")) to it; \(sampled)"
    case .template(let text):
      return "blocks with \(EscapedText(text)): \(grouped(references.count)), \(bytes) in chunks of malloc; \(sampled)"
    }
  }

  /// The sentence for an answer without blocks to look for holders of.
  private func nothing(_ references: ReferenceSummary) -> String {
    switch references.subject {
    case .size(let size):
      let classes = heaps.classes.filter { $0.count > 0 }
      func distance(_ row: HeapClass) -> UInt64 { max(row.footprint, size) - min(row.footprint, size) }
      let near = classes.sorted { (distance($0), $0.footprint) < (distance($1), $1.footprint) }
        .prefix(Self.nearSizeCount).sorted { $0.footprint < $1.footprint }
        .map { "\(grouped($0.footprint)) (\(grouped($0.count)))" }
      return "There is no chunk of \(grouped(size)) bytes in use. "
        + (near.isEmpty ? "There is none of any size." : "Sizes near it: \(near.joined(separator: ", ")).")
    case .block(let address, let block):
      let chunk = block.footprint
      return
        "No pointer leads to the block of \(address), a chunk of \(grouped(chunk.byteCount)) bytes at \(chunk.lowerBound)."
    case .address(let address): return "No pointer leads to \(address), which is in no block of malloc in use."
    case .template(let text):
      return
        "There is no text of the template \(EscapedText(text)). `memdump strings --template` lists those there are."
    }
  }

  /// Sentences on the pools that sampled blocks are of.
  static func pools(_ references: ReferenceSummary) -> [String] {
    references.pools.map { share in
      let (owner, noun) = (PoolKinds.owner(of: share.kind), PoolKinds.noun(of: share.kind))
      let parts = [
        share.blockCount > 0 ? "\(grouped(share.blockCount)) as blocks" : nil,
        share.largeCount > 0 ? "\(grouped(share.largeCount)) too large for one" : nil,
      ].compactMap(\.self).joined(separator: ", ")
      let pools =
        share.poolCount == 1
        ? "the \(share.role) \(noun) of \(owner) at \(share.pool)"
        : "\(grouped(share.poolCount)) \(noun)s of \(owner), role \(share.role)"
      let rule = share.role == "cycle" ? ", which must not grow while it serves" : ""
      return "\(grouped(share.count)) of \(grouped(references.sampled)) sampled are of \(pools) (\(parts))\(rule)"
    }
  }

  private func share(_ count: Int) -> String {
    let tenths = Int((Double(count) / Double(max(1, references?.sampled ?? 0)) * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// The notes on how exact the answer is.
  private var notes: [String] {
    guard let references else { return [] }
    var notes = [
      "\(grouped(references.traced)) of \(grouped(references.sampled)) traced. What holds a block can reach it; whether it should, "
        + "memory does not tell."
    ]
    let unsure = references.rows.reduce(0) { $0 + $1.unsureCount }
    if unsure > 0 {
      notes.append(
        "\(grouped(unsure)) of them unsure: no more leads there than a word of the heap, into the middle of the block, "
          + "which may be left over from what the memory was before")
    }
    if references.traced < references.sampled, let function = references.functions.first {
      let others = references.functions.dropFirst().prefix(2).map { ", \(grouped($0.count)) × \($0.name)" }.joined()
      notes.append(
        "\(grouped(function.count)) × \(function.name)\(others) in the blocks that were not traced, or next to them")
    }
    if !hasStacks { notes.append("no registers of threads were read, so their stacks were not looked at") }
    if isCut { notes.append("there is more than 32 GiB of written memory: the rest was not looked at") }
    return notes + ReferenceReport.notes(otherBuilds: otherBuilds, unreadFiles: unreadFiles, heaps)
  }

  /// The notes on names that are missing, and on blocks that are not known.
  static func notes(otherBuilds: [[UInt8]], unreadFiles: [[UInt8]], _ heaps: Heaps) -> [String] {
    otherBuilds.map { "\(EscapedText($0)) is of another build than what was in memory: its names are not used" }
      + unreadFiles.map { "\(EscapedText($0)) could not be read whole: some of its names may be missing" }
      + (!heaps.isClean ? ["the heap was walked with breaks: some blocks are not known"] : [])
  }

  private var members: [Member] {
    [
      Member(.subject, subject),
      Member(.allocator, heaps.all.first?.allocator.name ?? others.first?.allocator.name),
      Member(.count, references?.count),
      Member(.bytes, references?.byteCount),
      Member(.sampled, references?.sampled),
      Member(.traced, references?.traced),
      Member(.holders, references?.rows.count),
      Member(.stacks, hasStacks),
      Member(.sampledPools, (references?.pools ?? []).map { FieldValue.object(Self.poolFields.members(of: $0)) }),
      Member(.functions, (references?.functions ?? []).prefix(8).map { FieldValue.function($0) }),
      Member(.otherBuilds, otherBuilds.map { EscapedText($0).description }),
      Member(.unreadFiles, unreadFiles.map { EscapedText($0).description }),
    ] + LookProof.members(of: [proof]) + [Member(.elapsed, elapsed)]
  }

  /// The subject as a text: `1040`, an address, or a template.
  private var subject: String? {
    switch references?.subject {
    case .size(let size): "\(size)"
    case .block(let address, _), .address(let address): address.description
    case .template(let text): EscapedText(text).description
    case nil: nil
    }
  }

  static let poolFields: [Field<PoolShare>] = [
    Field(.kind, \.kind), Field(.role, \.role), Field(.pools, \.poolCount), Field(.address, \.pool),
    Field(.blocks, \.blockCount), Field(.largeCount, \.largeCount),
  ]
}
