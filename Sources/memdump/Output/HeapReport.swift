import MemDump

/// The report of `memdump heap`.
struct HeapReport: Report {
  /// The heaps that were walked.
  let heaps: Heaps
  /// The proof of how a process was looked at.
  let proof: LookProof?
  /// Of each heap, the contents of the chunks of its classes, of as many as are printed at least.
  let samples: [[ContentSample?]]
  /// The allocators of the source besides those whose heaps were walked, or instead.
  let others: [AllocatorRecognition]
  /// Of each heap, where its resident bytes are; none where that is not known.
  var accounts: [HeapAccount] = []
  /// The objects of languages' runtimes.
  var objects: [(language: ObjectTypes.Language, result: ObjectTypes.Result)] = []
  /// The runtimes that have means of their own to tell their objects.
  var runtimes: [(runtime: NamedRuntime, evidence: String)] = []
  let limit: Int?
  /// The word for the source, for a next step.
  let source: String?

  /// The allocators that are general, whose heap the source has besides, or instead.
  private var otherHeaps: [AllocatorRecognition] { others.filter(\.allocator.isGeneral) }

  func describe(to page: inout some Rendering) throws {
    if heaps.isEmpty { page.line(Self.absence(otherHeaps), .strong) }
    for (number, heap) in heaps.all.enumerated() {
      if heaps.areSeveral { page.line((number > 0 ? "\n" : "") + "The heap of \(heap.allocator.title)", .strong) }
      let rows = zip(heap.classes.prefix(limit ?? .max), samples[number])
      try page.table("heap-class", Array(rows), fields(heap))
      describe(heap, to: &page)
      if number < accounts.count { page.tell(accounts[number]) }
    }
    for (language, result) in objects { try page.tell(result, of: language, limit: limit) }
    for (runtime, evidence) in runtimes {
      let absence = isTold(runtime) ? "" : "its objects are not told here. "
      page.fact("runtime", "\(runtime.title) (\(evidence)): \(absence)\(advice(runtime))")
    }
    try page.records(of: accounts, process: proof?.process.id)
    let unwalked = otherHeaps.filter { $0.refusal == nil }
    if !heaps.isEmpty, !unwalked.isEmpty {
      page.fact("also", "a heap of \(Self.names(unwalked)), which is not walked")
    }
    for refused in otherHeaps {
      if let reason = refused.refusal {
        page.fact("refused", "looks like \(refused.allocator.title), \(reason.text); not walked", .attention)
      }
    }
    for line in others.flatMap(\.description.lines) { page.fact(line.label, line.text.text) }
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.next(NextStep("refs", source, "--size", heaps.all.first?.classes.first.map { "\($0.footprint)" }))
    page.record("summary", members)
  }

  /// Whether the objects of a runtime are told.
  private func isTold(_ runtime: NamedRuntime) -> Bool {
    objects.contains { found in
      if case .found = found.result { found.language.rawValue == runtime.name } else { false }
    }
  }

  /// What tells the objects of a runtime, with the number of the process in it.
  private func advice(_ runtime: NamedRuntime) -> String { runtime.advice(proof?.process.id.description ?? "PID") }

  /// The sentence for a source without a heap that can be walked.
  static func absence(_ others: [AllocatorRecognition]) -> String {
    guard !others.isEmpty else { return "There is no heap of \(walked) here." }
    return "The heap is that of \(names(others)): it is not walked."
  }

  /// The phrase for a process of which no heap is looked for.
  static let narrow = "a 32-bit process, whose heap is not walked, so chunk sizes are not compared"

  /// The names of the allocators whose heaps are walked.
  static let walked = Allocators.all.filter(\.isWalked).map(\.title).joined(separator: " or ")

  /// The names of allocators, in one text.
  static func names(_ allocators: [AllocatorRecognition]) -> String {
    allocators.map(\.allocator.title).joined(separator: ", ")
  }

  private func fields(_ heap: HeapSummary) -> [Field<(HeapClass, ContentSample?)>] {
    let name = heap.allocator.name
    return [
      Field(.size, { $0.0.footprint }, .right("SIZE")) { grouped($0.0.footprint) },
      Field(.count, { $0.0.count }, .right("COUNT", leaves: 3)) { grouped($0.0.count) },
      Field(.bytes, { $0.0.byteCount }, .right("BYTES")) { ByteSize($0.0.byteCount).description },
      Field(.right("SHARE", leaves: 2)) { Self.share($0.0.byteCount, of: heap.used.byteCount) },
      Field("free_count", { $0.0.freeCount }, .right("FREE", leaves: 1)) { grouped($0.0.freeCount) },
      Field(.left("CONTENT")) { $0.1?.label ?? "-" },
    ] + Field.sample { $0.1 } + [Field(.allocator) { _ in name }]
  }

  private func describe(_ heap: HeapSummary, to page: inout some Rendering) {
    let description = heap.description
    page.fact("in use", amount(heap.used) + (description.used.map { "; " + $0.text } ?? ""))
    page.fact("free", amount(heap.free) + (description.free.map { ": " + $0.text } ?? ""))
    for line in description.lines { page.fact(line.label, line.text.text) }
    page.fact(
      "walked",
      "\(ByteSize(heap.walkedByteCount)) "
        + (heap.breakCount == 0
          ? "without a break"
          : "with \(counted(heap.breakCount, "break")), \(ByteSize(heap.skippedByteCount)) skipped"))
    for broken in heap.breaks.prefix(5) {
      let rest = broken.resumedAt.map { "went on at \($0)" } ?? "nothing more was found"
      page.fact("broke", "at \(broken.address) (\(sentence(broken.reason))); \(rest)")
    }
    for note in description.notes { page.fact("NOTE", note.text) }
  }

  private func amount(_ sum: HeapSummary.Sum) -> String { "\(counted(sum.count, "chunk")), \(ByteSize(sum.byteCount))" }

  private func sentence(_ reason: HeapSummary.Break.Reason) -> String {
    switch reason {
    case .size: "not a size that a chunk has"
    case .end: "the chunk would reach behind the end"
    case .next: "what it leads to does not agree with it"
    case .unread: "it was not read"
    }
  }

  private static func share(_ part: UInt64, of whole: UInt64) -> String {
    percentage(thousandths: whole == 0 ? 0 : UInt64(Double(part) / Double(whole) * 1000))
  }

  private var members: [Member] {
    let heap = heaps.all.first
    return [
      Member(.allocator, heap?.allocator.name ?? otherHeaps.first?.allocator.name),
      Member(.otherAllocators, otherHeaps.map(\.allocator.name)),
      Member(.classes, heap?.classes.count),
      Member(.chunks, heap?.used.count),
      Member(.bytes, heap?.used.byteCount),
      Member(.freeChunks, heap?.free.count),
      Member(.freeBytes, heap?.free.byteCount),
      Member("heaps", heaps.all.map { FieldValue.object(Self.members(of: $0)) }),
      Member(
        "languages", objects.map { FieldValue.object(ObjectTypes.members(of: $0.result, $0.language)) }),
      Member(
        "runtimes",
        runtimes.map { found in
          FieldValue.object([
            Member(.name, found.runtime.name), Member(.evidence, found.evidence),
            Member("advice", advice(found.runtime)),
          ])
        }),
      Member("refused", others.filter { $0.refusal != nil }.map { FieldValue.object(Self.members(of: $0)) }),
    ] + Allocators.facts(of: heaps, others).map { Member(FieldName(stringLiteral: $0.name.text), $0.value) }
      + LookProof.members(of: [proof])
  }
}

extension HeapReport {
  /// The members of a heap, with the facts that any heap has.
  fileprivate static func members(of heap: HeapSummary) -> [Member] {
    [
      Member(.allocator, heap.allocator.name), Member(.classes, heap.classes.count), Member(.chunks, heap.used.count),
      Member(.bytes, heap.used.byteCount), Member(.freeChunks, heap.free.count),
      Member(.freeBytes, heap.free.byteCount),
    ] + heap.commonFacts.map { Member(FieldName(stringLiteral: $0.name.text), $0.value) }
  }

  fileprivate static func members(of refused: AllocatorRecognition) -> [Member] {
    [Member(.allocator, refused.allocator.name), Member(.reason, refused.refusal?.text)]
  }
}

extension AllocatorFact.Value: FieldRepresentable {
  var fieldValue: FieldValue {
    switch self {
    case .number(let number): .unsigned(number)
    case .address(let address): .address(address)
    }
  }
}

extension ContentSample {
  /// The content of the chunks, for people.
  var label: String { "\(title) (\(count) of \(total))" }
}

extension Field {
  /// The fields for the content of the chunks of a class; null where nothing is recognised.
  static func sample(_ sample: @escaping @Sendable (Row) -> ContentSample?) -> [Field] {
    [
      Field("sample_kind") { sample($0)?.kind.rawValue },
      Field("sample") { sample($0)?.text },
      Field("sample_readable") { sample($0)?.readable },
      Field("sample_count") { sample($0)?.count },
      Field("sample_of") { sample($0)?.total },
      Field("sample_address") { sample($0)?.example },
    ]
  }
}
