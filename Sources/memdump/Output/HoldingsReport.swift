import MemDump

/// The report of `memdump refs --all`.
struct HoldingsReport: Report {
  /// What holds the heap; nil where no heap can be walked.
  var holdings: HeapHoldings?
  /// The heaps that were walked.
  var heaps = Heaps()
  /// The allocators that the source has instead.
  var others: [AllocatorRecognition] = []
  /// The proof of how a process was looked at.
  var proof: LookProof?
  var otherBuilds: [[UInt8]] = []
  var unreadFiles: [[UInt8]] = []
  var limit: Int?
  /// The word for the source, for a next step.
  var source: String?
  /// The time that the command took, in nanoseconds.
  var elapsed: UInt64 = 0

  func describe(to page: inout some Rendering) throws {
    if let holdings {
      page.line(
        "all \(counted(holdings.total.count, "chunk")) in use, \(ByteSize(holdings.total.byteCount)), by what holds them",
        .strong)
      try page.table("root", holdings.rows.prefix(limit ?? .max), rowFields, more: more(holdings))
      if !holdings.lost.isEmpty {
        page.line("held by nobody that was found, by what leads to no other:", .strong)
        try page.table("lost", holdings.lost.prefix(limit ?? .max), Self.lostFields, more: moreLost(holdings))
      }
      if let note = proof?.choice.note { page.fact("mode", note) }
      if let proof { page.pause(of: proof) }
      for note in notes(holdings) { page.note(note) }
    } else {
      page.line(HeapReport.absence(others), .strong)
    }
    if let shortfall = proof?.shortfall { page.note(shortfall) }
    if let warning = proof?.warning { page.note("WARNING: \(warning)") }
    page.next(step)
    page.record("summary", members)
  }

  private var step: NextStep? {
    guard let part = holdings?.rows.first?.parts.first else { return nil }
    return NextStep("refs", source, "--size", "\(part.footprint)")
  }

  private typealias Row = HeapHoldings.Row
  private typealias LostRow = HeapHoldings.LostRow

  private var rowFields: [Field<Row>] {
    let whole = holdings?.total.byteCount ?? 0
    return [
      Field(.kind, \.kind.rawValue),
      Field(.bytes, \.amount.byteCount, .right("BYTES")) { ByteSize($0.amount.byteCount).description },
      Field(.right("SHARE", leaves: 2)) { Self.share($0.amount.byteCount, of: whole) },
      Field(.count, \.amount.count, .right("BLOCKS", leaves: 1)) { grouped($0.amount.count) },
      Field(.holder, \.plainTitle, .left("HELD BY", overflow: .cut(keeping: .end)), cell: \.title),
      Field(.holderReadable) { $0.title == $0.plainTitle ? nil : $0.title },
      Field(.module) { $0.module.map { EscapedText($0).description } },
      Field(.symbol) { $0.symbol.map { EscapedText($0).description } },
      Field(.offset, \.offset),
      Field(.thread, \.thread?.rawValue),
      Field("mapping") { $0.mapping.map { EscapedText($0).description } },
      Field(.example, \.example),
      Field("parts", { row in row.parts.map { FieldValue.object(Self.partFields.members(of: $0)) } }, .left("MOSTLY")) {
        row in row.parts.first.map(Self.text) ?? "-"
      },
    ]
  }

  private static let partFields: [Field<HeapHoldings.Part>] = [
    Field(.size, \.footprint), Field(.count, \.amount.count), Field(.bytes, \.amount.byteCount),
    Field(.begins, \.beginning),
  ]

  private static let lostFields: [Field<LostRow>] = [
    Field(.count, \.count, .right("GRAPHS")) { grouped($0.count) },
    Field("blocks_each", \.blockCount, .right("BLOCKS EACH", leaves: 1)) {
      $0.blockCount == 0 ? "-" : grouped($0.blockCount)
    },
    Field(.blocks, \.amount.count),
    Field(.bytes, \.amount.byteCount, .right("BYTES")) { ByteSize($0.amount.byteCount).description },
    Field(.right("EACH", leaves: 2)) { ByteSize($0.amount.byteCount / max(1, $0.count)).description },
    Field(.size, \.footprint, .left("FIRST")) { first($0) },
    Field(.begins, \.beginning),
    Field(.module) { $0.module.map { EscapedText($0).description } },
    Field(.functions) { row in row.functions.prefix(8).map { FieldValue.function($0) } },
    Field(.example, \.example, .right("ONE IS AT", leaves: 3)) { $0.example.description },
  ]

  /// `944 bytes, pointers to libcrypto.so.3; 785 × upsync.so:del_delay_delete`.
  @Sendable private static func first(_ row: LostRow) -> String {
    guard row.blockCount > 0 else { return "many shapes" }
    var text = "\(grouped(row.footprint)) bytes"
    if let beginning = row.beginning { text += ", begins \(beginning)" }
    if let module = row.module {
      text += ", pointers to \(EscapedText(module.fileName))"
    }
    if let function = row.functions.first { text += "; \(grouped(function.count)) × \(function.name)" }
    return text
  }

  private static func text(_ part: HeapHoldings.Part) -> String {
    "\(grouped(part.amount.count)) × \(grouped(part.footprint))" + (part.beginning.map { ", \($0)" } ?? "")
  }

  private static func share(_ part: UInt64, of whole: UInt64) -> String {
    percentage(thousandths: whole == 0 ? 0 : UInt64(Double(part) / Double(whole) * 1000))
  }

  /// The cells of rows that are not shown, and of what nobody holds.
  private func more(_ holdings: HeapHoldings) -> [[String]] {
    let hidden = holdings.rows.dropFirst(limit ?? .max)
    var rest = HeapSummary.Sum()
    for row in hidden {
      rest.count &+= row.amount.count
      rest.byteCount &+= row.amount.byteCount
    }
    return [
      (rest, "\(counted(hidden.count, "other holder")): see --top"), (holdings.unheld, "nobody that was found"),
    ].filter { $0.0.count > 0 }.map { sum, name in
      [
        ByteSize(sum.byteCount).description, Self.share(sum.byteCount, of: holdings.total.byteCount),
        grouped(sum.count), name, "-",
      ]
    }
  }

  private func moreLost(_ holdings: HeapHoldings) -> [[String]] {
    let hidden = holdings.lost.dropFirst(limit ?? .max)
    guard !hidden.isEmpty else { return [] }
    let bytes = hidden.reduce(0) { $0 &+ $1.amount.byteCount }
    return [
      [
        grouped(hidden.reduce(0) { $0 &+ $1.count }), "-", ByteSize(bytes).description, "-",
        "\(counted(hidden.count, "other shape")): see --top", "-",
      ]
    ]
  }

  /// The notes on how exact the answer is.
  private func notes(_ holdings: HeapHoldings) -> [String] {
    var notes = [
      "every block counts once, for the holder with the best evidence. What holds a block can reach it; whether it should, "
        + "memory does not tell. What nobody holds may be held in ways that were not looked at, as by a disguised pointer."
    ]
    if !holdings.hasStacks { notes.append("no registers of threads were read, so their stacks were not looked at") }
    if holdings.omittedCount > 0 {
      notes.append("\(counted(holdings.omittedCount, "block")) not looked at: behind 32 GiB, or changed meanwhile")
    }
    if holdings.isCut { notes.append("there are more ways than have room: some are shown shorter than they are") }
    return notes + ReferenceReport.notes(otherBuilds: otherBuilds, unreadFiles: unreadFiles, heaps)
  }

  private var members: [Member] {
    [
      Member(.allocator, heaps.all.first?.allocator.name ?? others.first?.allocator.name),
      Member(.count, holdings?.total.count),
      Member(.bytes, holdings?.total.byteCount),
      Member("held_chunks", holdings.map { $0.total.count - $0.unheld.count }),
      Member("held_bytes", holdings.map { $0.total.byteCount - $0.unheld.byteCount }),
      Member("unheld_chunks", holdings?.unheld.count),
      Member("unheld_bytes", holdings?.unheld.byteCount),
      Member(.holders, holdings?.rows.count),
      Member("lost_shapes", holdings?.lost.count),
      Member("omitted_chunks", holdings?.omittedCount),
      Member(.stacks, holdings?.hasStacks),
      Member(.otherBuilds, otherBuilds.map { EscapedText($0).description }),
      Member(.unreadFiles, unreadFiles.map { EscapedText($0).description }),
    ] + LookProof.members(of: [proof]) + [Member(.elapsed, elapsed)]
  }
}
