import MemDump

/// The report of `memdump diff`.
struct GrowthReport: Report {
  private let growth: [Growth]
  private let looks: (old: LookProof?, new: LookProof?)
  private let isOneRun: Bool
  private let notes: [String]
  private let source: String?

  /// - Parameters:
  ///   - growth: the rows to print.
  ///   - looks: the proofs of how a process was looked at; nil for a file.
  ///   - isOneRun: whether both looks may be at one run of a program.
  ///   - limit: the most rows of a kind that are printed; nil for all.
  ///   - notes: sentences on how exact the counts are.
  ///   - source: the word for the later look, for a next step; nil where blocks have no holders there.
  init(
    growth: [Growth], looks: (old: LookProof?, new: LookProof?), isOneRun: Bool, limit: Int?, notes: [String],
    source: String?
  ) {
    self.growth = Growth.Kind.allCases.flatMap { kind in growth.filter { $0.kind == kind }.prefix(limit ?? .max) }
    (self.looks, self.isOneRun, self.notes, self.source) = (looks, isOneRun, notes, source)
  }

  func describe(to page: inout some Rendering) throws {
    if growth.isEmpty { page.line("Nothing grew.", .strong) }
    try page.table("growth", growth, Self.fields)
    for note in notes { page.note(note) }
    if let source { page.next(growth.lazy.compactMap { $0.holders(in: source) }.first) }
    page.record(
      "summary",
      [
        Member(.growing, !growth.isEmpty),
        Member("one_run", isOneRun),
        Member("old", Self.value(looks.old)),
        Member("new", Self.value(looks.new)),
      ])
  }

  private static func value(_ look: LookProof?) -> FieldValue {
    look.map { .object(LookProof.members(of: [$0])) } ?? .null
  }

  /// The fields of a row of growth.
  static let fields: [Field<Growth>] = [
    Field(.right("GROWN")) { "+" + ByteSize($0.byteCount).description },
    Field(.kind, \.kind.rawValue, .left("KIND", rank: 3, overflow: .none), cell: \.kind.rawValue),
    Field("key", { EscapedText($0.subject.key).description }, .left("WHAT", rank: 3, overflow: .wrapped), cell: name),
    Field(.right("COUNT", rank: 1, leaves: 3)) { "+" + grouped($0.after.count - min($0.after.count, $0.before.count)) },
    Field(.countBefore, \.before.count, .right("BEFORE", rank: 2, leaves: 1)) { grouped($0.before.count) },
    Field("count_after", \.after.count, .right("AFTER", rank: 2, leaves: 2)) { grouped($0.after.count) },
    Field("bytes_before", \.before.byteCount),
    Field("bytes_after", \.after.byteCount, .right("BYTES", leaves: 4)) { ByteSize($0.after.byteCount).description },
    Field("distinct_before", \.distinct?.before),
    Field("distinct_after", \.distinct?.after),
    Field(.allocator) { $0.blockClass?.allocator },
  ]

  @Sendable private static func name(_ row: Growth) -> String {
    if let distinct = row.distinct {
      return "all together; distinct \(grouped(distinct.before)) before, \(grouped(distinct.after)) after"
    }
    return row.shortKey + row.heapNote
  }
}

extension Growth {
  /// The step to what holds the blocks that there are more of; nil where the subject is no blocks.
  func holders(in source: String) -> NextStep? {
    switch subject {
    case .objects(let name): NextStep("refs", source, "--type", NextStep.word(forText: name))
    case .chunks(let row): NextStep("refs", source, "--size", "\(row.footprint)")
    case .template(let text): NextStep("refs", source, "--template", NextStep.word(forText: text))
    default: nil
    }
  }

  /// Whose chunks they are, where there are several heaps; empty otherwise.
  var heapNote: String { heapTitle.map { " of \($0)" } ?? "" }

  /// The key of the subject, safe to print, cut off where it is long.
  var shortKey: String {
    let text = EscapedText(subject.key).description
    return text.count > 100 ? text.prefix(100) + "…" : text
  }
}
