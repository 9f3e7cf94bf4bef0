import MemDump
import SystemPackage

/// The report of `memdump dump` on the dump it made.
struct DumpReport: Report {
  let summary: Dump.Summary
  let path: FilePath?
  let target: TargetProcess

  init(_ summary: Dump.Summary, path: FilePath?, of target: TargetProcess) {
    (self.summary, self.path, self.target) = (summary, path, target)
  }

  func describe(to page: inout some Rendering) {
    let name = path.map { EscapedText($0.string.utf8).description } ?? MemDumpError.standardOutput.string
    page.line("\(what) of \(target.id) (\(target.printableName)) to \(name)", .strong)
    let range = summary.range
    page.fact("range", "\(range.lowerBound)-\(range.upperBound), \(ByteSize(Self.total(summary.contents)))")
    page.fact(
      "written", "\(ByteSize(summary.writtenByteCount)); \(ByteSize(summary.absentByteCount)) untouched\(holes)")
    if summary.zeroByteCount > 0 { page.fact("zeros", "\(ByteSize(summary.zeroByteCount)) more, left as holes") }
    for (reason, byteCount) in unread { page.fact("not read", "\(ByteSize(byteCount)) \(reason)") }
    if !summary.format.holdsOneRange { page.fact("registers", registers) }
    page.fact("pause", pause, proof.hasLongPause ? .attention : nil)
    if let shortfall = proof.liveShortfall { page.fact("NOTE", shortfall) }
    if let fromChild { page.fact("instant", fromChild) }
    page.fact("before", Self.text(proof.before))
    page.fact("after", Self.text(proof.after))
    if let warning = proof.warning { page.fact("WARNING", warning) }
    if let digest = summary.digest { page.fact("sha256", digest) }
    if let path { page.fact("manifest", EscapedText(Manifest.path(of: path).string.utf8).description) }
    if let leftover {
      page.fact("WARNING", "the manifest that was replaced could not be taken away: \(leftover)")
    }
    page.next(NextStep("scan", path.map { NextStep.word(for: $0.string) }))
    page.record("dump", members)
  }

  private var proof: LookProof { summary.proof }

  private var leftover: String? { summary.leftover.map { EscapedText($0.string.utf8).description } }

  private var members: [Member] {
    let (before, after) = (proof.before, proof.after.witness)
    return [
      Member(.path, path.map { EscapedText($0.string.utf8).description }),
      Member(.format, summary.format.rawValue),
    ] + LookProof.members(of: [proof]) + [
      Member(.start, summary.range.lowerBound),
      Member(.end, summary.range.upperBound),
      Member(.bytes, summary.byteCount),
      Member(.absentBytes, summary.absentByteCount),
      Member(.unreadableBytes, summary.unreadByteCount),
      Member(.readLiveBytes, proof.readLiveByteCount),
      Member("read_in_stop_bytes", Self.total(proof.readInStop)),
      Member("read_from_child_bytes", Self.total(proof.readFromChild)),
      Member(.tracerBefore, before.tracer),
      Member(.tracerAfter, after?.tracer),
      Member(.threads, after?.threads.count ?? 0),
      Member("ranges", summary.contents.count),
      Member("file_bytes", summary.fileByteCount),
      Member("zero_bytes", summary.zeroByteCount),
      Member("sha256", summary.digest),
      Member("leftover", leftover),
      Member("registers", summary.registers == nil ? "none" : "stop"),
      Member("threads_with_registers", summary.registerCount),
      Member(.residentBefore, before.footprint?.resident),
      Member("swap_before", before.footprint?.swap),
      Member("page_tables_before", before.footprint?.pageTables),
      Member(.residentAfter, after?.footprint?.resident),
      Member("swap_after", after?.footprint?.swap),
      Member("page_tables_after", after?.footprint?.pageTables),
    ]
  }

  private var what: String {
    summary.contents.count == 1 ? summary.label : "core of \(counted(summary.contents.count, "region"))"
  }

  private var registers: String {
    guard summary.registers != nil else {
      return proof.mode == .live
        ? "none: a process that runs has none to show; see --mode stop" : "none: there was no time for them"
    }
    let missing = summary.missingRegisterCount
    if proof.lacksRegisters {
      return "of \(counted(summary.registerCount, "thread")); there was no time for those of the others"
    }
    return "of \(counted(summary.registerCount, "thread"))"
      + (missing == 0 ? "" : "; not of \(counted(missing, "thread")) that did not stop or had ended")
  }

  private var holes: String {
    summary.absentByteCount == 0 ? "" : path == nil ? " (zeros)" : " (holes in the file)"
  }

  /// The bytes that are missing, for each reason.
  private var unread: [(reason: String, byteCount: UInt64)] {
    var sums: [(reason: String, byteCount: UInt64)] = []
    for hole in summary.holes where hole.reason != "untouched" {
      let reason = hole.errno.map { "\(hole.reason): \(Errno(rawValue: CInt(clamping: $0)))" } ?? hole.reason
      if let index = sums.firstIndex(where: { $0.reason == reason }) {
        sums[index].byteCount += hole.range.byteCount
      } else {
        sums.append((reason, hole.range.byteCount))
      }
    }
    return sums
  }

  private var pause: String {
    guard let pause = proof.pause else { return "none: the process ran on, pages were read one after the other" }
    let threads =
      proof.runningThreadCount == 0
      ? "" : "; \(counted(proof.runningThreadCount, "thread")) in uninterruptible sleep could not be stopped"
    return "\(readableTime(nanoseconds: pause.duration)), all threads\(threads)"
  }

  private var fromChild: String? {
    guard proof.mode == .snapshot else { return nil }
    let (kept, copied) = (Self.total(proof.readFromChild), Self.total(proof.readInStop))
    let rest = copied > 0 ? "; \(ByteSize(copied)) that it does not inherit were copied in the pause" : ""
    return "\(ByteSize(kept)) kept by a copy-on-write child, which is gone\(rest)"
  }

  private static func total(_ ranges: [Range<Address>]) -> UInt64 { ranges.reduce(0) { $0 + $1.byteCount } }

  private static func text(_ after: LaterWitness) -> String {
    switch after {
    case .seen(let witness): text(witness)
    case .ended: "the process has ended"
    case .unseen(let error): error.description
    }
  }

  static func text(_ witness: Witness) -> String {
    let threads = counted(witness.threads.count, "thread")
    let traced = witness.tracer == 0 ? "not traced" : "traced by \(witness.tracer)"
    guard let footprint = witness.footprint else { return "\(witness.stateName), \(threads), \(traced)" }
    return "\(witness.stateName), \(threads), \(traced); \(ByteSize(footprint.resident)) resident, "
      + "\(ByteSize(footprint.swap)) swapped, \(ByteSize(footprint.pageTables)) of page tables"
  }
}
