import ArgumentParser
import MemDump
import SystemPackage

/// `memdump hold PID`: attach, wait or run a command, always detach.
struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Hold a process still for a time or while a command runs, and always let it go.",
    discussion: """
      The command is given the process as MEMDUMP_PID. Its exit status is that of memdump. When --max-pause is over the \
      process runs on, the command too, and the exit status is 4. However memdump or its helper end, SIGKILL among the ways, \
      the process runs on.
      """)

  @OptionGroup var target: TargetArgument

  @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 2s.", valueName: "time"))
  var duration: TimeSpan?

  @Option(help: ArgumentHelp("How long the process may stand still at most.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 10_000)

  @Flag(help: "Print the outcome as JSON on standard error.")
  var json = false

  @OptionGroup var display: DisplayOptions

  @Argument(parsing: .postTerminator, help: ArgumentHelp("What to run while it stands still.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if command.isEmpty, duration == nil {
      throw ValidationError("Say how long, with --for 2s, or what to run, with -- COMMAND.")
    }
    if !command.isEmpty, duration != nil { throw ValidationError("--for and a command exclude each other.") }
  }

  func run() throws {
    // Before anything else: the fork is cheap while we are small.
    let holder = try Holder.launch()
    let process = try target.open()
    let outcome = try Hold.run(
      process, holder: holder, until: duration.map { .elapsed($0.nanoseconds) } ?? .command(command),
      budget: maxPause.nanoseconds)
    try HoldReport(outcome: outcome, process: process)
      .print(as: OutputFormat(json: json, display: display), to: StandardOutput(.standardError))
    let status = ExitStatus(
      signal: outcome.signal, isVerified: outcome.isVerified, fitsPause: !outcome.isOutOfTime)
    try (status == .done ? .command(outcome.commandStatus ?? 0) : status).leave()
  }
}
