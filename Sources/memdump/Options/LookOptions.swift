import ArgumentParser
import MemDump

/// How a command looks at a process that it needs a consistent picture of.
struct LookOptions: ParsableArguments {
  @OptionGroup var pause: PauseOptions

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  /// Opens a source. Of a process, `look` is how it was looked at; one is not stopped for a heap that it has not.
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
