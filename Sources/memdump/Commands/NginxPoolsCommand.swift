import ArgumentParser
import MemDump

/// `memdump nginx-pools SOURCE`: the memory pools of nginx.
struct NginxPoolsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nginx-pools",
    abstract: "Show the memory pools of nginx: blocks, bytes, and what was emptied but is never used again.",
    discussion: """
      SOURCE is a process (a number; ./1234 is a file of that name), a raw dump with its manifest or with --base, or an ELF \
      core. Pools are found by their shape (ngx_pool_t); no symbols are needed.

      Roles, by the first thing that nginx puts in a pool: cycle (the configuration), connection, request; other is that of \
      a module, or of anything else.

      EMPTIED is what lies in blocks that hold nothing, and that stand before the block where the pool looks for room: \
      memory that it keeps and will not use again.
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"))
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many pools at most, the largest first; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Flag(help: "Print JSON Lines.")
  var json = false

  func run() throws {
    let started = Syscall.monotonicTime
    let argument = try SourceArgument(source)
    let search = PoolSearch(NginxPools())
    let control = ScanControl()
    let (result, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      if case .process(let target) = argument {
        return try search.run(
          target, mode: look.pause.mode, budget: look.pause.maxPause.nanoseconds, control: control)
      }
      let (memory, ranges) = try argument.open(
        base: look.base, selectors: [], all: false, mode: .live, budget: 0, control: control)
      return try search.run(memory, ranges: ranges, named: source, control: control)
    }
    let elapsed = Syscall.monotonicTime - started
    try PoolReport(result, owner: search.owner, limit: top.count, elapsed: elapsed).print(as: OutputFormat(json: json))
    if let signal { throw ExitCode(128 + signal) }
    if !result.isVerified { try ExitStatus.unverified.leave() }
    if result.readLiveByteCount > 0 { try ExitStatus.budgetExhausted.leave() }
    if result.list.pools.isEmpty { try ExitStatus.nothingFound.leave() }
  }
}
