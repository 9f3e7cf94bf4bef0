import MemDump
import Synchronization

/// What a scan has to tell, gathered from any thread: what it is of, what was gone over, and what was counted.
final class ScanReport: Sendable {
  /// What is looked for, by its place in the list.
  struct Kind: Sendable {
    var name: String
    /// Whether it is looked for in UTF-16LE text.
    var isWide = false

    /// The name for people.
    var label: String { EscapedText(name.utf8).description + (isWide ? " (wide)" : "") }
    /// How the text is encoded, where that is not as the name says.
    var encoding: FieldValue { isWide ? .text("utf-16le") : .absent }
  }

  let kinds: [Kind]
  let format: OutputFormat
  private let hasExpressions: Bool
  /// What the processes have open; nil where that was not asked for.
  private let connections: Mutex<OpenConnections?>
  private let opened = Mutex<[Int: ScannedSource]>([:])
  private let sum = Mutex(SearchSummary())
  private let noted = Mutex<TallyNote?>(nil)

  /// What a tally says of itself.
  struct TallyNote: Sendable {
    var distinctCount: Int
    var errorBound: UInt64
    var grouping: Tally.Grouping
    var limit: UInt64
    /// How many of the connections are to endpoints that were found.
    var foundConnectionCount: Int
  }

  /// - Parameters:
  ///   - hasExpressions: whether regular expressions are among the patterns.
  ///   - countsConnections: whether the open connections of processes are shown.
  init(kinds: [Kind], hasExpressions: Bool = false, countsConnections: Bool = false, format: OutputFormat) {
    (self.kinds, self.hasExpressions, self.format) = (kinds, hasExpressions, format)
    connections = Mutex(countsConnections ? OpenConnections() : nil)
  }

  /// Takes note of a source, from any thread.
  func add(_ source: any MemorySource, number: Int, word: String) {
    opened.withLock { $0[number] = ScannedSource(source, word: word) }
  }

  /// Takes note of what a process has open, from any thread, where that was asked for.
  func addConnections(of process: TargetProcess) throws(MemDumpError) {
    guard openConnections != nil else { return }
    let open = try OpenConnections(of: process)
    connections.withLock { $0?.formUnion(open) }
  }

  private var openConnections: OpenConnections? { connections.withLock { $0 } }

  /// Adds what was gone over, from any thread.
  func add(_ summary: SearchSummary) { sum.withLock { $0.add(summary) } }

  /// What was gone over.
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
  }

  /// Prints the counted table of texts, or of templates.
  func writeTexts(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    switch tally.grouping {
    case .text: try CountReport(rows: rows, kinds: kinds, sources: sources, areTexts: true).print(as: format)
    case .template:
      try TemplateReport(rows: rows, kinds: kinds, sources: sources, totalByteCount: tally.totalByteCount)
        .print(as: format)
    }
  }

  /// Takes note of what a tally says of itself.
  private func note(_ tally: Tally) {
    let note = TallyNote(
      distinctCount: tally.distinctCount, errorBound: tally.errorBound, grouping: tally.grouping, limit: tally.limit,
      foundConnectionCount: openConnections?.count(toTextsOf: tally) ?? 0)
    noted.withLock { $0 = note }
  }

  /// Prints what was gone over.
  ///
  /// - Parameters:
  ///   - elapsed: how long it took, in nanoseconds.
  ///   - looks: how processes were looked at.
  func finish(elapsed: UInt64, looks: [LookProof]) throws {
    try ScanSummaryReport(
      total: total, tally: noted.withLock { $0 }, open: openConnections, hasExpressions: hasExpressions,
      sources: sources, looks: looks, elapsed: elapsed
    ).print(as: format)
  }

  /// The name of the region of an occurrence.
  func label(of finding: Finding) -> String { source(of: finding)?.label(of: finding) ?? "" }

  /// The name of a pattern, by its place in the list.
  func name(_ pattern: Int) -> String { kinds[pattern].label }
}
