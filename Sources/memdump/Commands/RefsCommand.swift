import ArgumentParser
import MemDump

/// `memdump refs SOURCE`: what holds blocks of malloc.
struct RefsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refs",
    abstract:
      "Show what holds blocks of memory: pointers traced back to a named variable, or a thread's stack. Pauses a process "
      + "(stop or snapshot) for 500 ms at most.",
    usage: "memdump refs <source> --size|--address|--template <value> [<options>]",
    discussion: """
      \(SourceArgument.rule)

      memdump samples up to \(ReferenceSearch.sampleCount) of the blocks that are asked for. From each it follows pointers \
      back, block by block, to a variable of a program or a library, or else to the stack of a thread from its stack \
      pointer on. A chain tells the sizes on the shortest way found, from the block to the last one before the holder.

      That something holds a block does not say that it leaks: what a program needs is held as well. Ask for a size that \
      grows, as `memdump diff` tells.

      Names of variables are those of the module's symbols, or of its debug information (a build-id under /usr/lib/debug, \
      .gnu_debuglink). Of a stripped module the place is told. Free blocks and headers hold nothing. In mode live, and of \
      a core without registers, memdump does not look at stacks. SHARE is the part of the blocks sampled.

      Examples:
        memdump refs 21610 --size 1,040
        memdump refs core.21610 --address 0x5587be2104f0
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @Option(help: ArgumentHelp("Blocks in chunks of this size, as `memdump heap` prints it.", valueName: "bytes"))
  var size: ByteSize?

  @Option(help: ArgumentHelp("The block that holds this address, or who else has the address.", valueName: "address"))
  var address: Address?

  @Option(help: ArgumentHelp("Blocks with a text of this template; see `memdump strings`.", valueName: "text"))
  var template: String?

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many holders at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [size != nil, address != nil, template != nil].count(where: { $0 }) == 1 else {
      throw ValidationError("Say whose holders to look for: one of --size, --address and --template.")
    }
  }

  func run() throws {
    let started = Syscall.monotonicTime
    let opened = try look.open(source) { (process) throws(MemDumpError) in
      try look.pause.lookAtHeap(of: process, withRegisters: true)
    }
    guard opened.source.hasAddresses else { throw MemDumpError.noAddresses(source) }
    let control = WorkControl()
    var (report, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      var report = try find(in: opened.source, of: opened.look?.target, control)
      report.proof = try opened.end(early: control.isStopped)
      return report
    }
    report.source = look.nextSource(source)
    report.elapsed = Syscall.monotonicTime - started
    try report.print(as: output.form)
    try ExitStatus(signal: signal, looks: [report.proof], hasFound: report.references?.traced ?? 0 > 0).leave()
  }

  private func find(
    in memory: any MemorySource, of process: TargetProcess?, _ control: WorkControl
  ) throws(MemDumpError) -> ReferenceReport {
    guard let heap = try HeapWalk(memory, control: control).run() else {
      let others = try Allocators.others(
        than: nil, in: memory, process: process, among: Allocators.all.filter(\.isGeneral))
      return ReferenceReport(others: others)
    }
    var search = try ReferenceSearch(memory, heap: heap, process: process, control: control)
    let references: ReferenceSummary?
    if let size {
      references = try search.references(toBlocksOfSizes: [size.byteCount]).first
    } else if let address {
      references = try search.references(to: address)
    } else {
      references = try search.references(toBlocksWithTemplate: EscapedText.bytes(of: template ?? ""))
    }
    return ReferenceReport(
      references: references, heap: heap, hasStacks: search.hasStacks, isCut: search.isCut,
      otherBuilds: search.otherBuilds, unreadFiles: search.unreadFiles, limit: top.count)
  }
}
