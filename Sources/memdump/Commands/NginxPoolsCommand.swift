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

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let started = Syscall.monotonicTime
    let argument = try SourceArgument(source, opensFiles: !look.pause.noFiles)
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
    .print(as: OutputFormat(json: json, display: display))
    try ExitStatus(signal: signal, looks: [proof], hasFound: !result.list.pools.isEmpty).leave()
  }
}
