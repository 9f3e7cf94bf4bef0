import MemDump

/// The summary of a scan: for programs as the last record, for people on standard error.
struct ScanSummaryReport: Report {
  let total: SearchSummary
  /// The size of what was left out of processes, since nobody asked for it, in bytes.
  let leftOutByteCount: UInt64
  /// The note on the tally; nil where nothing was counted.
  let tally: ScanReport.TallyNote?
  /// The connections that the processes have open; nil where they were not asked for.
  let open: OpenConnections?
  /// Whether regular expressions were among the patterns.
  let hasExpressions: Bool
  /// The sources, by their numbers.
  let sources: [Int: ScannedSource]
  /// The proofs of how processes were looked at.
  let looks: [LookProof]
  /// The time that the scan took, in nanoseconds.
  let elapsed: UInt64
  let step: NextStep?

  func describe(to page: inout some Rendering) {
    page.next(step)
    page.record("summary", members)
    page.closing(text)
    for look in looks {
      let name = "\(look.process.id) (\(EscapedText(look.process.name)))"
      if let shortfall = look.shortfall { page.closing("\(name): \(shortfall)") }
      if let warning = look.warning { page.closing("WARNING: \(name): \(warning)") }
    }
  }

  private var members: [Member] {
    var members = [
      Member(.bytesScanned, total.byteCount),
      Member(.absentBytes, total.absentByteCount),
      Member(.unreadableBytes, total.unreadByteCount),
      Member("findings", total.findingCount),
      Member("distinct", tally?.distinctCount),
      Member(.elapsed, elapsed),
      Member(.partial, total.isPartial),
      Member("truncated_sources", truncated.count),
      Member("omitted_segments", omittedSegmentCount),
      Member("left_out_bytes", leftOutByteCount),
      Member(.approximate, tally.map { $0.errorBound > 0 } ?? false),
      Member("error_bound", tally?.errorBound),
    ]
    if let open {
      members += [Member(.open, open.count), Member("open_found", tally?.foundConnectionCount)]
    }
    if hasExpressions {
      let first = total.firstLimit
      members += [
        Member("regex_limit_hits", total.limitCount),
        Member("regex_limit_first_address", first.flatMap { sources[$0.source]?.address($0.address) }),
        Member("regex_limit_first_offset", first.flatMap { sources[$0.source]?.offset(of: $0.address) }),
      ]
    }
    return members + LookProof.members(of: looks)
  }

  /// The names of cores that end before what they say they hold.
  private var truncated: [String] {
    sources.sorted { $0.key < $1.key }.map(\.value).filter(\.isTruncated).map(\.printableWord)
  }

  private var omittedSegmentCount: Int { sources.values.reduce(0) { $0 + $1.memory.omittedSegmentCount } }

  private var text: String {
    var parts = [counted(total.findingCount, "finding")]
    // Those that were forgotten are not among them.
    if let tally {
      parts.append((tally.errorBound > 0 ? "at least " : "") + "\(grouped(tally.distinctCount)) distinct")
    }
    if let open {
      parts.append("\(counted(open.count, "connection")) open")
      if let tally { parts.append("\(grouped(tally.foundConnectionCount)) of them to endpoints found") }
    }
    parts.append(
      "\(ByteSize(total.byteCount)) scanned in \(readableTime(nanoseconds: elapsed)) "
        + "(\(readableRate(byteCount: total.byteCount, nanoseconds: elapsed)))")
    if let pause = looks.compactMap(\.pause?.duration).max() {
      parts.append("pause \(readableTime(nanoseconds: pause))")
    }
    if total.absentByteCount > 0 { parts.append("\(ByteSize(total.absentByteCount)) untouched") }
    if total.unreadByteCount > 0 { parts.append("\(ByteSize(total.unreadByteCount)) not read") }
    if leftOutByteCount > 0 {
      parts.append("\(ByteSize(leftOutByteCount)) of files and read-only memory left out (--all)")
    }
    if omittedSegmentCount > 0 {
      parts.append("\(counted(omittedSegmentCount, "segment")) left out, which overlap others or have no addresses")
    }
    if let first = total.firstLimit {
      parts.append(
        "a regular expression gave up at \(counted(total.limitCount, "place")), the first at \(first.address), "
          + "and may have missed something there")
    }
    for word in truncated { parts.append("\(word) is cut short: the rest of it is missing") }
    if total.isPartial { parts.append("ended early: this is what was found until then") }
    return parts.joined(separator: ", ") + approximation
  }

  /// The sentence on a tally that had to forget texts.
  private var approximation: String {
    guard let tally, tally.errorBound > 0 else { return "" }
    let bound =
      switch tally.grouping {
      case .text: "\(counted(tally.errorBound, "time"))"
      case .template, .textByBytes: "\(ByteSize(tally.errorBound))"
      }
    return
      "\nCounts are approximate: the distinct texts did not fit \(ByteSize(tally.limit)) (--memory). Each row may be "
      + "too low by up to \(bound), and what is not shown was found no more than that."
  }
}
