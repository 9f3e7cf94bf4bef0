import MemDump

/// The report of `memdump allocs`.
struct AllocationReport: Report {
  private let summary: AllocationSummary
  private let size: UInt64?
  private let budget: UInt64
  private let depth: Int?
  private let limit: Int?

  /// - Parameters:
  ///   - size: the size of blocks that was asked for; nil for all.
  ///   - budget: how much of a processor the process was to spend, in thousandths.
  ///   - limit: the most paths that are printed; nil for all.
  ///   - depth: the most calls of a path that are printed; nil for all.
  init(_ summary: AllocationSummary, size: UInt64?, budget: UInt64, limit: Int?, depth: Int?) {
    (self.summary, self.size, self.budget, self.limit, self.depth) = (summary, size, budget, limit, depth)
  }

  func describe(to page: inout some Rendering) throws {
    let paths = summary.paths.prefix(limit ?? .max)
    page.line(headline, .strong)
    for maker in summary.makers { page.item(Self.sentence(on: maker, depth)) }
    if !paths.isEmpty { try page.table("allocation", paths, Self.fields(of: summary.target.id, depth: depth)) }
    let faults = summary.faults.prefix(min(limit ?? .max, Self.shownFaults))
    if !faults.isEmpty {
      page.line("Who extends memory, by \(counted(summary.faultCount, "page fault")) (a hint, and no proof):")
      try page.table(nil, faults, faultFields)
      try page.records("page-faults", faults, faultFields)
    }
    page.fact("watched", watched)
    page.fact("cost", cost)
    for note in notes { page.fact("NOTE", note) }
    page.next(step)
    page.record("summary", members)
  }

  /// The paths of page faults that are printed.
  private static let shownFaults = 3

  /// The fields of a path of a process, with so many of its calls for people.
  static func fields(of process: ProcessID, depth: Int?) -> [Field<AllocationPath>] {
    let pid = process.rawValue
    return [
      Field(.pid) { _ in pid },
      Field(.function, \.function),
      Field(.survived, \.survived, .right("SURVIVE")) { "\(grouped($0.survived)) of \(grouped($0.sampled))" },
      Field(.sampled, \.sampled),
      Field(.size, \.footprint, .right("SIZE")) { $0.footprint.map { grouped($0) } ?? "-" },
      Field(.bytesPerSecond, \.bytesPerSecond, .right("A SECOND", leaves: 1)) {
        $0.bytesPerSecond.map { ByteSize($0).description } ?? "-"
      },
      Field(.growthThousandths, \.growthThousandths, .right("OF GROWTH", leaves: 2)) {
        $0.growthThousandths.map { percentage(thousandths: $0) } ?? "-"
      },
      Field("named", \.isNamed),
      Field(.whole, \.isWhole),
      Field(.watched, \.watchedTime),
      Field(
        .frames,
        { Self.frames($0.frames, $0.names) }, .left("BY", overflow: .wrapped)
      ) { Self.calls($0.frames, $0.names, depth) }.emphasised { $0.isNamed ? .strong : nil },
    ]
  }

  private var faultFields: [Field<PageFaultPath>] {
    let (pid, depth) = (summary.target.id.rawValue, depth)
    return [
      Field(.pid) { _ in pid },
      Field("pages", \.pageCount, .right("PAGES")) { grouped($0.pageCount) },
      Field(
        .frames,
        { Self.frames($0.frames, $0.names) }, .left("BY", overflow: .wrapped)
      ) { Self.calls($0.frames, $0.names, depth) },
    ]
  }

  /// The calls of a path in a line: `libapp.so:keep < app:serve < …`.
  static func calls(_ frames: [ThreadStack.Frame], _ names: [StackNames.Name?], _ depth: Int?) -> String {
    let shown = zip(frames, names).prefix(depth ?? .max).map { frame, name in
      guard let name else { return frame.address.description }
      let module = EscapedText(name.module)
      let place = name.offset.map { "+\(Address($0))" } ?? ""
      return name.symbol.map { "\(module):\(SymbolName($0))" } ?? "\(module)\(place)"
    }
    let rest = shown.count < frames.count ? " < …" : ""
    return shown.isEmpty ? "nobody who is known" : shown.joined(separator: " < ") + rest
  }

  /// The sentence on what makes the blocks of a size.
  static func sentence(on maker: GrowthMaker, _ depth: Int?) -> String {
    "chunks of \(grouped(maker.footprint)) bytes: allocated \(maker.pathCount > 1 ? "below" : "by") "
      + calls(maker.frames, maker.names, depth)
      + " (\(grouped(maker.survived)) of \(grouped(maker.sampled)) survive, "
      + "\(percentage(thousandths: maker.growthThousandths)) of the growth"
      + (maker.pathCount > 1 ? ", on \(maker.pathCount) paths)" : ")")
  }

  private var headline: String {
    let name = "\(summary.target.id) (\(summary.target.printableName))"
    if let growth = summary.growth, !summary.makers.isEmpty {
      let sizes = summary.makers.map(\.footprint)
      let byteCount = growth.filter { sizes.contains($0.footprint) }.reduce(0) { $0 + $1.byteCount }
      return "\(name): chunks of \(sizes.prefix(4).map { grouped($0) }.joined(separator: ", ")) bytes grew by "
        + "\(ByteSize(byteCount)) in \(readableTime(nanoseconds: summary.elapsed)), and who makes them was seen"
    }
    let bursts = counted(summary.burstCount, "burst")
    guard let growth = summary.growth else {
      return summary.paths.isEmpty
        ? "\(name): no allocation was seen in \(bursts)"
        : "\(name): blocks of \(counted(summary.paths.count { $0.survived > 0 }, "path")) outlive their bursts, of "
          + "\(grouped(summary.paths.count)) in \(bursts); what grows is not known"
    }
    let subject = size.map { "chunks of \(grouped($0)) bytes" }
    if growth.isEmpty {
      let seen = size != nil && summary.paths.isEmpty ? ", and no allocation of them was seen in \(bursts)" : ""
      return "\(name): \(subject.map { "\($0) do" } ?? "the heap does") not grow\(seen)"
    }
    let byteCount = growth.reduce(0) { $0 + $1.byteCount }
    return "\(name): \(subject ?? "chunks") grew by \(ByteSize(byteCount)) in "
      + "\(readableTime(nanoseconds: summary.elapsed)); who makes them was not seen in \(bursts)"
  }

  private var watched: String {
    let share = summary.elapsed > 0 ? summary.watchedTime * 1000 / summary.elapsed : 0
    return "\(readableTime(nanoseconds: summary.watchedTime)) of \(readableTime(nanoseconds: summary.elapsed)) "
      + "(\(percentage(thousandths: share))) in \(counted(summary.burstCount, "burst")), "
      + "\(counted(summary.threadCount, "thread"))"
      + (summary.functions.isEmpty ? "" : ", by \(summary.functions.joined(separator: ", "))")
      + "; \(counted(summary.sampledCount, "block")) seen"
      + (summary.lostCount > 0 ? ", \(counted(summary.lostCount, "record")) lost" : "")
      + (summary.cappedCount > 0 ? ", \(counted(summary.cappedCount, "burst")) cut short" : "")
      + (summary.brokenCount > 0 ? ", \(counted(summary.brokenCount, "stack")) not followed to the start" : "")
  }

  private var cost: String {
    "\(counted(summary.trapCount, "interruption")) of \(readableTime(nanoseconds: summary.trapCost)), "
      + "\(counted(summary.faultCount, "page fault")): \(percentage(thousandths: summary.costThousandths)) of a "
      + "processor; \(percentage(thousandths: budget)) allowed; never paused"
  }

  private var notes: [String] {
    var notes = summary.notes.map(Self.sentence)
    if !summary.churning.isEmpty {
      let sizes = summary.churning.sorted().prefix(4).map { grouped($0) }.joined(separator: ", ")
      notes.append(
        "far more blocks of \(sizes) bytes outlive a burst than there are more of at the end: most of them are freed later, and "
          + "which stay is not told")
    }
    if !summary.undecided.isEmpty {
      let sizes = summary.undecided.sorted().prefix(4).map { grouped($0) }.joined(separator: ", ")
      notes.append(
        "of blocks of \(sizes) bytes too few were seen to stay, for what there is more of or is freed later, to name who makes them: "
          + "allow more (--budget), or more time (--for)")
    }
    if summary.discardedCount > 0 {
      notes.append(
        "\(counted(summary.discardedCount, "burst")) ended too soon to count, by the budget: allow more (--budget), or more time "
          + "(--for)")
    }
    if summary.lateThreadCount > 0 {
      notes.append(
        "\(counted(summary.lateThreadCount, "thread")) came during a burst, and what they freed was not seen")
    }
    return notes
  }

  /// The sentence on what limits what was seen.
  static func sentence(_ note: AllocationSummary.Note) -> String {
    switch note {
    case .noRegisters:
      "a thread has no free breakpoint register, as when a debugger (hbreak, watch) or another who watches it with perf has them: "
        + "page faults alone were sampled; try again when that has ended"
    case .noAllocator:
      "no module tells where its malloc and free are, as in a static program without symbols: page faults alone were sampled"
    case .inTurn:
      "blocks are handed out at more places than there are breakpoint registers for, which are looked at in turn: that names who makes "
        + "what grows only where few blocks of its size are given back"
    case .unseenReleases:
      "blocks are given back by more functions (free, operator delete) than there are breakpoint registers for: what stays is not "
        + "told apart from what was freed unseen, and nobody is named"
    case .noCalls:
      "no thread called malloc or another such function, for blocks of that size: page faults alone were sampled"
    case .notWalked:
      "the heap is not one that memdump walks: what grows is not known, and survivors are those of bursts alone"
    case .refused(let title):
      "the heap of \(title) contradicted itself while the process went on: what grows is not known, and survivors are those of "
        + "bursts alone; try again, or `memdump watch`, which looks at one instant"
    case .pythonPools: "malloc does not see the small objects of Python, which come from pools of its own"
    case .noCollections:
      "the heap is one of Go, and where its runtime counts collections was not found, or none has run yet: what stays in it is not told"
    case .noCollectionBefore:
      "no collection of Go ended in the first half of the time, and without one it is not told what is more than before: look for "
        + "longer (--for)"
    case .fewCollections(let count):
      "of \(counted(count, "object")) of Go it is not known whether they stay: two collections have to come after an object was seen, "
        + "and none of them missed; look for longer (--for), or again"
    case .interrupted: "interrupted before the time was over"
    }
  }

  private var step: NextStep? {
    summary.makers.first.flatMap { NextStep("refs", summary.target.id.description, "--size", "\($0.footprint)") }
  }

  private var members: [Member] {
    [
      Member(.pid, summary.target.id.rawValue),
      Member(.name, summary.target.printableName),
      Member("size_asked", size),
      Member(.elapsed, summary.elapsed),
      Member(.watched, summary.watchedTime),
      Member("bursts", summary.burstCount),
      Member("bursts_cut_short", summary.cappedCount),
      Member("bursts_discarded", summary.discardedCount),
      Member("records_lost", summary.lostCount),
      Member(.sampled, summary.sampledCount),
      Member("stacks_cut_short", summary.brokenCount),
      Member(.threads, summary.threadCount),
      Member("late_threads", summary.lateThreadCount),
      Member(.functions, summary.functions),
      Member("interruptions", summary.trapCount),
      Member("interruption_ns", summary.trapCost),
      Member("page_faults", summary.faultCount),
      Member("cost_thousandths", summary.costThousandths),
      Member("budget_thousandths", budget),
      Member(.classes, summary.growth.map { $0.map { FieldValue.object(Self.members(of: $0)) } }),
      Member("makers", summary.makers.map { FieldValue.object(Self.members(of: $0)) }),
      Member(.notes, notes),
    ]
  }

  private static func members(of maker: GrowthMaker) -> [Member] {
    [
      Member(.size, maker.footprint), Member(.survived, maker.survived), Member(.sampled, maker.sampled),
      Member(.growthThousandths, maker.growthThousandths), Member("paths", maker.pathCount),
      Member(.frames, frames(maker.frames, maker.names)),
    ]
  }

  private static func frames(_ frames: [ThreadStack.Frame], _ names: [StackNames.Name?]) -> [FieldValue] {
    zip(frames, names).map { .object(StacksReport.fields.members(of: ($0, $1))) }
  }

  private static func members(of growth: ClassGrowth) -> [Member] {
    [Member(.size, growth.footprint), Member("before", growth.before), Member("after", growth.after)]
  }
}
