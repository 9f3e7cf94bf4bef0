import ArgumentParser
import MemDump
import SystemPackage

/// `memdump scan SOURCE…`: endpoints in dumps, standard input or a live process.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Find ip:port texts in a live process, a dump or standard input, and count them.",
    discussion: """
      SOURCE is a process number, a raw dump (its manifest FILE.json gives the addresses), or - for standard input; write \
      ./1234 for a file of that name. Of a process, what it wrote itself is scanned (private writable and anonymous shared \
      memory), without stopping it and without a file on disk.

      Patterns:
      \(Patterns.all.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: ArgumentHelp("What to scan.", valueName: "source"))
  var sources: [String]

  @Option(
    help: ArgumentHelp(
      "What to look for: \(Patterns.all.map(\.name).joined(separator: ", ")). Default: \(Patterns.all[0].name).",
      valueName: "name"),
    completion: .list(Patterns.all.map(\.name)))
  var pattern: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Scan these regions only, as in `memdump dump --help`; may be given several times.", valueName: "sel"),
    transform: parseSelector)
  var region: [RegionSelector] = []

  @Flag(help: "Of a process, scan every region, mapped files and read-only memory too.")
  var all = false

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  @Flag(help: "Print every occurrence, in the order of addresses, in place of counts.")
  var each = false

  @Option(help: ArgumentHelp("Print this many rows at most; 0 for all.", valueName: "count"))
  var top = 50

  @Option(help: ArgumentHelp("Print texts only that were found this often.", valueName: "count"))
  var minCount: UInt64 = 1

  @Flag(help: "Print JSON Lines.")
  var json = false

  func validate() throws {
    if top < 0 { throw ValidationError("--top cannot be negative; 0 means all.") }
    if all, !region.isEmpty { throw ValidationError("--all and --region exclude each other.") }
  }

  func run() throws {
    let patterns = try patterns()
    let started = Syscall.monotonicTime
    let report = ScanReport(names: patterns.map(\.name), isJSON: json)
    let failures: Bool
    if each {
      var printer = OccurrencePrinter(report: report)
      failures = try scan(patterns, into: &printer, report)
      try printer.finish()
    } else {
      var tally = Tally()
      failures = try scan(patterns, into: &tally, report)
      try report.write(tally, limit: top == 0 ? nil : top, minimumCount: minCount)
    }
    try report.finish(elapsed: Syscall.monotonicTime - started)
    if failures { try ExitStatus.failed.leave() }
    if report.total.findingCount == 0 { try ExitStatus.nothingFound.leave() }
  }

  private func patterns() throws(MemDumpError) -> [any Pattern] {
    guard !pattern.isEmpty else { return [Patterns.all[0]] }
    var patterns: [any Pattern] = []
    for name in pattern where !patterns.contains(where: { $0.name == name }) {
      patterns.append(try Patterns.pattern(named: name))
    }
    return patterns
  }

  /// Scans source after source; one that cannot be read does not stop the others. Returns whether one could not.
  private func scan<Sink: FindingSink>(
    _ patterns: [any Pattern], into sink: inout Sink, _ report: ScanReport
  ) throws -> Bool {
    var failed = false
    for (number, word) in sources.enumerated() {
      do throws(MemDumpError) {
        let argument = try SourceArgument(word)
        let (source, ranges) = try argument.open(base: base, selectors: region, all: all)
        report.add(source, word: word)
        let summary = try Scan(patterns: patterns).run(source, ranges: ranges, number: number, into: &sink)
        report.add(summary)
        if case .process(let process) = argument { try process.checkIdentity() }
      } catch {
        guard !error.isBrokenPipe else { throw BrokenPipe() }
        guard sources.count > 1 else { throw error }
        StandardError.write("memdump: \(error)")
        failed = true
        report.skip(upTo: number + 1)
      }
    }
    return failed
  }
}
