import MemDump
import Synchronization

/// What `memdump scan` prints: counts or occurrences, and what was gone over.
final class ScanReport: Sendable {
  /// What is looked for, by its place in the list.
  struct Kind: Sendable {
    var name: String
    /// Whether it is looked for in UTF-16LE text.
    var isWide = false
  }

  let kinds: [Kind]
  let isJSON: Bool
  private let hasExpressions: Bool
  /// What the processes have open; nil where that was not asked for.
  private let connections: Mutex<OpenConnections?>
  private let sources = Mutex<[Int: (source: any MemorySource, word: String)]>([:])
  private let sum = Mutex(SearchSummary())
  private let noted = Mutex<TallyNote?>(nil)

  /// What a tally says of itself.
  private struct TallyNote: Sendable {
    var distinctCount: Int
    var errorBound: UInt64
    var grouping: Tally.Grouping
    var limit: UInt64
    /// How many of the connections are to endpoints that were found.
    var foundConnectionCount: Int
  }

  private static let wideEncoding = "utf-16le"

  /// - Parameters:
  ///   - hasExpressions: whether regular expressions are among the patterns.
  ///   - countsConnections: whether the open connections of processes are shown.
  init(kinds: [Kind], hasExpressions: Bool = false, countsConnections: Bool = false, isJSON: Bool) {
    (self.kinds, self.hasExpressions, self.isJSON) = (kinds, hasExpressions, isJSON)
    connections = Mutex(countsConnections ? OpenConnections() : nil)
  }

  /// Takes note of a source, from any thread.
  func add(_ source: any MemorySource, number: Int, word: String) {
    sources.withLock { $0[number] = (source, word) }
  }

  /// Takes note of what a process has open, from any thread, where that was asked for.
  func addConnections(of process: TargetProcess) throws(MemDumpError) {
    guard openConnections != nil else { return }
    let open = try OpenConnections(of: process)
    connections.withLock { $0?.formUnion(open) }
  }

  private var tally: TallyNote? { noted.withLock { $0 } }
  private var openConnections: OpenConnections? { connections.withLock { $0 } }

  /// Adds what was gone over, from any thread.
  func add(_ summary: SearchSummary) { sum.withLock { $0.add(summary) } }

  /// What was gone over.
  var total: SearchSummary { sum.withLock { $0 } }

  /// The cores that end before what they say they hold.
  private var truncated: [String] {
    sources.withLock { $0 }.sorted { $0.key < $1.key }.compactMap {
      $0.value.source.isTruncated ? $0.value.word : nil
    }
  }

  private func source(_ number: Int) -> (source: any MemorySource, word: String)? {
    sources.withLock { $0[number] }
  }

  /// Prints the counted table.
  func write(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    let open = openConnections
    var output = StandardOutput()
    if isJSON {
      var writer = JSONWriter()
      for row in rows {
        write(row, &writer, open: open)
        try output.write(writer.bytes)
        writer.reset()
      }
    } else if !rows.isEmpty {
      try output.write(countTable(rows, open).text)
    }
    try output.flush()
  }

  /// Takes note of what a tally says of itself.
  func note(_ tally: Tally) {
    let note = TallyNote(
      distinctCount: tally.distinctCount, errorBound: tally.errorBound, grouping: tally.grouping, limit: tally.limit,
      foundConnectionCount: openConnections?.count(toTextsOf: tally) ?? 0)
    noted.withLock { $0 = note }
  }

  /// Prints what was gone over: for programs as the last line, for people on standard error.
  ///
  /// - Parameters:
  ///   - elapsed: how long it took, in nanoseconds.
  ///   - looks: how processes were looked at.
  func finish(elapsed: UInt64, looks: [LookProof]) throws {
    guard isJSON else {
      StandardError.write(([text(elapsed: elapsed, looks)] + Self.warnings(looks)).joined(separator: "\n"))
      return
    }
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "summary")
      object.member("bytes_scanned", total.byteCount)
      object.member("absent_bytes", total.absentByteCount)
      object.member("unreadable_bytes", total.unreadByteCount)
      object.member("findings", total.findingCount)
      object.member("distinct", tally?.distinctCount)
      object.member("elapsed_ns", elapsed)
      object.member("partial", total.isPartial)
      object.member("truncated_sources", truncated.count)
      object.member("approximate", tally.map { $0.errorBound > 0 } ?? false)
      object.member("error_bound", tally?.errorBound)
      if let open = openConnections {
        object.member("open", open.count)
        object.member("open_found", tally?.foundConnectionCount)
      }
      if hasExpressions {
        let first = total.firstLimit.map { place(of: $0.address, source: $0.source) }
        object.member("regex_limit_hits", total.limitCount)
        object.member("regex_limit_first_address", first?.address)
        object.member("regex_limit_first_offset", first?.offset)
      }
      object.add(looks)
    }
    writer.endLine()
    var output = StandardOutput()
    try output.write(writer.bytes)
    try output.flush()
  }

  private static func warnings(_ looks: [LookProof]) -> [String] {
    looks.compactMap { look in
      look.warning.map { "WARNING: \(look.process.id) (\(EscapedText(look.process.name))): \($0)" }
    }
  }

  private func text(elapsed: UInt64, _ looks: [LookProof]) -> String {
    var parts = [counted(total.findingCount, "finding")]
    if let tally { parts.append("\(grouped(tally.distinctCount)) distinct") }
    if let open = openConnections {
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
    if let first = total.firstLimit {
      parts.append(
        "a regular expression gave up at \(counted(total.limitCount, "place")), the first at \(first.address), "
          + "and may have missed something there")
    }
    for word in truncated { parts.append("\(EscapedText(word.utf8)) is cut short: the rest of it is missing") }
    if total.isPartial { parts.append("ended early: this is what was found until then") }
    return parts.joined(separator: ", ") + approximation
  }

  /// The sentence on a tally that had to forget texts.
  private var approximation: String {
    guard let tally, tally.errorBound > 0 else { return "" }
    let bound =
      switch tally.grouping {
      case .text: "\(counted(tally.errorBound, "time"))"
      case .template: "\(ByteSize(tally.errorBound))"
      }
    return
      "\nCounts are approximate: the distinct texts did not fit \(ByteSize(tally.limit)) (--memory). Each row may be "
      + "too low by up to \(bound), and what is not shown was found no more than that."
  }

  func write(_ row: Tally.Row, _ writer: inout JSONWriter, open: OpenConnections? = nil) {
    let place = place(of: row.firstAddress, source: row.firstSource)
    writer.object { object in
      object.member("type", "count")
      object.member("pattern", kinds[row.pattern].name)
      object.member("text", EscapedText(row.text).description)
      object.member("count", row.count)
      object.member("regions", row.regionCount)
      object.member("first_address", place.address)
      object.member("first_offset", place.offset)
      object.member("bytes", row.byteCount)
      object.member("error", row.error)
      if kinds[row.pattern].isWide { object.member("encoding", Self.wideEncoding) }
      if let open {
        let endpoint = Endpoint(parsing: row.text)
        object.member("open", endpoint.map(open.count(to:)))
        object.member("listening", endpoint.map(open.isListening(at:)) ?? false)
      }
    }
    writer.endLine()
  }

  /// The line of one occurrence.
  func write(_ finding: Finding, text: String, context: RawSpan = RawSpan(), _ writer: inout JSONWriter) {
    let place = place(of: finding.address, source: finding.source)
    writer.object { object in
      object.member("type", "finding")
      object.member("pattern", kinds[finding.pattern].name)
      object.member("text", text)
      object.member("address", place.address)
      object.member("offset", place.offset)
      object.member("region", label(finding))
      object.member("source", EscapedText((source(finding.source)?.word ?? "").utf8).description)
      object.member("bytes", finding.byteCount)
      if kinds[finding.pattern].isWide { object.member("encoding", Self.wideEncoding) }
      if context.byteCount > 0 {
        let mapped = mappedPlace(of: finding)
        object.member("mapped_file", mapped?.path)
        object.member("mapped_offset", mapped?.offset)
        object.member("context_lead", finding.contextLead)
        object.member("context", HexDump.digits(context))
      }
    }
    writer.endLine()
  }

  /// The name of a pattern, by its place in the list.
  func name(_ pattern: Int) -> String {
    EscapedText(kinds[pattern].name.utf8).description + (kinds[pattern].isWide ? " (wide)" : "")
  }

  /// The region of an occurrence.
  func region(_ finding: Finding) -> MemoryRegion? {
    let regions = source(finding.source)?.source.regions ?? []
    return regions.indices.contains(finding.region) ? regions[finding.region] : nil
  }

  /// The name of the region of an occurrence.
  func label(_ finding: Finding) -> String { region(finding)?.label ?? "" }

  /// The mapped file that an occurrence is in, and where in it.
  func mappedPlace(of finding: Finding) -> (path: String, offset: UInt64)? {
    guard let region = region(finding), region.inode != 0, !region.name.isEmpty else { return nil }
    return (region.label, region.fileOffset &+ (finding.address - region.range.lowerBound))
  }

  func place(of address: Address, source number: Int) -> (address: Address?, offset: UInt64?) {
    guard let source = source(number)?.source else { return (nil, nil) }
    return (source.hasAddresses ? address : nil, source.fileOffset(of: address))
  }
}
