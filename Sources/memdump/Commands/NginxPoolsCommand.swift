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

      Example:
        memdump nginx-pools nginx --children --newest
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many pools at most, the largest first; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var output: OutputOptions

  func run() throws {
    let started = Syscall.monotonicTime
    let argument = try look.argument(source)
    let search = PoolSearch(NginxPools())
    let control = WorkControl()
    let ((result, proof), signal) = try Progress.watch(control) { () throws(MemDumpError) in
      let opened = try argument.open(base: look.base, control: control) { (process) throws(MemDumpError) in
        try look.pause.look(at: process) { OwnWriting.withSharedMemory.ranges(in: $0) }
      }
      let result = try search.run(opened.source, ranges: opened.ranges, named: source, control: control)
      return (result, try opened.end(early: control.isStopped))
    }
    let elapsed = Syscall.monotonicTime - started
    try PoolReport(
      result, proof, kind: search.kind, limit: top.count, elapsed: elapsed, source: look.nextSource(source)
    )
    .print(as: output.form)
    try ExitStatus(signal: signal, looks: [proof], hasFound: !result.list.pools.isEmpty).leave()
  }
}
