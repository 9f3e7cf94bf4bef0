import ArgumentParser
import MemDump
import SystemPackage

/// `memdump watch PID…`: what grows in a process that runs.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract:
      "Look at processes again and again, and tell what grows, how fast, and what it is made of. Each look pauses a process "
      + "(stop or snapshot) for 500 ms at most.",
    usage: "memdump watch <process> ... [<options>]",
    discussion: """
      Each look prints a line. Only counts are kept, and nothing goes to disk. The verdict compares the last look with the \
      first one, as `memdump diff` does. With three looks or more, only what grew in both halves of the time counts: what \
      fills up when a program starts does not, nor does what grew once. Of a heap of Go, what survived a collection counts: \
      watch for several of them, and look at `memdump goroutines --every` too. Of a program of CPython types count, and who holds \
      their objects is told.

      --trigger takes a dump of all memory, as `memdump dump --all` in the same mode, and ends the watch of that process. It \
      is an amount (heap>500M, rss>2G, swap>0) or a rise (rss>+5M/s, heap>+1G/h) on average over the time between two looks. \
      heap is what malloc has in use, or the size of [heap] where no heap is walked, and is measured at each look. rss \
      and swap are read every second, without a stop.

      Where chunks of malloc or objects of Go grow, the watch ends with a look at who allocates them, as `memdump allocs` does: 5 s, in which the \
      process may spend 1 % of a processor on it. --no-allocs leaves that out.

      --pprof and --folded have the growth of each size: below the call that allocates it, where that was seen, else below what \
      holds it. Where nothing grows they are not written.

      The exit status is 0 when something grows, and 1 when nothing does.

      Examples:
        memdump watch nginx --children --every 30s --for 10m
        memdump watch 21610 --for 8h --trigger 'rss>2G' --dump-to /var/tmp
        memdump watch 21610 --pprof growth.pb.gz && go tool pprof -top growth.pb.gz
      """)

  @OptionGroup var processes: TargetArguments

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
      "The directory for the dumps of --trigger: memdump-PID-SECONDS-RANDOM.core.", valueName: "directory"),
    completion: .directory)
  var dumpTo: String?

  @Flag(help: "Do not look who allocates what grows, at the end.")
  var noAllocs = false

  @Option(help: ArgumentHelp("Print this many rows of each kind at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if count != nil, duration != nil { throw ValidationError("--count and --for exclude each other.") }
    if let count, count < 2 { throw ValidationError("Growth takes two looks: --count is 2 or more.") }
    if let duration, duration.duration < every.duration {
      throw ValidationError("Growth takes two looks: --for is no shorter than --every.")
    }
    if (trigger == nil) != (dumpTo == nil) {
      throw ValidationError("--trigger and --dump-to need each other: a dump goes to that directory.")
    }
  }

  func run() throws {
    let files = try profiles.create()
    let (targets, hasFailed) = try processes.open(opensFiles: !pause.noFiles)
    let watch = try watch()
    let control = WorkControl()
    let printer = LookPrinter(hasSeveral: targets.count > 1, format: output.form)
    let (results, signal) = try Progress.watch(control, verb: nil) {
      let verdicts = try watch.run(targets, control: control) { target, event in try printer.print(event, of: target) }
      return verdicts.map { ($0, GrowthAllocations(of: $0, isWanted: !noAllocs, control)) }
    }
    let verdicts = results.map(\.0)
    try write(results, to: files)
    for (verdict, allocations) in results {
      try VerdictReport(verdict, limit: top.count, allocations: allocations).print(as: output.form)
    }
    try ExitStatus(
      signal: signal, isVerified: verdicts.allSatisfy { $0.isVerified || $0.hasEnded },
      hasFailed: hasFailed || verdicts.contains { !$0.errors.isEmpty },
      fitsPause: verdicts.allSatisfy(\.fitsPause), hasFound: verdicts.contains(where: \.isGrowing)
    ).leave()
  }

  /// Writes the profile of what grows to files, where something does.
  private func write(
    _ results: [(WatchVerdict, GrowthAllocations?)], to files: [ProfileFile]
  ) throws(MemDumpError) {
    let growing = results.map { (verdict: $0.0, allocations: $0.1?.summary) }
    if growing.contains(where: { !$0.verdict.profiledRows.isEmpty }) {
      try files.finish(with: Profile(of: growing))
    } else {
      files.noteAbsence()
    }
  }

  private func watch() throws(MemDumpError) -> Watch {
    var watch = Watch(
      every: every.duration, end: duration.map { .elapsed($0.duration) } ?? .looks(count ?? 3),
      mode: pause.chosenMode,
      budget: pause.budget)
    (watch.minimumGrowth, watch.threads) = (minGrowth?.byteCount, min(Syscall.processorCount, 8))
    if let trigger, let dumpTo { watch.dump = try Watch.TriggeredDump(trigger, into: FilePath(dumpTo)) }
    return watch
  }
}
