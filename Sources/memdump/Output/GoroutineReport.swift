import MemDump

/// The report of `memdump goroutines`.
struct GoroutineReport: Report {
  /// A look at the goroutines of a source.
  typealias Look = (result: GoroutineSearch.Result, proof: LookProof?)

  let looks: [Look]
  let by: GoroutinesCommand.Grouping
  let withSystem: Bool
  /// Whether it is asked what grew.
  let isGrowth: Bool
  let minimum: UInt64
  let limit: Int?
  let depth: Int?

  private typealias Row = (group: GoroutineGroup, growth: GoroutineGrowth?)

  private var lists: [GoroutineList] {
    looks.compactMap { look in if case .found(let list) = look.result { list } else { nil } }
  }

  /// The goroutines at the last look; nil where they are not told.
  var list: GoroutineList? { lists.last }

  private var growth: [GoroutineGrowth] {
    isGrowth ? GoroutineGrowth.all(over: lists, minimum: minimum, withSystem: withSystem) : []
  }

  /// Whether what was asked for is there.
  var hasFound: Bool { isGrowth ? !growth.isEmpty : list?.groups(withSystem: withSystem).isEmpty == false }

  private var rows: [Row] {
    isGrowth
      ? growth.map { ($0.group, $0) } : (list?.groups(withSystem: withSystem) ?? []).map { ($0, nil) }
  }

  func describe(to page: inout some Rendering) throws {
    let proof = looks.last?.proof
    let rows = rows
    if let list {
      switch by {
      case .stack: try describe(rows, to: &page)
      case .function:
        let functions = GoroutineFunction.all(of: list.groups(withSystem: withSystem))
        try page.table("goroutine-function", functions.prefix(limit ?? .max), Self.functionFields)
        if let limit, functions.count > limit {
          page.item("… \(grouped(functions.count - limit)) more; --top 0 shows all")
        }
      }
      describe(list, to: &page)
    } else {
      page.line(Self.absence(looks.last?.result), .strong)
    }
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.record("summary", members(rows))
  }

  /// The sentence for a source whose goroutines are not told.
  private static func absence(_ result: GoroutineSearch.Result?) -> String {
    if case .refused(let reason)? = result { return "The goroutines are not told: \(reason.text)." }
    return "There is no Go program here, or none of Go 1.16 or later."
  }

  private func describe(_ rows: [Row], to page: inout some Rendering) throws {
    if isGrowth {
      page.line(
        rows.isEmpty
          ? "No stack has \(counted(minimum, "goroutine")) more than before." : "What there is more of than before:",
        .strong)
    }
    for row in rows.prefix(limit ?? .max) {
      page.line(Self.heading(row))
      let frames = row.group.frames
      let shown = withSystem || frames.allSatisfy(\.isInternal) ? frames : frames.filter { !$0.isInternal }
      let calls = Self.calls(shown)
      for call in calls.prefix(depth ?? .max) {
        page.item(call.frame.label, end: call.frame.place + (call.count > 1 ? " × \(grouped(call.count))" : ""))
      }
      if let depth, calls.count > depth { page.item("… \(grouped(calls.count - depth)) more") }
      if let note = Self.sentence(row.group.end) { page.item("NOTE: \(note)") }
      if let maker = row.group.maker { page.item("created by \(maker.label)", end: maker.place) }
    }
    if let limit, rows.count > limit { page.item("… \(counted(rows.count - limit, "more stack")); --top 0 shows all") }
    try page.table("goroutines", rows.prefix(limit ?? .max), Self.fields)
  }

  /// Frames, those once that follow on themselves as a function that calls itself does.
  private static func calls(_ frames: [GoFrame]) -> [(frame: GoFrame, count: Int)] {
    frames.reduce(into: []) { calls, frame in
      if calls.last?.frame == frame { calls[calls.count - 1].count += 1 } else { calls.append((frame, 1)) }
    }
  }

  private static func heading(_ row: Row) -> String {
    let group = row.group
    var text = counted(group.count, "goroutine") + ": " + group.activity
    if let growth = row.growth {
      text = "+\(grouped(growth.grown)), now " + counted(growth.after, "goroutine") + ": " + group.activity
    }
    if let wait = group.longestWait {
      text += ", " + (group.count > 1 ? "the longest for " : "for ") + readableAge(nanoseconds: wait) + " or more"
    }
    return text
  }

  private static func sentence(_ end: Goroutine.End) -> String? {
    switch end {
    case .root: nil
    case .running: "it runs, so that its stack is not known; --mode stop tells it"
    case .moving: "it went on while it was looked at, so that its stack is not known"
    case .broken(let address): "not known further: no stack that the program's tables explain is at \(address)"
    case .tooDeep: "there are more frames than are looked at"
    }
  }

  private func describe(_ list: GoroutineList, to page: inout some Rendering) {
    var text = counted(list.count, "goroutine")
    text += " in " + counted(list.groups(withSystem: false).count, "stack")
    let system = grouped(list.systemCount)
    text += withSystem ? ", and \(system) of the runtime" : "; \(system) of the runtime left out (--all)"
    page.fact("counted", text)
    if !list.isDated { page.fact("NOTE", "how long they wait is not known: a core does not tell the time") }
    if list.movingCount > 0 {
      page.fact(
        "NOTE", "\(counted(list.movingCount, "goroutine")) went on while they were looked at, without a stack known")
    }
    if list.omittedCount > 0 {
      page.fact("NOTE", "\(counted(list.omittedCount, "goroutine")) have yet other stacks, which are left out")
    }
  }

  private func members(_ rows: [Row]) -> [Member] {
    var refusal: String?
    if case .refused(let reason)? = looks.last?.result { refusal = reason.text }
    return [
      Member(.looks, looks.count),
      Member("goroutines", list?.count),
      Member("system_goroutines", list?.systemCount),
      Member("dead_goroutines", list?.deadCount),
      Member("moving_goroutines", list?.movingCount),
      Member("omitted_goroutines", list?.omittedCount),
      Member("broken_stacks", list?.brokenCount),
      Member(.stacks, list.map { $0.groups(withSystem: withSystem).count }),
      Member("grown_stacks", isGrowth ? rows.count : nil),
      Member("refusal", refusal),
    ] + LookProof.members(of: looks.map(\.proof))
  }

  private static let functionFields: [Field<GoroutineFunction>] = [
    Field(.count, \.count, .right("COUNT")) { grouped($0.count) },
    Field(.activity, \.activity, .left("ACTIVITY", leaves: 2), cell: \.activity),
    Field(.longestWait, \.longestWait, .right("LONGEST", leaves: 1)) {
      $0.longestWait.map { readableAge(nanoseconds: $0) } ?? "-"
    },
    Field(.stacks, \.stackCount, .right("STACKS", leaves: 1)) { grouped($0.stackCount) },
    Field(.function, { $0.caller?.label }, .left("FUNCTION", overflow: .cut(keeping: .end))) {
      $0.caller.map { $0.label + $0.place } ?? "-"
    },
    Field(.file) { $0.caller?.file.map { EscapedText($0).description } },
    Field(.line) { $0.caller?.line },
  ]

  private static let fields: [Field<Row>] = [
    Field(.count, \.group.count),
    Field(.activity, \.group.activity),
    Field(.state, \.group.state.name),
    Field(.longestWait, \.group.longestWait),
    Field("dated_count", \.group.datedCount),
    Field(.function) { $0.group.caller?.label },
    Field("created_by") { $0.group.maker?.label },
    Field("created_file") { $0.group.maker?.file.map { EscapedText($0).description } },
    Field("created_line") { $0.group.maker?.line },
    Field("system", \.group.isSystem),
    Field("numbers", \.group.numbers),
    Field(.whole) { $0.group.end == .root },
    Field(.note) { sentence($0.group.end) },
    Field(.countBefore) { $0.growth?.before },
    Field("grown_count") { $0.growth?.grown },
    Field(.frames) { row in row.group.frames.map { FieldValue.object(GoFrame.fields.members(of: $0)) } },
  ]
}
