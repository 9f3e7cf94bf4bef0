import ArgumentParser
import MemDump

/// `memdump stacks SOURCE`: what the threads of a process are doing.
struct StacksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stacks",
    abstract: """
      Show the stack of every thread of a process or a core; threads with the same one are counted. Pauses a process (stop) \
      for 500 ms at most.
      """,
    usage: "memdump stacks <source> [<options>]",
    discussion: """
      \(SourceArgument.rule) A raw dump has no registers, and so no stacks.

      A process stands still while registers and the used part of each stack \
      are copied, up to 256 KiB a thread, and the frames of Python; all else is done afterwards.

      Frames are found by the call frame information that programs have for exceptions (.eh_frame), and by frame pointers \
      where code has none, as that made at run time (x86_64). Where a stack cannot be followed to its end, that is said. \
      Files and lines, and calls that were inlined, come from debug information (DWARF), of the module or of a file in \
      /usr/lib/debug. In a Python program, the calls of Python stand before the frame of the interpreter that is at work on \
      them, with file and line.

      Examples:
        memdump stacks nginx --newest
        memdump stacks core.21610 --depth 0
        memdump stacks 21610 --folded threads.folded
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print so many frames of a stack at most; 0 for all.", valueName: "count"))
  var depth: RowLimit = 64

  @OptionGroup var profiles: ProfileOptions

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let files = try profiles.create()
    var python: PythonCalls?
    let opened = try look.open(source, writing: files) { (process) throws(MemDumpError) in
      if let problem = process.problem { throw problem }
      let map = try process.regions(usage: false)
      let live = try LiveMemory(process, regions: map)
      python = try PythonCalls(live, constants: live)
      return try look.pause.lookAtStacks(of: process, and: python, map: map)
    }
    guard let registers = opened.source.registers else { throw MemDumpError.noRegisters(source) }
    let process = opened.look?.target
    var unwinder = try StackUnwinder(opened.source, process: process)
    var stacks: [ThreadStack] = []
    for thread in registers { stacks.append(try unwinder.stack(of: thread)) }
    var names = StackNames(opened.source, process: process)
    if process == nil { python = try PythonCalls(opened.source, constants: opened.source) }
    try python?.add(to: &stacks, registers, at: opened.source, &names)
    let memory: any MemorySource = if let process { try LiveMemory(process) } else { opened.source }
    let report = StacksReport(
      stacks: stacks, names: names, pythonProblem: python?.problem?.text,
      hasGoroutines: try GoroutineSearch(memory, process: process, instant: nil).isThere(),
      source: look.nextSource(source),
      threadNames: process.map { process in { process.name(ofThread: $0) } }, depth: depth.count,
      proof: try opened.end())
    try files.finish(with: Profile(of: stacks, in: opened.source, process: process))
    try report.print(as: OutputFormat(json: json, display: display))
    try ExitStatus(looks: [report.proof], hasFound: !stacks.isEmpty).leave()
  }
}
