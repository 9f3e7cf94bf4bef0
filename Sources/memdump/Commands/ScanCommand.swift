import ArgumentParser
import MemDump
import SystemPackage

/// `memdump scan SOURCE…`: endpoints in dumps, standard input or a live process.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Find endpoints and other patterns in live processes, dumps, cores or standard input, and count them.",
    usage: "memdump scan <source> ... [<options>]",
    discussion: """
      \(SourceArgument.rule) - is standard input.

      Of a process, memdump scans what the process itself wrote (private writable and anonymous shared memory). Nothing goes \
      to disk, and the process runs on, unless --mode says otherwise. FIRST is the first address of a text.

      Patterns:
      \(Patterns.all.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n"))

      A list for --find-file has one thing to look for a line: a text as it stands, or hex: and bytes, or text: and a text that \
      begins like one of these words. name:NAME before hex: or text: says how it is reported. Lines that begin with # and \
      blank ones do not count.

      Examples:
        memdump scan 21610
        memdump scan 21610 --find-file secrets.txt --wide
        memdump scan heap.raw --find 'password=' --each --context 24
      """)

  @Argument(help: ArgumentHelp("What to scan.", valueName: "source"), completion: .sources)
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
      "Look for every text of this list, which may have thousands, in one pass; the form is told above. May be given several "
        + "times.", valueName: "list"),
    completion: .file())
  var findFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "Look for bytes such as 'de ad ?? ef'; ? is any digit. May be given several times.", valueName: "bytes"))
  var hex: [String] = []

  @Option(
    help: ArgumentHelp(
      "Look for this regular expression (PCRE2), byte for byte; may be given several times. ^ and $ are the borders of "
        + "lines. A match of more than 4096 bytes may be cut off.",
      valueName: "expression"))
  var regex: [String] = []

  @Flag(help: "With --find, --find-file and --regex, take letters in either case.")
  var ignoreCase = false

  @Flag(help: "Take no match with a letter or _ right next to it, where that is no part of the pattern anyway.")
  var word = false

  @Flag(help: "Look for text in UTF-16LE too, as Windows programs, Java and .NET hold it; not for sockaddr and --hex.")
  var wide = false

  @Flag(help: "List the patterns, with whether --word and --wide apply to them, and end.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "With --each, print so many bytes around each occurrence, too, up to \(Self.largestContext).", valueName: "count")
  )
  var context = 0

  @Flag(
    help: """
      Of processes: show how many connections they have open now to each endpoint that is found, in their own network \
      namespace.
      """)
  var sockets = false

  @OptionGroup var options: ScanOptions

  private static let largestContext = 65536

  func validate() throws {
    guard (0...Self.largestContext).contains(context) else {
      throw ValidationError("--context is a number from 0 to \(Self.largestContext).")
    }
    if context > 0, !options.each, !list { throw ValidationError("--context needs --each.") }
    if !list { try options.validate(words: sources) }
    if sockets, options.each { throw ValidationError("--sockets goes with counts, not with --each.") }
  }

  func run() throws {
    if list { return try PatternsReport().print(as: options.output.form) }
    let patterns = try patterns()
    let sources = try options.sources(sources, takesProcesses: sockets ? "--sockets" : nil)
    let report = ScanReport(
      kinds: patterns.map { ScanReport.Kind(name: $0.name, isWide: $0.isWide) }, hasExpressions: !regex.isEmpty,
      countsConnections: sockets, hasSeveralSources: sources.count > 1, nextSource: options.nextSource(sources),
      format: options.output.form)
    func scan(_ threads: Int) -> Scan { Scan(patterns: patterns, threads: threads, context: context) }
    let pass = SourcePass(sources: sources, options: options, report: report)
    if options.each {
      var printer = OccurrencePrinter(report: report)
      try printer.begin()
      try pass.run { (work, control) throws(MemDumpError) in
        try scan(work.threads).run(
          work.source, ranges: work.ranges, number: work.number, into: &printer, control: control)
      } finish: {
        try printer.finish()
      }
    } else {
      try pass.count(into: Tally(limit: options.memory.byteCount)) { (work, tally, control) throws(MemDumpError) in
        try scan(work.threads).count(
          work.source, ranges: work.ranges, number: work.number, into: tally, control: control)
      } print: { tally in
        try report.write(tally, limit: options.top.count, minimumCount: options.minCount.number)
      }
    }
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
      if wide, pattern.wide == nil {
        throw ValidationError("--find with --wide needs a text of at most 4096 bytes in UTF-16.")
      }
      patterns.append(pattern)
    }
    patterns += try listedPatterns()
    for text in hex {
      guard let pattern = BytesPattern(hexadecimal: text) else {
        throw ValidationError("'\(EscapedText(text.utf8))' is not a row of bytes such as 'de ad ?? ef'.")
      }
      patterns.append(pattern)
    }
    if wide, let expression = regex.first(where: RegexPattern.goesBeyondASCII) {
      throw ValidationError(
        "--wide knows letters of ASCII only in a regular expression, not '\(EscapedText(expression.utf8))'; "
          + "--find TEXT --wide finds any text.")
    }
    for expression in regex { patterns.append(try RegexPattern(expression, ignoringCase: ignoreCase)) }
    if patterns.isEmpty { patterns = Patterns.standard }
    if word { patterns = patterns.map { $0.wholeWord ?? $0 } }
    if wide { patterns += patterns.compactMap(\.wide) }
    guard patterns.count <= Scan.mostPatterns else {
      throw ValidationError("a scan looks for \(Scan.mostPatterns) things at most, those of --wide counted.")
    }
    return patterns
  }

  /// The patterns of all lists.
  private func listedPatterns() throws -> [any Pattern] {
    try findFile.flatMap { name in
      let list = try NeedleList(contentsOf: FilePath(name), ignoringCase: ignoreCase)
      if wide, let long = list.patterns.first(where: \.isTooLongForWide) {
        throw ValidationError(
          "--find-file with --wide needs texts of at most 4096 bytes in UTF-16, not '\(EscapedText(long.name.utf8.prefix(60)))'."
        )
      }
      return list.patterns
    }
  }
}
