import ArgumentParser
import MemDump

/// `memdump goroutines SOURCE`: what the goroutines of a Go program are doing.
struct GoroutinesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goroutines",
    abstract:
      "Show what the goroutines of a Go process or core are doing, those with the same stack counted together. Never pauses "
      + "a process unless --mode says so.",
    usage: "memdump goroutines <source> [<options>]",
    discussion: """
      \(SourceArgument.rule)

      It needs no port, no symbols and no debug information: Go 1.16 and later, stripped or not, with cgo or without, on x86-64. \
      Each goroutine is read twice, so that its stack is of one instant; the process runs on. Of one that runs, the stack is known \
      with --mode stop.

      A time tells how long the longest of a group has waited at least: a collector notes when it first finds a goroutine \
      waiting. Where none ran since, there is no time.

      The runtime's own goroutines are left out, as runtime.NumGoroutine does; --all shows them.

      --every looks again, and tells the stacks of which there are more goroutines. With three looks or more, only what grew in \
      both halves of the time counts. The exit status is 1 where nothing grew.

      Examples:
        memdump goroutines prometheus
        memdump goroutines 21610 --by function
        memdump goroutines 21610 --every 10s --count 3
        memdump goroutines core.21610 --pprof goroutines.pb.gz
      """)

  /// What is counted together.
  enum Grouping: String, CaseIterable, ExpressibleByArgument { case stack, function }

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var processes: ProcessOptions

  @OptionGroup var pause: PauseOptions<LiveByDefault>

  @Option(help: ArgumentHelp("What is counted together.", valueName: "what"))
  var by = Grouping.stack

  @Flag(help: "Show the runtime's own goroutines, too.")
  var all = false

  @Option(help: ArgumentHelp("Look again after so long, and tell what grew.", valueName: "time"))
  var every: TimeSpan?

  @Option(help: ArgumentHelp("With --every, how many looks there are. Default: 2.", valueName: "count"))
  var count: Int?

  @Option(help: ArgumentHelp("With --every, how many more goroutines count as growth.", valueName: "count"))
  var minGrowth: Count = 10

  @Option(help: ArgumentHelp("Print this many stacks or functions at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 20

  @Option(help: ArgumentHelp("Print so many frames of a stack at most; 0 for all.", valueName: "count"))
  var depth: RowLimit = 64

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if count != nil, every == nil { throw ValidationError("--count is for --every.") }
    if let count, count < 2 { throw ValidationError("Growth takes two looks: --count is 2 or more.") }
    if every != nil, by == .function {
      throw ValidationError("--every tells what grew by stack: leave out --by function.")
    }
  }

  func run() throws {
    let files = try profiles.create()
    let argument = try SourceArgument.all(source, query: processes.query, opensFiles: !pause.noFiles)[0]
    try processes.check([source], [argument])
    Confinement.enter(unlessProcessIn: [argument], writing: files)
    if case .standardInput = argument { throw MemDumpError.notSeekable }
    if every != nil, !argument.isProcess {
      throw ValidationError("--every is for a process, and '\(EscapedText(source.utf8))' is none.")
    }
    let control = WorkControl()
    var looks: [GoroutineReport.Look] = []
    let (_, signal) = try Progress.watch(control, verb: nil) { () throws(MemDumpError) in
      looks.append(try look(at: argument, control))
      guard let every else { return }
      for _ in 1..<(count ?? 2) {
        guard control.wait(every.duration) else { break }
        looks.append(try look(at: argument, control))
      }
    }
    let report = GoroutineReport(
      looks: looks, by: by, withSystem: all, isGrowth: every != nil, minimum: minGrowth.number, limit: top.count,
      depth: depth.count)
    if let list = report.list { try files.finish(with: list.profile(withSystem: all)) } else { files.noteAbsence() }
    try report.print(as: output.form)
    try ExitStatus(signal: signal, looks: looks.map(\.proof), hasFound: report.hasFound).leave()
  }

  private func look(at argument: SourceArgument, _ control: WorkControl) throws(MemDumpError) -> GoroutineReport.Look {
    let opened = try argument.open(base: base, control: control) { (process) throws(MemDumpError) in
      if let problem = process.problem { throw problem }
      return try pause.look(at: process, withRegisters: pause.chosenMode != .live)
    }
    opened.tellMissing(of: argument)
    guard opened.source.hasAddresses else { throw .noAddresses(source) }
    let search = GoroutineSearch(
      opened.source, process: opened.look?.target, instant: opened.look.map { _ in Syscall.monotonicTime },
      control: control)
    let result = try search.run()
    return GoroutineReport.Look(result: result, proof: try opened.end(early: control.isStopped))
  }
}
