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

      memdump walks the heaps of glibc 2.31 to 2.44, jemalloc 5, gperftools' tcmalloc, mimalloc 2 and 3, musl, and Go from \
      1.16 on: all that a process has, wherever they are linked. It names others, and does not walk them. A size counts what \
      malloc keeps beside a block: under glibc malloc(1024) makes a chunk of 1040 bytes. SHARE is the part of all bytes in \
      use of one heap. A heap of Go counts what died since the last collection, as runtime.MemStats does.

      A heap is known by its shape, without a symbol, and believed where its structures agree with each other; `layout` tells \
      how many do. Below 99 % it is refused, and why is told.

      Of a program of CPython the pools of pymalloc are a heap of their own, and its objects are listed by type: OWNED are blocks \
      of theirs that are no objects, such as the items of a list. What of all heaps is named so is told. Of a program of LuaJIT, \
      tables are listed by their keys; of PHP, objects by class, beside the blocks of zend_mm. Of HotSpot (Java 11 to 25; G1, \
      Serial, Parallel, Shenandoah) the classes have what died since the last collection, too, and need neither a JDK nor a \
      safepoint.

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

  @Flag(
    help: "Of a Go program, show the heap profile that it keeps, by allocation site, and no sizes. Never pauses it.")
  var sites = false

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    if sites { return try runSites() }
    let files = try profiles.create()
    let opened = try look.open(source, writing: files) { (process) throws(MemDumpError) in
      try look.pause.lookAtHeap(of: process)
    }
    let (memory, process) = (opened.source, opened.look?.target)
    let heaps = try HeapWalk(memory).run()
    var samples: [[ContentSample?]] = []
    for heap in heaps.all {
      samples.append(try heap.samples(in: memory, limit: files.isEmpty ? top.count : nil, process: process))
    }
    let others = try Allocators.others(than: heaps, in: memory, process: process)
    let accounts = try Self.accounts(of: heaps, in: memory, process: process)
    let objects = try ObjectTypes.find(in: memory, heaps: heaps, process: process)
    let proof = try opened.end()
    let types = objects.compactMap { if case .found(let types) = $0.result { types } else { nil } }
    if heaps.isEmpty { files.noteAbsence() } else { try files.finish(with: heaps.profile(samples, objects: types)) }
    let report = HeapReport(
      heaps: heaps, proof: proof, samples: samples, others: others, accounts: accounts, objects: objects,
      runtimes: NamedRuntime.found(in: memory.regions),
      limit: top.count,
      source: look.nextSource(source))
    try report.print(as: output.form)
    try ExitStatus(looks: [proof], hasFound: !heaps.isEmpty).leave()
  }

  /// Where the resident bytes of heaps are, and what pins pages that are mostly free.
  private static func accounts(
    of heaps: Heaps, in memory: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) -> [HeapAccount] {
    var accounts: [HeapAccount] = []
    for heap in heaps.all {
      var account = try HeapAccount(of: heap, in: memory, process: process)
      try account.findPins(of: heap, in: memory, process: process)
      if !account.pins.isEmpty {
        var search = try ReferenceSearch(memory, heaps: heaps, process: process)
        try account.findHolders(&search)
      }
      accounts.append(account)
    }
    return accounts
  }
}
