import ArgumentParser
import MemDump
import SystemPackage

/// `memdump dump PID`: one region to a file or a pipe.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Copy a region of a live process to a file, without leaving the process stopped.",
    discussion: """
      SEL is heap, stack, largest (what holds most of the process's own writing), a kind (anon, file, shared), #12 (the \
      number in `memdump regions`), 0x1821000 (an address inside), 0x1821000-0x4e02000, 0x1821000+64K, or the name of a \
      mapped file (libssl.so).
      """)

  @OptionGroup var target: TargetArgument

  @Option(name: .shortAndLong, help: ArgumentHelp("Which region.", valueName: "sel"), transform: parseSelector)
  var region: RegionSelector

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, with a manifest FILE.json beside it; - for standard output.", valueName: "file"))
  var output: String

  @Option(
    help: """
      live: the process runs on; stop: it stands still for the time of a copy in memory; snapshot: for the time of a fork \
      (x86_64).
      """)
  var mode: Dump.Mode = .live

  @Option(
    help: ArgumentHelp("In the modes stop and snapshot: how long the process may stand still.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 500)

  @Flag(help: "Replace the file where it exists.")
  var force = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    if output.isEmpty { throw ValidationError("--output needs a file name, or - for standard output.") }
  }

  func run() throws {
    let process = try target.open()
    let isStream = output == "-"
    if isStream, StandardOutput.isTerminal { throw MemDumpError.terminalOutput }
    let path = FilePath(output)
    let summary = try Dump(region, mode: mode, budget: maxPause.nanoseconds).run(
      process, to: isStream ? .stream(.standardOutput, "standard output") : .file(path, replacing: force))

    let text =
      json
      ? String(decoding: DumpReport(summary, path: isStream ? nil : path).json, as: UTF8.self)
      : DumpReport(summary, path: isStream ? nil : path).text(of: process)
    if isStream {
      StandardError.write(String(text.dropLast()))
    } else {
      var output = StandardOutput()
      try output.write(text)
      try output.flush()
    }
    if !summary.isVerified { try ExitStatus.unverified.leave() }
    if !summary.readLive.isEmpty { try ExitStatus.budgetExhausted.leave() }
  }
}
