import ArgumentParser
import MemDump

/// `memdump heap SOURCE`: the malloc heap by the size of its chunks.
struct HeapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heap",
    abstract:
      "Show what the malloc heap of a process, dump or core is made of, by the size of its chunks. Pauses a process (stop "
      + "or snapshot) for 500 ms at most.",
    usage: "memdump heap <source> [<options>]",
    discussion: """
      \(SourceArgument.rule)

      memdump walks the heap of glibc 2.31 to 2.41. It names other heaps, and does not walk them. A size counts the header \
      of a chunk: malloc(1024) makes one of 1040 bytes. SHARE is the part of all bytes in use.

      A process stands still while its memory is copied. --mode live reads it as it runs, and the walk may break where the \
      process is at work. A dump of [heap] alone has no list of fastbins: what is free in them counts as in use.

      Examples:
        memdump heap nginx --newest
        memdump heap 21610 --mode live --top 10
        memdump heap 21610 --pprof heap.pb.gz && go tool pprof -top heap.pb.gz
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many sizes at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 30

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let files = try profiles.create()
    let opened = try look.open(source, writing: !files.isEmpty) { (process) throws(MemDumpError) in
      try look.pause.lookAtHeap(of: process)
    }
    let (memory, process) = (opened.source, opened.look?.target)
    let heap = try HeapWalk(memory).run()
    let samples = try heap?.samples(in: memory, limit: files.isEmpty ? top.count : nil, process: process) ?? []
    let others = try Allocators.others(than: heap, in: memory, process: process)
    let proof = try opened.end()
    if let heap { try files.finish(with: heap.profile(samples)) }
    let report = HeapReport(
      heap: heap, proof: proof, samples: samples, others: others, limit: top.count, source: look.nextSource(source))
    try report.print(as: output.form)
    try ExitStatus(looks: [proof], hasFound: heap != nil).leave()
  }
}
