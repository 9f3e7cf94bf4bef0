import ArgumentParser
import MemDump

/// The options of commands that look for the pools of a program.
struct PoolOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many at most, the largest first; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Option(help: ArgumentHelp("Look a second time after so long, and tell what grew.", valueName: "time"))
  var every: TimeSpan?

  @OptionGroup var output: OutputOptions

  /// Looks for pools of a kind and prints them.
  ///
  /// - Parameters:
  ///   - kind: the kind of pools.
  ///   - asTree: whether all are printed, each below the one that it is in.
  func run(_ kind: any PoolKind, asTree: Bool = false) throws {
    let started = Syscall.monotonicTime
    let argument = try look.argument(source)
    let search = PoolSearch(kind)
    if every != nil, !argument.isProcess {
      throw ValidationError("--every is for a process, and '\(EscapedText(source.utf8))' is none.")
    }
    let control = WorkControl()
    var found: [Found] = []
    let (_, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      found.append(try look(at: argument, search, control))
      if let every, control.wait(every.duration) { found.append(try look(at: argument, search, control)) }
    }
    let elapsed = Syscall.monotonicTime - started
    try PoolReport(
      found.map(\.result), found.map(\.proof), kind: kind, limit: top.count, asTree: asTree, elapsed: elapsed,
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
    opened.tellMissing(of: argument)
    let result = try search.run(opened.source, ranges: opened.ranges, named: source, control: control)
    return (result, try opened.end(early: control.isStopped))
  }
}
