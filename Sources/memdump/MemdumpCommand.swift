import ArgumentParser
import MemDump

/// The tool: parse, one call of the library, print.
@main
struct MemdumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memdump",
    abstract: "Show what is inside a live Linux process's memory, without leaving the process stopped.",
    discussion: "Start with `memdump demo`.",
    version: BuildFacts.version,
    subcommands: [
      TopCommand.self, FootprintCommand.self, RegionsCommand.self, DumpCommand.self, ScanCommand.self,
      StringsCommand.self, HeapCommand.self, DiffCommand.self, WatchCommand.self, RefsCommand.self, AllocsCommand.self,
      StacksCommand.self, GoroutinesCommand.self, PeekCommand.self, NginxPoolsCommand.self,
      PostgresContextsCommand.self,
      HoldCommand.self,
      StatusCommand.self,
      RescueCommand.self, VerifyCommand.self, DoctorCommand.self, DemoCommand.self, LeakCommand.self,
    ])

  static func main() {
    Syscall.occupyStandardDescriptors()
    Syscall.ignoreBrokenPipes()
    Syscall.keepExitStatuses()
    try? OutOfMemoryScore.raise()
    Syscall.reportFaults(
      """
      memdump: no memory is left for memdump, or it has a fault of its own. No process is harmed: one that stood still goes on \
      by itself. Free some memory or choose less with --region or --mode live; where there is memory, please report it.

      """, status: ExitStatus.failed.exitCode.rawValue)
    FileWait.onDelay { name in
      StandardError.write("memdump: waiting for the file system of \(EscapedText(name)), which does not answer")
    }
    do {
      try CommandWord.check(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      try command.run()
    } catch { leave(error) }
  }
}
