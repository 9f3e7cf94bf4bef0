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

      With --dups, of one source, a row is a text that stands in several blocks of the heap, ranked by what the blocks take: \
      what it costs to keep the same text again and again. A process pauses (stop or snapshot) for that, unless --mode live.

      Examples:
        memdump strings 21610 --template --top 20
        memdump strings 21610 --dups -n 8
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

  @Flag(help: "Show texts that stand in several blocks of the heap, ranked by the bytes of the blocks.")
  var dups = false

  @OptionGroup var options: ScanOptions

  func validate() throws {
    guard (1...1_000_000).contains(minLength) else {
      throw ValidationError("--min-length is a number from 1 to 1000000.")
    }
    try options.validate(words: sources)
    if dups, template || options.each { throw ValidationError("--dups excludes --template and --each.") }
    if dups, options.all || !options.region.isEmpty || !options.regions.filter.isOpen {
      throw ValidationError("--dups is for blocks of the heap: it excludes options that select regions.")
    }
    if template, options.each { throw ValidationError("--template and --each exclude each other.") }
  }

  func run() throws {
    let sources = try options.sources(sources)
    if dups { return try printDuplicates(in: sources) }
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

  /// Prints the texts that stand in several blocks of the heap of the one source.
  private func printDuplicates(in sources: [SourceWord]) throws {
    guard sources.count == 1, let source = sources.first else { throw ValidationError("--dups takes one source.") }
    let argument = try source.argument.get()
    if case .standardInput = argument { throw MemDumpError.notSeekable }
    let opened = try argument.open(base: options.base) { (process) throws(MemDumpError) in
      try ProcessLook.atHeap(of: process, mode: options.pause.givenMode, budget: options.pause.budget)
    }
    let (memory, process) = (opened.source, opened.look?.target)
    let (encoding, shortest) = (encoding, minLength)
    let control = WorkControl()
    let (found, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      let heaps = try HeapWalk(memory, control: control).run()
      let texts = try DuplicateTexts(
        in: memory, heaps: heaps,
        strings: Strings(encoding: encoding, shortest: shortest, threads: options.threadCount),
        limit: options.top.count, minimumCount: max(2, options.minCount.number), memory: options.memory.byteCount,
        control: control)
      return (heaps, texts)
    }
    let others = try found.0.isEmpty ? Allocators.others(than: found.0, in: memory, process: process) : []
    let proof = try opened.end(early: control.isStopped)
    let word = options.base == nil ? source.word : nil
    try DuplicateReport(texts: found.1, heaps: found.0, others: others, proof: proof, source: word)
      .print(as: options.output.form)
    try ExitStatus(signal: signal, looks: [proof], hasFound: !found.1.rows.isEmpty).leave()
  }
}
