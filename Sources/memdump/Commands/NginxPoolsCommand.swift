import ArgumentParser
import MemDump

/// `memdump nginx-pools SOURCE`: the memory pools of nginx.
struct NginxPoolsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nginx-pools",
    abstract:
      "Show the memory pools of nginx: blocks, bytes, and what was emptied but is never used again. Pauses a process (stop "
      + "or snapshot) for 500 ms at most.",
    usage: "memdump nginx-pools <source> [<options>]",
    discussion: """
      \(SourceArgument.rule) memdump finds pools by their shape (ngx_pool_t) and needs no symbols.

      Roles, by the first thing that nginx puts in a pool: cycle (the configuration), connection, request. other is that of \
      a module, or of anything else.

      EMPTIED is what lies in blocks that hold nothing, and that stand before the block where the pool looks for room: \
      memory that it keeps and will not use again.

      --every looks at a process twice, and tells which pools grew in between, and of which role there are more. A cycle pool \
      must not grow while nginx serves.

      Examples:
        memdump nginx-pools nginx --children --newest
        memdump nginx-pools 26039 --every 3s
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many pools at most, the largest first; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Option(help: ArgumentHelp("Look a second time after so long, and tell what grew.", valueName: "time"))
  var every: TimeSpan?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let started = Syscall.monotonicTime
    let argument = try look.argument(source)
    let search = PoolSearch(NginxPools())
    if every != nil, !argument.isProcess {
      throw ValidationError("--every is for a process, and '\(EscapedText(source.utf8))' is none.")
    }
    let control = WorkControl()
    var found: [Found] = []
    let (_, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      found.append(try look(at: argument, search, control))
      if let every, Self.wait(every.duration, control) { found.append(try look(at: argument, search, control)) }
    }
    let elapsed = Syscall.monotonicTime - started
    try PoolReport(
      found.map(\.result), found.map(\.proof), kind: search.kind, limit: top.count, elapsed: elapsed,
      source: look.nextSource(source)
    )
    .print(as: output.form)
    try ExitStatus(
      signal: signal, looks: found.map(\.proof), hasFound: found.contains { !$0.result.list.pools.isEmpty }
    ).leave()
  }

  private typealias Found = (result: PoolSearch.Result, proof: LookProof?)

  private func look(
    at argument: SourceArgument, _ search: PoolSearch, _ control: WorkControl
  ) throws(MemDumpError) -> Found {
    let opened = try argument.open(base: look.base, control: control) { (process) throws(MemDumpError) in
      try look.pause.look(at: process) { OwnWriting.withSharedMemory.ranges(in: $0) }
    }
    let result = try search.run(opened.source, ranges: opened.ranges, named: source, control: control)
    return (result, try opened.end(early: control.isStopped))
  }

  /// Waits; false where the work is told to end meanwhile.
  private static func wait(_ time: Duration, _ control: WorkControl) -> Bool {
    let end = Syscall.monotonicTime &+ time.nanosecondCount
    while !control.isStopped, Syscall.monotonicTime < end {
      Syscall.sleep(nanoseconds: min(end - Syscall.monotonicTime, 100_000_000))
    }
    return !control.isStopped
  }
}
