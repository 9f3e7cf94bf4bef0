import MemDump
import Synchronization

/// The report of a scan, gathered from any thread: its sources, the memory that was searched, and the counts.
final class ScanReport: Sendable {
  /// A pattern that is looked for, by its place in the list.
  struct Kind: Sendable {
    var name: String
    /// Whether the pattern is looked for in UTF-16LE text.
    var isWide = false

    /// The name of the pattern for people.
    var label: String { EscapedText(name.utf8).description + (isWide ? " (wide)" : "") }
    /// The encoding of the text, where the name does not tell it.
    var encoding: FieldValue { isWide ? .text("utf-16le") : .absent }
  }

  let kinds: [Kind]
  let format: OutputFormat
  /// Whether several sources are searched, so that each finding tells its own.
  let hasSeveralSources: Bool
  private let hasExpressions: Bool
  /// The connections that the processes have open; nil where they were not asked for.
  private let connections: Mutex<OpenConnections?>
  private let opened = Mutex<[Int: ScannedSource]>([:])
  private let sum = Mutex(SearchSummary())
  private let leftOut = Mutex<UInt64>(0)
  /// The word for the source in a next step; nil for none.
  private let nextSource: String?
  private let step = Mutex<NextStep?>(nil)
  private let noted = Mutex<TallyNote?>(nil)

  /// A note on how exact a tally is.
  struct TallyNote: Sendable {
    var distinctCount: Int
    var errorBound: UInt64
    var grouping: Tally.Grouping
    var limit: UInt64
    /// The number of connections to endpoints that were found.
    var foundConnectionCount: Int
  }

  /// - Parameters:
  ///   - hasExpressions: whether regular expressions are among the patterns.
  ///   - countsConnections: whether the open connections of processes are shown.
  ///   - hasSeveralSources: whether several sources are searched.
  ///   - nextSource: the word for the source in a next step; nil for none.
  init(
    kinds: [Kind], hasExpressions: Bool = false, countsConnections: Bool = false, hasSeveralSources: Bool,
    nextSource: String?, format: OutputFormat
  ) {
    (self.kinds, self.hasExpressions, self.format) = (kinds, hasExpressions, format)
    (self.hasSeveralSources, self.nextSource) = (hasSeveralSources, nextSource)
    connections = Mutex(countsConnections ? OpenConnections() : nil)
  }

  /// Adds a source, from any thread.
  func add(_ source: any MemorySource, number: Int, word: String) {
    opened.withLock { $0[number] = ScannedSource(source, word: word) }
  }

  /// Adds the connections that a process has open, from any thread, where they were asked for.
  func addConnections(of process: TargetProcess) throws(MemDumpError) {
    guard openConnections != nil else { return }
    let open = try OpenConnections(of: process)
    connections.withLock { $0?.formUnion(open) }
  }

  private var openConnections: OpenConnections? { connections.withLock { $0 } }

  /// Adds the summary of memory that was searched, from any thread.
  func add(_ summary: SearchSummary) { sum.withLock { $0.add(summary) } }

  /// Adds the size of what was left out of a process, in bytes, from any thread.
  func addLeftOut(_ byteCount: UInt64) { leftOut.withLock { $0 += byteCount } }

  /// The summary of all memory that was searched.
  var total: SearchSummary { sum.withLock { $0 } }

  /// The sources so far, by their numbers.
  private var sources: [Int: ScannedSource] { opened.withLock { $0 } }

  /// The source of an occurrence.
  func source(of finding: Finding) -> ScannedSource? { opened.withLock { $0[finding.source] } }

  /// Prints the counted table.
  func write(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    try CountReport(rows: rows, kinds: kinds, sources: sources, open: openConnections).print(as: format)
    if let nextSource, let row = rows.first {
      step.withLock { $0 = .occurrences(of: row, kinds[row.pattern], in: nextSource) }
    }
  }

  /// Prints the counted table of texts, or of templates.
  func writeTexts(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    if let nextSource, let row = rows.first {
      step.withLock { $0 = .texts(like: row, grouping: tally.grouping, in: nextSource) }
    }
    switch tally.grouping {
    case .text, .textByBytes:
      try CountReport(rows: rows, kinds: kinds, sources: sources, areTexts: true).print(as: format)
    case .template:
      try TemplateReport(rows: rows, kinds: kinds, sources: sources, totalByteCount: tally.totalByteCount)
        .print(as: format)
    }
  }

  /// Keeps the note on a tally.
  private func note(_ tally: Tally) {
    let note = TallyNote(
      distinctCount: tally.distinctCount, errorBound: tally.errorBound, grouping: tally.grouping, limit: tally.limit,
      foundConnectionCount: openConnections?.count(toTextsOf: tally) ?? 0)
    noted.withLock { $0 = note }
  }

  /// Prints the summary of the scan.
  ///
  /// - Parameters:
  ///   - elapsed: the time that the scan took, in nanoseconds.
  ///   - looks: the proofs of how processes were looked at.
  func finish(elapsed: UInt64, looks: [LookProof]) throws {
    try ScanSummaryReport(
      total: total, leftOutByteCount: leftOut.withLock { $0 }, tally: noted.withLock { $0 }, open: openConnections,
      hasExpressions: hasExpressions, sources: sources, looks: looks, elapsed: elapsed, step: step.withLock { $0 }
    ).print(as: format)
  }

  /// The name of the region of an occurrence.
  func label(of finding: Finding) -> String {
    sourceLabel(of: finding) + (source(of: finding)?.label(of: finding) ?? "")
  }

  /// What stands before the region of an occurrence: the source, where there are several.
  func sourceLabel(of finding: Finding) -> String {
    hasSeveralSources ? (source(of: finding)?.printableWord ?? "") + "  " : ""
  }

  /// The name of a pattern, by its place in the list.
  func name(_ pattern: Int) -> String { kinds[pattern].label }
}
