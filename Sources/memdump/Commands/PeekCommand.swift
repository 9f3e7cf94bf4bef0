import ArgumentParser
import MemDump

/// `memdump peek SOURCE ADDRESS`: the bytes at an address, and what they are.
struct PeekCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peek",
    abstract: """
      Show the bytes at an address, what is there, and where the pointers in it lead. Pauses a process (stop or snapshot) \
      for 500 ms at most.
      """,
    usage: "memdump peek <source> <address> [<options>]",
    discussion: """
      \(SourceArgument.rule)

      ADDRESS is one that memdump prints. With +LENGTH behind it, so many bytes are \
      shown; else a block from there to its end, up to \(PeekedBytes.mostOfBlock) bytes, or \(PeekedBytes.unasked) of what is no block.

      Of the address, and of each pointer that is shown, the block of malloc, the symbol, the thread or the region is told. A \
      pointer is an aligned word that leads to mapped memory. To know blocks, the heap is walked as by `memdump heap`.

      Examples:
        memdump peek 21610 0x55d0c0a0
        memdump peek core.21610 0x55d0c0a0+256 --deref 1
      """)

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var source: String

  @Argument(help: ArgumentHelp("Where to look, such as 0x55d0c0a0 or 0x55d0c0a0+256.", valueName: "address"))
  var place: PeekedPlace

  @Option(
    help: ArgumentHelp("First go to where the word at the address leads, so many times.", valueName: "count"))
  var deref: UInt8 = 0

  @OptionGroup var look: LookOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let asked = Range(start: place.start, byteCount: place.byteCount ?? PeekedBytes.mostOfBlock)
    let opened = try look.open(source) { (process) throws(MemDumpError) in
      // What a 32-bit process has in its heap is not known, and its bytes can be shown.
      process.isNarrow
        ? try ProcessLook(process, mode: .live, budget: .zero) { PeekedBytes.ranges(asked, in: $0) }
        : try look.pause.lookAtHeap(of: process, withRegisters: true) { PeekedBytes.ranges(asked, in: $0) }
    }
    guard opened.source.hasAddresses else { throw MemDumpError.noAddresses(source) }
    let heaps = try HeapWalk(opened.source).run()
    var lookup = try AddressLookup(opened.source, heaps: heaps, process: opened.look?.target)
    let peeked = try PeekedBytes(
      at: place.start, byteCount: place.byteCount, following: Int(deref), in: opened.source, &lookup)
    let proof = try opened.end()
    try PeekReport(peeked: peeked, proof: proof).print(as: output.form)
    try ExitStatus(looks: [proof], hasFound: !peeked.bytes.isEmpty).leave()
  }
}
