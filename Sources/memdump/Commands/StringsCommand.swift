import ArgumentParser
import MemDump

/// `memdump strings SOURCE…`: printable texts in dumps, standard input or a live process.
struct StringsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strings",
    abstract:
      "Find printable texts in live processes, dumps, cores or standard input, and count them or their templates.",
    usage: "memdump strings <source> ... [<options>]",
    discussion: """
      \(SourceArgument.rule) - is standard input.

      A text is a longest run of printable characters. It may go on over adjacent regions. Of a text longer than \
      \(Strings.longestText) bytes memdump keeps and compares that much, and counts its bytes to the end. Tables show 200 \
      characters, --each and --json all that is kept.

      Encodings, of which a run has one:
        ascii  space to ~ and tab, as in strings(1)
        utf8  these, and every well-formed visible character of UTF-8
        utf16  the characters of ascii in two bytes, low byte first, at even and odd addresses

      With --template, texts that differ in numbers only are one row, ranked by the bytes of all of them. A run of decimal \
      digits is #. A UUID, or a run of eight or more hexadecimal digits with a decimal digit and a letter among them, is H. \
      `event-17 user=4` is `event-# user=#`. SHARE is the part of all bytes of texts.

      Examples:
        memdump strings 21610 --template --top 20
        memdump strings core.21610 -n 8 -e utf16
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var sources: [String] = []

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp("How many characters a text has at least.", valueName: "count"))
  var minLength = 4

  @Option(name: .shortAndLong, help: ArgumentHelp("How texts are encoded.", valueName: "name"))
  var encoding = TextEncoding.ascii

  @Flag(help: "Count templates in place of texts, ranked by bytes.")
  var template = false

  @OptionGroup var options: ScanOptions

  func validate() throws {
    guard (1...1_000_000).contains(minLength) else {
      throw ValidationError("--min-length is a number from 1 to 1000000.")
    }
    try options.validate(words: sources)
    if template, options.each { throw ValidationError("--template and --each exclude each other.") }
  }

  func run() throws {
    let sources = try options.sources(sources)
    let report = ScanReport(
      kinds: [ScanReport.Kind(name: encoding.rawValue)], hasSeveralSources: sources.count > 1,
      nextSource: encoding == .ascii ? options.nextSource(sources) : nil, format: options.output.form)
    func strings(_ threads: Int) -> Strings { Strings(encoding: encoding, shortest: minLength, threads: threads) }
    let pass = SourcePass(sources: sources, options: options, report: report)
    if options.each {
      var printer = TextPrinter(report: report)
      try printer.begin()
      try pass.run { (work, control) throws(MemDumpError) in
        try strings(work.threads).run(
          work.source, ranges: work.ranges, number: work.number, into: &printer, control: control)
      } finish: {
        try printer.finish()
      }
    } else {
      let tally = Tally(grouping: template ? .template : .text, limit: options.memory.byteCount)
      try pass.count(into: tally) { (work, shared, control) throws(MemDumpError) in
        try strings(work.threads).count(
          work.source, ranges: work.ranges, number: work.number, into: shared, control: control)
      } print: { tally in
        try report.writeTexts(tally, limit: options.top.count, minimumCount: options.minCount.number)
      }
    }
  }
}
