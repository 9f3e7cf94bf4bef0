import ArgumentParser
import MemDump
import SystemPackage

/// `memdump scan SOURCE…`: endpoints in dumps, standard input or a live process.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Find endpoints and other patterns in live processes, dumps, cores or standard input, and count them.",
    discussion: """
      SOURCE is a process number, a raw dump (its manifest FILE.json gives the addresses), an ELF core, or - for standard \
      input; write ./1234 for a file of that name. Of a process, what it wrote itself is scanned (private writable and \
      anonymous shared memory), without a file on disk and, unless --mode says otherwise, without stopping it.

      Patterns:
      \(Patterns.all.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: ArgumentHelp("What to scan.", valueName: "source"))
  var sources: [String] = []

  @Option(
    help: ArgumentHelp(
      "What to look for, by a name of the list above; may be given several times. Default: "
        + Patterns.standard.map(\.name).joined(separator: ", ") + ".",
      valueName: "name"),
    completion: .list(Patterns.all.map(\.name)))
  var pattern: [String] = []

  @Option(help: ArgumentHelp("Look for this text, byte for byte; may be given several times.", valueName: "text"))
  var find: [String] = []

  @Option(
    help: ArgumentHelp(
      "Look for bytes such as 'de ad ?? ef'; ? is any digit. May be given several times.", valueName: "bytes"))
  var hex: [String] = []

  @Flag(help: "With --find, take letters in either case.")
  var ignoreCase = false

  @Flag(help: "Take no match with a letter or _ right next to it, where that is no part of the pattern anyway.")
  var word = false

  @Flag(help: "List the patterns and end.")
  var list = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Scan these regions only, as in `memdump dump --help`; may be given several times.", valueName: "sel"),
    transform: parseSelector)
  var region: [RegionSelector] = []

  @Flag(help: "Of a process, scan every region, mapped files and read-only memory too.")
  var all = false

  @Option(help: "Of a process: live, stop or snapshot, as in `memdump dump --help`.")
  var mode: Dump.Mode = .live

  @Option(help: ArgumentHelp("In the modes stop and snapshot: how long it may stand still.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 500)

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  @Flag(help: "Print every occurrence, in the order of addresses, in place of counts.")
  var each = false

  @Option(help: ArgumentHelp("Print this many rows at most; 0 for all.", valueName: "count"))
  var top = 50

  @Option(help: ArgumentHelp("Print texts only that were found this often.", valueName: "count"))
  var minCount: UInt64 = 1

  @Option(
    help: ArgumentHelp("How many threads share the work. Default: as many as there are processors.", valueName: "count")
  )
  var threads: Int?

  @Flag(help: "Print JSON Lines.")
  var json = false

  func validate() throws {
    if sources.isEmpty, !list { throw ValidationError("Missing expected argument '<source> ...'") }
    if top < 0 { throw ValidationError("--top cannot be negative; 0 means all.") }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is a number from 1 to 256.") }
    if mode != .live, sources.contains(where: { Int32($0) == nil }) {
      throw ValidationError("--mode is for a process, given by its number.")
    }
    if all, !region.isEmpty { throw ValidationError("--all and --region exclude each other.") }
  }

  func run() throws {
    if list { return try listPatterns() }
    let patterns = try patterns()
    let started = Syscall.monotonicTime
    let report = ScanReport(names: patterns.map(\.name), isJSON: json)
    let scan = Scan(patterns: patterns, threads: threads ?? min(Syscall.processorCount, 8))
    let outcome: Outcome
    if each {
      var printer = OccurrencePrinter(report: report)
      outcome = try perform(report) { (source, ranges, number, control) throws(MemDumpError) in
        try scan.run(source, ranges: ranges, number: number, into: &printer, control: control)
      }
      try printer.finish()
    } else {
      var tally = Tally()
      outcome = try perform(report) { (source, ranges, number, control) throws(MemDumpError) in
        try scan.count(source, ranges: ranges, number: number, into: &tally, control: control)
      }
      try report.write(tally, limit: top == 0 ? nil : top, minimumCount: minCount)
    }
    try report.finish(elapsed: Syscall.monotonicTime - started)
    if let signal = outcome.signal { throw ExitCode(128 + signal) }
    if outcome.leavesChild { try ExitStatus.unverified.leave() }
    if outcome.failed { try ExitStatus.failed.leave() }
    if outcome.isOutOfTime { try ExitStatus.budgetExhausted.leave() }
    if report.total.findingCount == 0 { try ExitStatus.nothingFound.leave() }
  }

  private func patterns() throws -> [any Pattern] {
    var patterns: [any Pattern] = []
    for name in pattern where !patterns.contains(where: { $0.name == name }) {
      patterns.append(try Patterns.pattern(named: name))
    }
    for text in find {
      guard let pattern = BytesPattern(text: text, ignoringCase: ignoreCase) else {
        throw ValidationError("--find needs a text of 1 to 4096 bytes.")
      }
      patterns.append(pattern)
    }
    for text in hex {
      guard let pattern = BytesPattern(hexadecimal: text) else {
        throw ValidationError("'\(EscapedText(text.utf8))' is not a row of bytes such as 'de ad ?? ef'.")
      }
      patterns.append(pattern)
    }
    if patterns.isEmpty { patterns = Patterns.standard }
    return word ? patterns.map { $0.wholeWord ?? $0 } : patterns
  }

  private func listPatterns() throws {
    var table = Table([("PATTERN", .left), ("FINDS", .left)])
    for pattern in Patterns.all { table.add([pattern.name, pattern.summary]) }
    var output = StandardOutput()
    try output.write(table.text)
    try output.flush()
  }

  /// What happened to the sources.
  private struct Outcome {
    /// One could not be read.
    var failed = false
    /// The signal that ended it, if one did.
    var signal: Int32?
    /// Something was read from a process that ran again, because the pause was over.
    var isOutOfTime = false
    /// A process was left with a child that has ended.
    var leavesChild = false

    mutating func add(_ capture: Capture) {
      isOutOfTime = isOutOfTime || !capture.readLive.isEmpty
      leavesChild = !capture.end() || leavesChild
    }
  }

  /// Looks at source after source; one that cannot be read does not stop the others.
  private func perform(
    _ report: ScanReport,
    _ scan: (any MemorySource, [Range<Address>], _ number: Int, ScanControl) throws(MemDumpError) -> Scan.Summary
  ) throws -> Outcome {
    var outcome = Outcome()
    for (number, word) in sources.enumerated() {
      do throws(MemDumpError) {
        let argument = try SourceArgument(word)
        let control = ScanControl()
        let (source, ranges) = try argument.open(
          base: base, selectors: region, all: all, mode: mode, budget: maxPause.nanoseconds, control: control)
        report.add(source, word: word)
        let total = source.isSequential ? nil : ranges.reduce(0) { $0 + $1.byteCount }
        let (summary, signal) = try Progress.watch(control, totalByteCount: total) { () throws(MemDumpError) in
          try scan(source, ranges, number, control)
        }
        report.add(summary)
        if let capture = source as? Capture { outcome.add(capture) }
        outcome.signal = signal
        if signal != nil { return outcome }
        if case .process(let process) = argument, mode == .live { try process.checkIdentity() }
      } catch {
        guard !error.isBrokenPipe else { throw BrokenPipe() }
        guard sources.count > 1 else { throw error }
        StandardError.write("memdump: \(error)")
        outcome.failed = true
        report.skip(upTo: number + 1)
      }
    }
    return outcome
  }
}
