import MemDump

/// What `memdump scan` prints: counts or occurrences, and what was gone over.
final class ScanReport {
  let names: [String]
  let isJSON: Bool
  private var sources: [(source: any MemorySource, word: String)?] = []
  private(set) var total = Scan.Summary()
  private var tally: TallyNote?

  /// What a tally says of itself.
  private struct TallyNote {
    var distinctCount: Int
    var errorBound: UInt64
    var grouping: Tally.Grouping
    var limit: UInt64
  }

  init(names: [String], isJSON: Bool) { (self.names, self.isJSON) = (names, isJSON) }

  /// Takes note of the next source.
  func add(_ source: any MemorySource, word: String) { sources.append((source, word)) }

  /// Takes note that sources before `number` could not be opened.
  func skip(upTo number: Int) {
    while sources.count < number { sources.append(nil) }
  }

  func add(_ summary: Scan.Summary) {
    total.add(summary)
  }

  /// Prints the counted table.
  func write(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    var output = StandardOutput()
    if isJSON {
      var writer = JSONWriter()
      for row in rows {
        write(row, &writer)
        try output.write(writer.bytes)
        writer.reset()
      }
    } else if !rows.isEmpty {
      var table = Table([
        ("COUNT", .right), ("REGIONS", .right), ("FIRST", .right), ("PATTERN", .left), ("TEXT", .left),
      ])
      for row in rows {
        table.add([
          grouped(row.count), grouped(row.regionCount), row.firstAddress.description,
          EscapedText(names[row.pattern].utf8).description, EscapedText(row.text).description,
        ])
      }
      try output.write(table.text)
    }
    try output.flush()
  }

  /// Takes note of what a tally says of itself.
  func note(_ tally: Tally) {
    self.tally = TallyNote(
      distinctCount: tally.distinctCount, errorBound: tally.errorBound, grouping: tally.grouping, limit: tally.limit)
  }

  /// Prints what was gone over: for programs as the last line, for people on standard error.
  func finish(elapsed: UInt64) throws {
    guard isJSON else {
      StandardError.write(text(elapsed: elapsed))
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
      object.member("approximate", tally.map { $0.errorBound > 0 } ?? false)
      object.member("error_bound", tally?.errorBound)
    }
    writer.endLine()
    var output = StandardOutput()
    try output.write(writer.bytes)
    try output.flush()
  }

  private func text(elapsed: UInt64) -> String {
    var parts = [counted(total.findingCount, "finding")]
    if let tally { parts.append("\(grouped(tally.distinctCount)) distinct") }
    parts.append(
      "\(ByteSize(total.byteCount)) scanned in \(readableTime(nanoseconds: elapsed)) "
        + "(\(readableRate(byteCount: total.byteCount, nanoseconds: elapsed)))")
    if total.absentByteCount > 0 { parts.append("\(ByteSize(total.absentByteCount)) untouched") }
    if total.unreadByteCount > 0 { parts.append("\(ByteSize(total.unreadByteCount)) not read") }
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

  func write(_ row: Tally.Row, _ writer: inout JSONWriter) {
    let place = place(of: row.firstAddress, source: row.firstSource)
    writer.object { object in
      object.member("type", "count")
      object.member("pattern", names[row.pattern])
      object.member("text", EscapedText(row.text).description)
      object.member("count", row.count)
      object.member("regions", row.regionCount)
      object.member("first_address", place.address)
      object.member("first_offset", place.offset)
      object.member("bytes", row.byteCount)
      object.member("error", row.error)
    }
    writer.endLine()
  }

  /// The line of one occurrence.
  func write(_ finding: Finding, text: String, _ writer: inout JSONWriter) {
    let place = place(of: finding.address, source: finding.source)
    writer.object { object in
      object.member("type", "finding")
      object.member("pattern", names[finding.pattern])
      object.member("text", text)
      object.member("address", place.address)
      object.member("offset", place.offset)
      object.member("region", label(finding))
      object.member("source", EscapedText((sources[finding.source]?.word ?? "").utf8).description)
      object.member("bytes", finding.byteCount)
    }
    writer.endLine()
  }

  /// The name of the pattern of an occurrence.
  func name(_ finding: Finding) -> String { EscapedText(names[finding.pattern].utf8).description }

  /// The name of the region of an occurrence.
  func label(_ finding: Finding) -> String {
    let regions = sources[finding.source]?.source.regions ?? []
    return regions.indices.contains(finding.region) ? regions[finding.region].label : ""
  }

  func place(of address: Address, source number: Int) -> (address: Address?, offset: UInt64?) {
    guard let source = sources[number]?.source else { return (nil, nil) }
    return (source.hasAddresses ? address : nil, source.fileOffset(of: address))
  }
}

/// Prints every occurrence as it is found.
struct OccurrencePrinter: FindingSink {
  private let report: ScanReport
  private var lines: [UInt8] = []
  private var writer = JSONWriter()

  init(report: ScanReport) { self.report = report }

  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool {
    let text = EscapedText(text).description
    if report.isJSON {
      report.write(finding, text: text, &writer)
      lines += writer.bytes
      writer.reset()
    } else {
      lines += "\(finding.address)  \(report.name(finding))  \(text)  \(report.label(finding))\n".utf8
    }
    if lines.count >= 1 << 16 { try write() }
    return true
  }

  /// Prints what is left.
  mutating func finish() throws(MemDumpError) { try write() }

  private mutating func write() throws(MemDumpError) {
    try MemDumpError.writeOutput(lines)
    lines.removeAll(keepingCapacity: true)
  }
}
