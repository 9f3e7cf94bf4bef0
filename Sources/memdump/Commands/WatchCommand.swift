import ArgumentParser
import MemDump
import SystemPackage

/// `memdump watch PID…`: what grows in a process that runs.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract:
      "Look at a process again and again with short stops, and tell what grows, how fast, and what it is made of.",
    discussion: """
      Of each look a line is printed and only counts are kept; nothing goes to disk. The verdict compares the last look with \
      the first one, as `memdump diff` does. With three looks or more, only what grew in both halves of the time counts as \
      growing: what fills up when a program starts does not, nor does what grew once.

      --trigger takes a dump of all memory, as `memdump dump --all` in the same mode, and ends the watch of that process. It \
      is an amount (heap>500M, rss>2G, swap>0) or a rise (rss>+5M/s, heap>+1G/h) on average over the time between two looks. \
      heap is what malloc has in use, or the size of [heap] where the heap is not glibc's, and is measured at each look; rss \
      and swap are read every second, without a stop.

      The exit status is 0 when something grows, and 1 when nothing does.
      """)

  @Argument(help: ArgumentHelp("The processes, by their numbers.", valueName: "pid"))
  var words: [String]

  @Option(help: ArgumentHelp("How much time is between two looks.", valueName: "time"))
  var every = TimeSpan(seconds: 6)

  @Option(help: ArgumentHelp("How many looks there are. Default: 3.", valueName: "count"))
  var count: Int?

  @Option(name: .customLong("for"), help: ArgumentHelp("How long to watch, in place of --count.", valueName: "time"))
  var duration: TimeSpan?

  @OptionGroup var pause: PauseOptions<ChosenByDefault>

  @Option(help: ArgumentHelp("What counts as growth. Default: 64K and 1 % of its kind.", valueName: "size"))
  var minGrowth: ByteSize?

  @Option(
    help: ArgumentHelp("Take a dump when this comes true, such as 'heap>500M' or 'rss>+5M/s'.", valueName: "condition"),
    transform: parseTrigger)
  var trigger: Trigger?

  @Option(
    help: ArgumentHelp(
      "The directory for the dumps of --trigger: memdump-PID-SECONDS-RANDOM.core.", valueName: "directory"))
  var dumpTo: String?

  @Option(help: ArgumentHelp("Print this many rows of each kind at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if count != nil, duration != nil { throw ValidationError("--count and --for exclude each other.") }
    if let count, count < 2 { throw ValidationError("Growth takes two looks: --count is 2 or more.") }
    if let duration, duration.nanoseconds < every.nanoseconds {
      throw ValidationError("Growth takes two looks: --for is no shorter than --every.")
    }
    if (trigger == nil) != (dumpTo == nil) {
      throw ValidationError("--trigger and --dump-to need each other: a dump goes to that directory.")
    }
    if Set(words).count < words.count { throw ValidationError("A process is given twice.") }
  }

  func run() throws {
    var targets: [TargetProcess] = []
    var failures: [MemDumpError] = []
    for word in words {
      do throws(MemDumpError) { targets.append(try TargetProcess(word: word, opensFiles: !pause.noFiles)) } catch {
        failures.append(error)
      }
    }
    if targets.isEmpty, failures.count == 1 { throw failures[0] }
    for error in failures { StandardError.write("memdump: \(error)") }

    let watch = try watch()
    let control = WorkControl()
    let printer = LookPrinter(hasSeveral: words.count > 1, format: OutputFormat(json: json, display: display))
    let (verdicts, signal) = try Progress.watch(control, verb: nil) {
      try watch.run(targets, control: control) { target, event in try printer.print(event, of: target) }
    }
    for verdict in verdicts {
      try VerdictReport(verdict, limit: top.count).print(as: OutputFormat(json: json, display: display))
    }
    try ExitStatus(
      signal: signal, isVerified: verdicts.allSatisfy { $0.isVerified || $0.hasEnded },
      hasFailed: !failures.isEmpty || verdicts.contains { !$0.errors.isEmpty },
      fitsPause: verdicts.allSatisfy(\.fitsPause), hasFound: verdicts.contains(where: \.isGrowing)
    ).leave()
  }

  private func watch() throws(MemDumpError) -> Watch {
    var watch = Watch(
      every: every.nanoseconds, end: duration.map { .elapsed($0.nanoseconds) } ?? .looks(count ?? 3),
      mode: pause.chosenMode,
      budget: pause.maxPause.nanoseconds)
    (watch.minimumGrowth, watch.threads) = (minGrowth?.byteCount, min(Syscall.processorCount, 8))
    if let trigger, let dumpTo { watch.dump = try Watch.TriggeredDump(trigger, into: FilePath(dumpTo)) }
    return watch
  }
}
