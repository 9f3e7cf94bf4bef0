import MemDump
import SystemPackage

/// What `memdump dump` says it did.
struct DumpReport {
  private let summary: Dump.Summary
  private let path: FilePath?

  init(_ summary: Dump.Summary, path: FilePath?) { (self.summary, self.path) = (summary, path) }

  /// Lines for people.
  func text(of target: TargetProcess) -> String {
    let name = path.map { EscapedText($0.string.utf8).description } ?? MemDumpError.standardOutput.string
    var lines = ["\(what) of \(target.id) (\(target.printableName)) to \(name)"]
    let range = summary.range
    lines.append("  range     \(range.lowerBound)-\(range.upperBound), \(ByteSize(selectedByteCount))")
    lines.append(
      "  written   \(ByteSize(summary.writtenByteCount)); \(ByteSize(summary.absentByteCount)) untouched\(holes)")
    if summary.zeroByteCount > 0 { lines.append("  zeros     \(ByteSize(summary.zeroByteCount)) more, left as holes") }
    lines += unread
    if summary.format == .core { lines.append("  registers \(registers)") }
    lines.append("  pause     \(pause)")
    lines += readLive + fromChild
    lines.append("  before    \(Self.text(summary.proof.before))")
    lines.append("  after     \(summary.proof.after.map(Self.text) ?? "the process has ended")")
    if let warning = summary.proof.warning { lines.append("  WARNING   \(warning)") }
    if let digest = summary.digest { lines.append("  sha256    \(digest)") }
    if let path { lines.append("  manifest  \(EscapedText(Manifest.path(of: path).string.utf8))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line of type `dump`.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "dump")
      object.member("path", path.map { EscapedText($0.string.utf8).description })
      object.member("format", summary.format.rawValue)
      object.add(summary.proof)
      object.member("start", summary.range.lowerBound)
      object.member("end", summary.range.upperBound)
      object.member("bytes", summary.byteCount)
      object.member("absent_bytes", summary.absentByteCount)
      object.member("unreadable_bytes", summary.unreadByteCount)
      object.member("read_live_bytes", summary.proof.readLiveByteCount)
      object.member("read_in_stop_bytes", Self.total(summary.proof.readInStop))
      object.member("read_from_child_bytes", Self.total(summary.proof.readFromChild))
      object.member("tracer_before", summary.proof.before.tracer)
      object.member("tracer_after", summary.proof.after?.tracer)
      object.member("threads", summary.proof.after?.threads.count ?? 0)
      object.member("ranges", summary.contents.count)
      object.member("file_bytes", summary.fileByteCount)
      object.member("zero_bytes", summary.zeroByteCount)
      object.member("sha256", summary.digest)
      object.member("registers", summary.registers == nil ? "none" : "stop")
      object.member("threads_with_registers", summary.registerCount)
      Self.write(summary.proof.before.footprint, &object, "resident_before", "swap_before", "page_tables_before")
      Self.write(summary.proof.after?.footprint, &object, "resident_after", "swap_after", "page_tables_after")
    }
    writer.endLine()
    return writer.bytes
  }

  private static func write(
    _ footprint: Footprint?, _ object: inout JSONWriter, _ resident: StaticString, _ swap: StaticString,
    _ pageTables: StaticString
  ) {
    object.member(resident, footprint?.resident)
    object.member(swap, footprint?.swap)
    object.member(pageTables, footprint?.pageTables)
  }

  private var what: String {
    summary.contents.count == 1 ? summary.label : "core of \(counted(summary.contents.count, "region"))"
  }

  private var selectedByteCount: UInt64 { summary.contents.reduce(0) { $0 + $1.byteCount } }

  private var registers: String {
    guard summary.registers != nil else {
      return summary.proof.mode == .live
        ? "none: a process that runs has none to show; see --mode stop" : "none: there was no time for them"
    }
    let missing = summary.missingRegisterCount
    return "of \(counted(summary.registerCount, "thread"))"
      + (missing == 0 ? "" : "; not of \(counted(missing, "thread")) that did not stop or had ended")
  }

  private var holes: String {
    summary.absentByteCount == 0 ? "" : path == nil ? " (zeros)" : " (holes in the file)"
  }

  /// A line for each reason why bytes are missing.
  private var unread: [String] {
    var sums: [(reason: String, byteCount: UInt64)] = []
    for hole in summary.holes where hole.reason != "untouched" {
      let reason = hole.errno.map { "\(hole.reason): \(Errno(rawValue: CInt(clamping: $0)))" } ?? hole.reason
      if let index = sums.firstIndex(where: { $0.reason == reason }) {
        sums[index].byteCount += hole.range.byteCount
      } else {
        sums.append((reason, hole.range.byteCount))
      }
    }
    return sums.map { "  not read  \(ByteSize($0.byteCount)) \($0.reason)" }
  }

  private var pause: String {
    guard let pause = summary.proof.pause else {
      return "none: the process ran on, pages were read one after the other"
    }
    let threads =
      summary.proof.runningThreadCount == 0
      ? "" : "; \(counted(summary.proof.runningThreadCount, "thread")) in uninterruptible sleep could not be stopped"
    return "\(readableTime(nanoseconds: pause.duration)), all threads\(threads)"
  }

  private var readLive: [String] {
    let byteCount = summary.proof.readLiveByteCount
    guard byteCount > 0 else { return [] }
    return ["  NOTE      \(ByteSize(byteCount)) did not fit the pause and were read while the process ran"]
  }

  private var fromChild: [String] {
    guard summary.proof.mode == .snapshot else { return [] }
    let (kept, copied) = (Self.total(summary.proof.readFromChild), Self.total(summary.proof.readInStop))
    let rest = copied > 0 ? "; \(ByteSize(copied)) that it does not inherit were copied in the pause" : ""
    return ["  instant   \(ByteSize(kept)) kept by a copy-on-write child, which is gone\(rest)"]
  }

  private static func total(_ ranges: [Range<Address>]) -> UInt64 { ranges.reduce(0) { $0 + $1.byteCount } }

  static func text(_ witness: Witness) -> String {
    let threads = counted(witness.threads.count, "thread")
    let traced = witness.tracer == 0 ? "not traced" : "traced by \(witness.tracer)"
    guard let footprint = witness.footprint else { return "\(witness.stateName), \(threads), \(traced)" }
    return "\(witness.stateName), \(threads), \(traced); \(ByteSize(footprint.resident)) resident, "
      + "\(ByteSize(footprint.swap)) swapped, \(ByteSize(footprint.pageTables)) of page tables"
  }
}
