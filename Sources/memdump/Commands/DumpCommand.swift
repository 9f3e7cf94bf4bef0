import ArgumentParser
import MemDump
import SystemPackage

/// `memdump dump PID`: regions to a file or a pipe.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Copy memory of a live process to a file, without leaving the process stopped.",
    usage: "memdump dump <process> (--region <sel> | --all) -o <file> [<options>]",
    discussion: """
      SEL is heap, stack, largest (the region with most of what the process wrote), a kind (anon, file, shared), 12 (the \
      number that `memdump regions` prints), 0x1821000 (an address inside), 0x1821000-0x4e02000, 0x1821000+64K, or the \
      name of a mapped file (libssl.so).

      One --region gives a raw dump. Everything else gives an ELF core, which gdb and others open. In the modes stop and \
      snapshot a core has the registers of every thread, and so backtraces.

      Examples:
        memdump dump 21610 --region heap -o heap.raw
        memdump dump nginx --newest --all --mode stop -o core.nginx
      """)

  @OptionGroup var target: TargetArgument

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Which region; may be given several times.", valueName: "sel"),
    completion: .regions, transform: parseSelector)
  var region: [RegionSelector] = []

  @OptionGroup var regions: RegionOptions

  @Flag(help: "All memory that --filter lets through.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "With --all: which memory, by the bits of core(5), coredump_filter. Default: those of the process, mostly 0x33.",
      valueName: "bits"))
  var filter: CoreFilter?

  @Flag(help: "With --all: memory too that the process keeps out of cores (MADV_DONTDUMP).")
  var dontdump = false

  @Option(help: "raw: the bytes of one region; core: an ELF core. Default: as --region and --all say.")
  var format: DumpFormat?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, with a manifest FILE.json beside it; - for standard output.", valueName: "file"),
    completion: .file())
  var output: String

  @OptionGroup var pause: PauseOptions<LiveByDefault>

  @Flag(help: "Read swapped pages too, which brings them back into the memory of the process.")
  var swap = false

  @Flag(name: .customLong("sha256"), help: "Put the SHA-256 of the file into the manifest; see `memdump verify`.")
  var wantsDigest = false

  @Flag(help: "Replace the file where it exists.")
  var force = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if output.isEmpty { throw ValidationError("--output needs a file name, or - for standard output.") }
    if all, !region.isEmpty { throw ValidationError("--all and --region exclude each other.") }
    if !all, region.isEmpty, regions.filter.isOpen {
      throw ValidationError("Say which memory, with --region SEL, --all, or --min-size, --kind and --perm.")
    }
    if !all, filter != nil || dontdump { throw ValidationError("--filter and --dontdump need --all.") }
    if format?.holdsOneRange == true, all || region.count > 1 {
      throw ValidationError("A raw dump holds one region. Give one --region, or --format core.")
    }
  }

  private var selection: Dump.Selection {
    if !region.isEmpty { return .regions(region) }
    // What a kind or a size chooses is chosen from the whole map.
    return all ? .all(filter, includingDontDump: dontdump) : .all(.everything, includingDontDump: true)
  }

  func run() throws {
    let process = try target.open(opensFiles: !pause.noFiles)
    let isStream = output == "-"
    if isStream, Terminal.isTerminal(.standardOutput) { throw MemDumpError.terminalOutput }
    let path = FilePath(output)
    var dump = Dump(
      selection, format: format ?? (region.count == 1 ? .raw : .core), mode: pause.chosenMode, budget: pause.budget)
    dump.filter = regions.filter
    (dump.readsSwap, dump.digest) = (swap, wantsDigest ? SHA256Digest.self : nil)

    let control = WorkControl()
    // Nothing is left behind of a stream, and its reader may never let us write again.
    let (summary, signal) = try Progress.watch(control, verb: "copied", endsAtOnce: isStream) {
      () throws(MemDumpError) -> Dump.Summary? in
      do throws(MemDumpError) {
        return try dump.run(
          process, to: isStream ? .stream(.standardOutput, MemDumpError.standardOutput) : .file(path, replacing: force),
          control: control)
      } catch {
        if error.code == .interrupted { return nil }
        throw error
      }
    }
    guard let summary else {
      ErrorReport(MemDumpError.interruption).write()
      throw ExitStatus.signal(signal ?? SignalNumber.interrupt).exitCode
    }
    do {
      try DumpReport(summary, path: isStream ? nil : path, of: process)
        .print(
          as: OutputFormat(json: json, display: display),
          to: StandardOutput(isStream ? .standardError : .standardOutput))
    } catch {
      if !isStream {
        StandardError.write("memdump: \(EscapedText(output.utf8)) is complete, with its manifest, and kept")
      }
      throw error
    }
    try ExitStatus(looks: [summary.proof]).leave()
  }
}
