import MemDump
import SystemPackage

/// The report of `memdump watch` at its end.
struct VerdictReport: Report {
  private let verdict: WatchVerdict
  private let limit: Int?
  private let allocations: GrowthAllocations?
  private let growing: [WatchVerdict.Row]
  private let others: [WatchVerdict.Row]
  /// The rows that grow in step, with all of each group.
  private let groups: [[WatchVerdict.Row]]
  /// Whether objects of some type grow, which says more than the sizes of their blocks.
  private let hasTypes: Bool

  /// The number of holders of one size that are told.
  private static let shownReferences = 3

  /// - Parameters:
  ///   - verdict: the verdict of the watch on a process.
  ///   - limit: the most rows of a kind that are printed; nil for all.
  ///   - allocations: who allocates what grows; nil where that was not looked at.
  init(_ verdict: WatchVerdict, limit: Int?, allocations: GrowthAllocations? = nil) {
    (self.verdict, self.limit, self.allocations) = (verdict, limit, allocations)
    func rows(_ includes: (Trend) -> Bool) -> [WatchVerdict.Row] {
      Growth.Kind.allCases.flatMap { kind in
        verdict.rows.filter { $0.growth.kind == kind && includes($0.trend) }.prefix(limit ?? .max)
      }
    }
    (growing, others) = (rows(\.isGrowing), rows { !$0.isGrowing })
    let groups = verdict.inStep.map { group in group.map { verdict.rows[$0] } }
    hasTypes = growing.contains { $0.growth.kind == .objectType }
    self.groups = hasTypes ? groups.filter { !$0.allSatisfy(\.growth.isOfRuntime) } : groups
  }

  func describe(to page: inout some Rendering) throws {
    page.line("")
    page.line(headline, .strong)
    if !growing.isEmpty { try page.table(nil, shown, fields) }
    for text in inStep + growing.flatMap(holders) + (allocations?.lines ?? []) { page.item(text) }
    for account in verdict.accounts { page.item(resident(account)) }
    for pin in verdict.accounts.flatMap(\.pins) { page.item("pinned by \(pin.text)") }
    if let finding = verdict.finding { page.line("  finding: \(finding.text)", .strong) }
    for text in notes { page.item(text) }
    try page.records("growth", growing + others, fields)
    try page.records(of: verdict.accounts, process: verdict.target.id)
    for row in growing {
      if let holders = row.holders {
        try page.records("object-holder", holders.rows.prefix(limit ?? .max), fields(of: holders, row))
      }
      try page.records("holder", row.references?.rows.prefix(limit ?? .max) ?? [], fields(ofReferencesTo: row))
    }
    try page.records(
      "allocation", allocations?.paths ?? [], AllocationReport.fields(of: verdict.target.id, depth: nil))
    page.next(step)
    page.record("verdict", members)
  }

  private var step: NextStep? {
    if let dump = verdict.dump { return NextStep("scan", NextStep.word(for: dump.string)) }
    guard !growing.isEmpty, !verdict.hasEnded else { return nil }
    let process = verdict.target.id.description
    // Without a heap that was walked there are no blocks whose holders could be asked for.
    let holders = verdict.last?.heap == nil ? nil : growing.lazy.compactMap { $0.growth.holders(in: process) }.first
    return holders ?? NextStep("regions", process, "--sort", "dirty", "--top", "10")
  }

  /// The rows for people: without single socket addresses, and without memory that was mapped and written to once.
  private var shown: [WatchVerdict.Row] {
    let subjects = Set(growing.map(\.growth.subject))
    return growing.filter { row in
      switch row.growth.subject {
      case .socketAddress: false
      case .chunks where hasTypes && row.growth.isOfRuntime: false
      case .mapped(let memory): !subjects.contains(.resident(memory))
      default: true
      }
    }
  }

  private var fields: [Field<WatchVerdict.Row>] {
    let (verdict, process) = (verdict, verdict.target.id.rawValue)
    return GrowthReport.fields.map { $0.member(of: \.growth) } + [
      Field(.right("GROWN")) { "+" + ByteSize($0.growth.byteCount).description },
      Field(.pid) { _ in process },
      Field(.bytesPerSecond, { verdict.perSecond($0.growth.byteCount) }, .right("A SECOND", leaves: 4)) {
        ByteSize(verdict.perSecond($0.growth.byteCount)).description
      },
      Field(.right("BEFORE", leaves: 1)) { grouped($0.growth.before.count) },
      Field(.right("AFTER", leaves: 2)) { grouped($0.growth.after.count) },
      Field("trend", \.trend.rawValue),
      Field("in_step", { [groups] row in Self.group(of: row, in: groups)?.map(\.growth.shortKey) }),
      Field("heap_growth_thousandths", verdict.share, .right("OF HEAP", leaves: 3)) {
        verdict.share(of: $0).map { percentage(thousandths: $0) } ?? "-"
      },
      Field(.left("WHAT", overflow: .wrapped), cell: label),
    ] + Field.sample(\.sample).map { $0.only { $0.growth.kind == .chunkSize } }
  }

  private func fields(of holders: ObjectHolders, _ row: WatchVerdict.Row) -> [Field<ObjectHolders.Row>] {
    let process = verdict.target.id.rawValue
    return ObjectHoldersReport.fields(of: holders) + [
      Field(.pid) { _ in process },
      Field(.sampled) { _ in holders.sampled },
      Field(.traced) { _ in holders.traced },
      Field(.grownForSure) { row.growth(of: $0) },
    ]
  }

  private func fields(ofReferencesTo row: WatchVerdict.Row) -> [Field<ReferenceSummary.Row>] {
    let (subject, process, references) = (row.growth.shortKey, verdict.target.id.rawValue, row.references)
    return [Field(.subject) { _ in subject }] + ReferenceReport.fields + [
      Field(.pid) { _ in process },
      Field(.sampled) { _ in references?.sampled },
      Field(.traced) { _ in references?.traced },
      Field(.grownForSure) { row.growth(of: $0) },
    ]
  }

  private var members: [Member] {
    [
      Member(.pid, verdict.target.id.rawValue),
      Member(.name, verdict.target.printableName),
      Member(.growing, verdict.isGrowing),
      Member(.looks, verdict.last?.number ?? 0),
      Member(.elapsed, verdict.elapsed),
      Member(.residentBefore, verdict.first?.footprint?.resident),
      Member(.residentAfter, verdict.last?.footprint?.resident),
      Member("heap_before", verdict.first?.heap?.byteCount),
      Member("heap_after", verdict.last?.heap?.byteCount),
      Member("heap_growth", verdict.heapGrowth),
      Member(.otherAllocators, verdict.allocators.map(\.allocator.name)),
      Member(.word, verdict.finding?.word.rawValue),
      Member(.evidence, verdict.finding?.evidence.text),
      Member("pauses", verdict.pauseCount),
      Member("pause_total_ns", verdict.pauseTime),
      Member("pause_longest_ns", verdict.longestPause),
      Member("dump", verdict.dump.map { EscapedText($0.string.utf8).description }),
      Member("ended", verdict.hasEnded),
      Member("replaced", verdict.isReplaced),
      Member(.partial, verdict.isPartial),
    ]
  }

  /// Where the resident bytes of a heap are, in a sentence.
  private func resident(_ account: HeapAccount) -> String {
    let call = account.releaseCall.map { "; \($0) would give back \(ByteSize(account.forecast))" } ?? ""
    return "resident heap of \(account.allocator.title), \(account.residentText)\(call)"
  }

  private var headline: String {
    let name = "\(verdict.target.id) (\(verdict.target.printableName))"
    guard let first = verdict.first, let last = verdict.last, verdict.elapsed > 0 else {
      return "\(name): growth takes two looks, and \(verdict.first == nil ? "none was over" : "there was one")."
    }
    let time = readableTime(nanoseconds: verdict.elapsed)
    return "\(name) " + (verdict.isGrowing ? "grew for \(time)" : "does not grow: looked at for \(time)")
      + amount("heap", first.heap?.byteCount, last.heap?.byteCount)
      + amount("RSS", first.footprint?.resident, last.footprint?.resident)
  }

  private func amount(_ name: String, _ before: UInt64?, _ after: UInt64?) -> String {
    guard let before, let after else { return "" }
    let text = "; \(name) \(ByteSize(before)) before, \(ByteSize(after)) after"
    return verdict.isGrowing && after > before ? text + ", +\(ByteSize(verdict.perSecond(after - before)))/s" : text
  }

  @Sendable private func label(_ row: WatchVerdict.Row) -> String {
    name(row.growth) + (row.sample.map { ": \($0.label)" } ?? distinct(row.growth))
  }

  private func name(_ growth: Growth) -> String {
    switch growth.subject {
    case .objects: "objects of \(growth.shortKey)"
    case .chunks, .allChunks:
      "chunks of \(growth.chunkByteCount.map { grouped($0) } ?? growth.shortKey) bytes\(growth.heapNote)"
    case .socketAddress, .allSocketAddresses: "socket addresses"
    case .template: "text \(growth.shortKey)"
    case .mapped(.anonymous): "anonymous mappings"
    case .mapped(.named): "mapping \(growth.shortKey)"
    case .mapped(.shared): "shared mapping \(growth.shortKey)"
    case .resident(.anonymous): "anonymous memory"
    case .resident(.shared): "shared memory of \(growth.shortKey)"
    case .resident(.named), .allResident: "memory of \(growth.shortKey)"
    }
  }

  /// The rows that grow in step with a row, and it.
  private static func group(of row: WatchVerdict.Row, in groups: [[WatchVerdict.Row]]) -> [WatchVerdict.Row]? {
    groups.first { $0.contains { $0.growth.subject == row.growth.subject } }
  }

  /// The sentences on what grows in step: `chunks of 944, 400 and 112 bytes grow in step: 1,234 more of each, 1.7 MiB together`.
  private var inStep: [String] {
    var sentences: [String] = []
    for group in groups { sentences.append(Self.sentence(onStepOf: group)) }
    return sentences
  }

  private static func sentence(onStepOf group: [WatchVerdict.Row]) -> String {
    var sizes: [String] = []
    var (least, most, byteCount): (UInt64, UInt64, UInt64) = (.max, 0, 0)
    for row in group {
      let growth = row.growth
      sizes.append(grouped(growth.chunkByteCount ?? 0))
      (least, most) = (min(least, growth.blockGrowth), max(most, growth.blockGrowth))
      byteCount += growth.byteCount
    }
    let last = sizes.popLast() ?? ""
    let counts = least == most ? grouped(least) : "\(grouped(least)) to \(grouped(most))"
    return "chunks of \(sizes.joined(separator: ", ")) and \(last) bytes grow in step: \(counts) more of each, "
      + "\(ByteSize(byteCount)) together"
  }

  /// Who has half of the blocks of a row or more; nil for nobody.
  private static func holder(_ row: WatchVerdict.Row) -> String? {
    guard let references = row.references else { return nil }
    return references.rows.first { $0.count * 2 >= references.sampled }.map { ReferenceReport.name($0) }
  }

  /// Whether the holder of a row is told with a row before it that grows in step.
  private func isToldBefore(_ row: WatchVerdict.Row) -> Bool {
    let told = Self.group(of: row, in: groups)?.first { $0.references != nil }
    guard let told, row.references != nil, told.growth.subject != row.growth.subject else { return false }
    return Self.holder(told) == Self.holder(row)
  }

  /// The sentences on what holds the blocks of a row, and on the pools that they are of.
  private func holders(_ row: WatchVerdict.Row) -> [String] {
    if isToldBefore(row) { return [] }
    let pools = (row.references.map(ReferenceReport.pools) ?? []).map { "\(name(row.growth)): \($0)" }
    let sentences = [row.holders.map { held($0, name(row.growth)) }, references(row)].compactMap(\.self)
    return sentences.map { $0 + Self.doubt(row) } + pools
  }

  /// What the shares, which are those of all blocks or objects, do not tell of the new ones.
  private static func doubt(_ row: WatchVerdict.Row) -> String {
    let (all, unheld) = (row.growth.blockGrowth, row.growthWithoutHolder)
    if unheld > 0 {
      return "; of the \(grouped(all)) more at least \(grouped(unheld)) are held by nobody who was found"
    }
    return row.isHolderOfGrowthUnknown ? "; which of these holds the \(grouped(all)) more is not certain" : ""
  }

  /// The sentence on holders: `objects of Session are held by list <- dict["SESSIONS"] <- module __main__ (100.0 %)`.
  private func held(_ holders: ObjectHolders, _ name: String) -> String {
    func share(_ count: Int) -> String { ObjectHoldersReport.share(count, of: holders) }
    let shown = holders.rows.prefix(Self.shownReferences)
    var words = shown.map { "\($0.text) (\(share($0.count)))" }
    let others = holders.traced - shown.reduce(0) { $0 + $1.count }
    if others > 0 { words.append("others (\(share(others)))") }
    let lost = holders.sampled - holders.traced - holders.notFollowed
    let unknown = [(lost, "by nobody who was found"), (holders.notFollowed, "not followed to the end")]
      .filter { $0.0 > 0 }
    if words.isEmpty, unknown.count == 1 {
      return lost > 0
        ? "\(name) are held by nobody who was found" : "the ways to \(name) were not followed to the end"
    }
    let rest = unknown.map { "\(share($0.0)) of \(grouped(holders.sampled)) sampled \($0.1)" }
    let known = words.isEmpty ? [] : ["by " + words.joined(separator: ", ")]
    return "\(name) are held " + (known + rest).joined(separator: "; ")
  }

  /// The sentence on holders: `chunks of 1,040 bytes are held by module.so:variable (91.3 %); 8.7 % of 300 not traced`.
  private func references(_ row: WatchVerdict.Row) -> String? {
    guard let references = row.references, references.sampled > 0 else { return nil }
    func share(_ count: Int) -> String {
      percentage(thousandths: UInt64(Double(count) / Double(references.sampled) * 1000))
    }
    let shown = references.rows.prefix(Self.shownReferences)
    var words = shown.map { "\(ReferenceReport.name($0)) (\(share($0.count)))" }
    let others = references.traced - shown.reduce(0) { $0 + $1.count }
    if others > 0 { words.append("others (\(share(others)))") }
    let rest =
      "\(share(references.sampled - references.traced)) of \(grouped(references.sampled)) sampled are not traced"
    return
      "\(name(row.growth)) are held by \(words.isEmpty ? "nobody who was found" : words.joined(separator: ", ")); \(rest)"
  }

  private func distinct(_ growth: Growth) -> String {
    guard let distinct = growth.distinct else { return "" }
    guard growth.repeats else {
      return ", \(grouped(distinct.before)) distinct before, \(grouped(distinct.after)) after"
    }
    let counts =
      distinct.before == distinct.after
      ? "\(grouped(distinct.after)) distinct before and after"
      : "\(grouped(distinct.before)) distinct before, \(grouped(distinct.after)) after"
    return ", \(counts): the same are stored again and again"
  }

  /// Chunk sizes that shrank while others grew, where that makes a difference.
  private var shrunk: String? {
    guard growing.contains(where: { $0.growth.kind == .chunkSize }), let before = verdict.first?.heap?.byteCount,
      let after = verdict.last?.heap?.byteCount
    else { return nil }
    let whole = after - min(after, before)
    let shrunk = verdict.heapGrowth - min(verdict.heapGrowth, whole)
    return shrunk > verdict.heapGrowth / 10
      ? "chunks of other sizes shrank by \(ByteSize(shrunk)): the heap as a whole grew by \(ByteSize(whole))" : nil
  }

  /// What there is more of in the resident memory that no row counts.
  private var uncountedResident: [String] {
    guard let before = verdict.first?.footprint, let after = verdict.last?.footprint else { return [] }
    let least = max(64 << 10, before.resident / 100)
    let told = verdict.rows.contains { if case .resident(.shared) = $0.growth.subject { true } else { false } }
    let parts: [(UInt64, UInt64, String)] = [
      (before.file, after.file, "pages of mapped files, which the kernel can take back"),
      (told ? after.shared : before.shared, after.shared, "shared pages of files in memory (tmpfs)"),
    ]
    return parts.compactMap { before, after, what in
      let growth = after - min(after, before)
      return growth >= least ? "RSS grew by \(ByteSize(growth)) of \(what); that does not count" : nil
    }
  }

  private var notes: [String] {
    var notes: [String] = []
    let allocators = verdict.allocators
    if verdict.last?.isNarrow == true {
      notes.append(HeapReport.narrow)
    } else if verdict.first != nil, verdict.last?.heap == nil {
      let heap =
        allocators.isEmpty
        ? "no heap of \(HeapReport.walked)" : "the heap is that of \(HeapReport.names(allocators)), which is not walked"
      notes.append("\(heap), so chunk sizes are not compared")
    } else if verdict.first?.isUncollected == true {
      notes.append("at the first look no collection had run, so that what survives is not compared; look again")
    } else if !allocators.isEmpty {
      notes.append("there is also a heap of \(HeapReport.names(allocators)), whose chunk sizes are not compared")
    }
    let uncounted: [(Trend, String)] = [
      (.early, "grew in the first half of the time only"), (.late, "grew in the second half of the time only"),
      (.inside, "found more often, while memory did not grow by half as much"),
      (.shifted, "grew, while there is no more of its kind as a whole"),
    ]
    for (trend, what) in uncounted {
      let rows = others.filter { $0.trend == trend && $0.growth.isOneOfAKind }
      guard !rows.isEmpty else { continue }
      let names = rows.prefix(4).map { "\(name($0.growth)) +\(ByteSize($0.growth.byteCount))" }.joined(separator: "; ")
      let more = rows.count > 4 ? "; and \(rows.count - 4) more" : ""
      notes.append("\(what), which does not count: \(names)\(more)")
    }
    if let text = shrunk { notes.append(text) }
    notes += uncountedResident
    if verdict.rows.contains(where: { $0.trend == .unknown }) {
      notes.append("two looks do not tell a leak from what fills up once; more tell, see --count")
    }
    if verdict.last?.isApproximate == true { notes.append("there are too many texts to count all exactly") }
    if verdict.hasEnded {
      let end = verdict.isReplaced ? "ran another program (execve)" : "ended"
      notes.append("the process \(end) before the watch was over")
    }
    if verdict.isPartial { notes.append("interrupted before the watch was over") }
    if let dump = verdict.dump { notes.append("dump: \(EscapedText(dump.string.utf8))") }
    if !verdict.fitsPause {
      let remedy = (verdict.choice?.mode ?? .stop).remedyForTime
      notes.append("not all fitted the pause; the rest was read while the process ran; \(remedy)")
    }
    if !verdict.isVerified, !verdict.hasEnded {
      notes.append("WARNING: it could not be seen to run as before; see `memdump status \(verdict.target.id)`")
    }
    if let note = verdict.choice?.note { notes.append("mode \(note)") }
    notes.append(
      verdict.pauseCount == 0
        ? "never paused"
        : "paused \(counted(verdict.pauseCount, "time")), \(readableTime(nanoseconds: verdict.pauseTime)) in all, "
          + "\(readableTime(nanoseconds: verdict.longestPause)) at most")
    return notes
  }
}

extension Growth {
  /// Whether the subject is no single socket address, which comes and goes by chance.
  fileprivate var isOneOfAKind: Bool { if case .socketAddress = subject { false } else { true } }

  /// Whether there are more socket addresses, but hardly any new ones among them.
  fileprivate var repeats: Bool {
    guard let distinct, after.count > before.count else { return false }
    let new = distinct.after - min(distinct.after, distinct.before)
    return new <= (after.count - before.count) / 20
  }
}
