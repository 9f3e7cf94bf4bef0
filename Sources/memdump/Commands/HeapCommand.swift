import ArgumentParser
import MemDump

/// `memdump heap SOURCE`: the malloc heap by the size of its chunks.
struct HeapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heap",
    abstract: "Show what the malloc heap of a process, dump or core is made of, by the size of its chunks.",
    discussion: """
      SOURCE is what `memdump scan --help` says, but for standard input. The heap is that of glibc 2.31 to 2.41; whose it is \
      otherwise is said, and it is not walked. A size counts the header of a chunk: malloc(1024) makes one of 1040 bytes.

      A process stands still while its memory is copied; --mode live reads it as it runs, and the walk may break where it \
      was at work. A dump of [heap] alone holds no list of fastbins: what is free in them counts as in use.
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"))
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many sizes at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 30

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let opened = try look.open(source) { (process) throws(MemDumpError) in try look.pause.lookAtHeap(of: process) }
    let (memory, process) = (opened.source, opened.look?.target)
    let heap = try HeapWalk(memory).run()
    let samples = try heap?.samples(in: memory, limit: top.count, process: process) ?? []
    let others = try Allocators.others(than: heap, in: memory, process: process)
    let proof = try opened.end()
    let report = HeapReport(
      heap: heap, proof: proof, samples: samples, others: others, limit: top.count, source: look.nextSource(source))
    try report.print(as: OutputFormat(json: json, display: display))
    try ExitStatus(looks: [proof], hasFound: heap != nil).leave()
  }
}
