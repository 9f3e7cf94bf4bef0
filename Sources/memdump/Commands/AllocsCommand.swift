import ArgumentParser
import MemDump

/// `memdump allocs PROCESS`: who allocates what grows.
struct AllocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocs",
    abstract: "Tell who allocates what grows in a process: the calls whose blocks stay. Never pauses it.",
    discussion: """
      In bursts of some 20 ms, every block that is handed out and taken back is seen, with the stack of the call, by breakpoint \
      registers that the kernel sets and takes away. Nothing of the process's memory is changed, and there is no ptrace.

      SURVIVE tells how many of the blocks of a path outlived their burst, and were in use at the end. A call is named as what \
      makes the growth only where blocks of that size grew between two walks over the heap, and at least half of those \
      that stay come from it. Where no heap is walked, survivors are told, and not what grows.

      Each interruption costs the process some 15 µs, measured at the start: --budget is how much of a processor that may \
      come to. The kernel ends a burst by itself when its part is used up. Longer is surer: a leak of one block a second is \
      hardly met by 5 s.

      Nobody frees the objects of Go: of those that were seen handed out, the collections tell which stay, two of which have to \
      come after an object. Allow time for several.

      malloc does not see the objects of Python and Java, nor memory that a program maps for itself. Page faults show who \
      extends memory; that is a hint, and no proof.

      Examples:
        memdump allocs nginx --newest
        memdump allocs 21610 --size 1040 --for 30s
        memdump allocs 21610 --pprof allocs.pb.gz
      """)

  @OptionGroup var process: TargetArgument

  @Option(
    help: ArgumentHelp(
      "Look at blocks of this size only: what a chunk takes, as `memdump heap` and `watch` tell; of a heap that is not "
        + "walked, the bytes asked for.", valueName: "bytes"))
  var size: Count?

  @Option(name: .customLong("for"), help: ArgumentHelp("How long to watch.", valueName: "time"))
  var duration = TimeSpan(seconds: 5)

  @Option(
    help: ArgumentHelp("How much of one processor the process may spend on it: 0.1% to 50%.", valueName: "share"))
  var budget = Share(thousandths: 10)

  @Option(help: ArgumentHelp("Print this many paths at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Option(help: ArgumentHelp("Print so many calls of a path at most; 0 for all.", valueName: "count"))
  var depth: RowLimit = 8

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (.milliseconds(100)...(.seconds(3600))).contains(duration.duration) else {
      throw ValidationError("--for is 100ms to 1h.")
    }
  }

  func run() throws {
    let files = try profiles.create()
    let target = try process.open()
    let watch = AllocationWatch(
      time: duration.duration, budgetThousandths: budget.thousandths, size: size?.number)
    let control = WorkControl()
    let (summary, signal) = try Progress.watch(control, verb: nil) { () throws(MemDumpError) in
      try watch.run(target, control: control)
    }
    let report = AllocationReport(
      summary, size: size?.number, budget: budget.thousandths, limit: top.count, depth: depth.count)
    try files.finish(with: summary.profile)
    try report.print(as: output.form)
    try ExitStatus(signal: signal, hasFound: summary.hasFound).leave()
  }
}
