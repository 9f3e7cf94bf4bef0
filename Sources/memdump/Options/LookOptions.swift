import ArgumentParser
import MemDump

/// The options for a look at a process of which a consistent picture is needed.
struct LookOptions: ParsableArguments {
  @OptionGroup var pause: PauseOptions

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  /// Opens a source; `look` is nil for a file. With `forHeapAlone`, a process without a heap is not stopped.
  func open(_ word: String, forHeapAlone: Bool = false, withRegisters: Bool = false) throws(MemDumpError) -> (
    source: any MemorySource, look: ProcessLook?
  ) {
    switch try SourceArgument(word) {
    case .process(let process):
      let budget = pause.maxPause.nanoseconds
      let look =
        forHeapAlone
        ? try ProcessLook.atHeap(of: process, mode: pause.mode, budget: budget, withRegisters: withRegisters)
        : try ProcessLook(process, mode: pause.mode, budget: budget, withRegisters: withRegisters)
      return (look.source, look)
    case .file(let path): return (try MemoryFile.open(path, base: base), nil)
    case .standardInput: throw .notSeekable
    }
  }
}
