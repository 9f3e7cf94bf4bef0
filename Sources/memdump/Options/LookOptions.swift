import ArgumentParser
import MemDump

/// How a command looks at a process that it needs a consistent picture of.
struct LookOptions: ParsableArguments {
  @Option(
    help:
      "Of a process. stop: it stands still for the time of a copy in memory; snapshot: for that of a fork; live: it runs on."
  )
  var mode: Dump.Mode = .stop

  @Option(
    help: ArgumentHelp(
      "In the modes stop and snapshot: how long the process may stand still at most.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 500)

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  /// Opens a source. Of a process, `look` is how it was looked at; one is not stopped for a heap that it has not.
  func open(_ word: String, forHeapAlone: Bool = false, withRegisters: Bool = false) throws(MemDumpError) -> (
    source: any MemorySource, look: ProcessLook?
  ) {
    switch try SourceArgument(word) {
    case .process(let process):
      let budget = maxPause.nanoseconds
      let look =
        forHeapAlone
        ? try ProcessLook.atHeap(of: process, mode: mode, budget: budget, withRegisters: withRegisters)
        : try ProcessLook(process, mode: mode, budget: budget, withRegisters: withRegisters)
      return (look.source, look)
    case .file(let path): return (try MemoryFile.open(path, base: base), nil)
    case .standardInput: throw .notSeekable
    }
  }
}
