import ArgumentParser
import MemDump

/// `memdump refs SOURCE`: what holds blocks of malloc.
struct RefsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refs",
    abstract:
      "Show what holds blocks of memory: pointers traced back to a named variable, or a thread's stack. Pauses a process "
      + "(stop or snapshot) for 500 ms at most.",
    usage: """
      memdump refs <source> --size|--address|--template <value> [<options>]
      memdump refs <source> --type <name> [<options>]
      memdump refs <source> --all [<options>]
      """,
    discussion: """
      \(SourceArgument.rule)

      memdump samples up to \(ReferenceSearch.sampleCount) of the blocks that are asked for. From each it follows pointers \
      back, block by block, to a variable of a program or a library, or else to the stack of a thread from its stack \
      pointer on; of a program of Go, to its goroutines, of which `memdump goroutines` tells what they wait for. A chain tells the sizes on the shortest way found, from the block to the last one before the holder.

      That something holds a block does not say that it leaks: what a program needs is held as well. Ask for a size that \
      grows, as `memdump diff` tells.

      Names of variables are those of the module's symbols, or of its debug information (a build-id under /usr/lib/debug, \
      .gnu_debuglink). Of a stripped module the place is told. Free blocks and headers hold nothing. In mode live, and of \
      a core without registers, memdump does not look at stacks. SHARE is the part of the blocks sampled.

      --type is for a program of CPython: of up to \(PythonHolderSearch.sampleCount) objects of the type it tells the way to \
      a module or a class, over types and keys as the programmer knows them, or else to a call that has not returned, a stack or \
      memory of C. Of a program of PHP it tells the shortest way from global variables, static properties and static variables, \
      or else from a call that has not returned. Of a program of LuaJIT it tells that from the globals (_G), the registry, or the \
      stack; the name may be how that of one type begins. `memdump heap` lists the types. Weak references hold nothing; # stands for the digits \
      of a key.

      --all tells of the whole heap, and not of a sample: every block in use counts once, for the holder with the best \
      evidence, and what nobody holds is rolled up by what leads to no other. Words that lead to the start of a block, or to \
      one place behind a header, come before those into its middle; then variables before thread-local ones, memory \
      outside the heap, registers, goroutines and stacks; then the shortest way. --pprof and --folded have all ways.

      Examples:
        memdump refs 21610 --size 1,040
        memdump refs 21610 --type Session
        memdump refs 21610 --all --folded held.folded
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

  @Option(help: ArgumentHelp("Objects of this type of Python, PHP or LuaJIT, such as Session.", valueName: "name"))
  var type: String?

  @Flag(help: "All blocks in use.")
  var all = false

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Print this many holders at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [size != nil, address != nil, template != nil, type != nil, all].count(where: { $0 }) == 1 else {
      throw ValidationError("Say whose holders to look for: one of --size, --address, --template, --type and --all.")
    }
    if profiles.isAsked, !all { throw ValidationError("--folded and --pprof need --all.") }
  }

  func run() throws {
    let started = Syscall.monotonicTime
    let files = try profiles.create()
    let opened = try look.open(source, writing: files) { (process) throws(MemDumpError) in
      try look.pause.lookAtHeap(of: process, withRegisters: true)
    }
    guard opened.source.hasAddresses else { throw MemDumpError.noAddresses(source) }
    if let type { return try printHolders(ofType: type, opened, since: started) }
    if all { return try printHoldings(opened, files, since: started) }
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

  /// Tells of the whole heap.
  private func printHoldings(_ opened: OpenedSource, _ files: [ProfileFile], since started: UInt64) throws {
    let control = WorkControl()
    var (report, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      var report = try holdings(in: opened.source, of: opened.look?.target, control)
      report.proof = try opened.end(early: control.isStopped)
      return report
    }
    // A part of the ways would pass for all of them.
    if let holdings = report.holdings, signal == nil {
      try files.finish(with: holdings.profile)
    } else {
      files.noteAbsence()
    }
    report.source = look.nextSource(source)
    report.elapsed = Syscall.monotonicTime - started
    try report.print(as: output.form)
    try ExitStatus(signal: signal, looks: [report.proof], hasFound: report.holdings?.total.count ?? 0 > 0).leave()
  }

  private func holdings(
    in memory: any MemorySource, of process: TargetProcess?, _ control: WorkControl
  ) throws(MemDumpError) -> HoldingsReport {
    let heaps = try HeapWalk(memory, control: control).run()
    guard !heaps.isEmpty else {
      return HoldingsReport(others: try Self.others(than: heaps, in: memory, of: process))
    }
    var search = HoldingSearch(memory, heaps: heaps, process: process, control: control)
    let holdings = try search.run()
    return HoldingsReport(
      holdings: holdings, heaps: heaps, otherBuilds: search.otherBuilds, unreadFiles: search.unreadFiles,
      limit: top.count)
  }

  private static func others(
    than heaps: Heaps, in memory: any MemorySource, of process: TargetProcess?
  ) throws(MemDumpError) -> [AllocatorRecognition] {
    try Allocators.others(than: heaps, in: memory, process: process, among: Allocators.all.filter(\.isGeneral))
  }

  private func find(
    in memory: any MemorySource, of process: TargetProcess?, _ control: WorkControl
  ) throws(MemDumpError) -> ReferenceReport {
    let heaps = try HeapWalk(memory, control: control).run()
    guard !heaps.isEmpty else {
      return ReferenceReport(others: try Self.others(than: heaps, in: memory, of: process))
    }
    var search = try ReferenceSearch(memory, heaps: heaps, process: process, control: control)
    let references: ReferenceSummary?
    if let size {
      references = try search.references(toBlocksOfSizes: [size.byteCount]).first
    } else if let address {
      references = try search.references(to: address)
    } else {
      references = try search.references(toBlocksWithTemplate: EscapedText.bytes(of: template ?? ""))
    }
    return ReferenceReport(
      references: references, heaps: heaps, hasStacks: search.hasStacks, isCut: search.isCut,
      otherBuilds: search.otherBuilds, unreadFiles: search.unreadFiles, limit: top.count)
  }
}
