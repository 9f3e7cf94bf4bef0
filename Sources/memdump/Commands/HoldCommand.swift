import ArgumentParser
import MemDump
import SystemPackage

/// `memdump hold PID`: attach, wait or run a command, always detach.
struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Hold a process still for a time or while a command runs, and always let it go.",
    usage: "memdump hold <process> (--for <time> | -- <command> ...) [<options>]",
    discussion: """
      The command finds the number of the process in MEMDUMP_PID. Its exit status is that of memdump. When --max-pause is \
      over, the process runs on, and the command too, and the exit status is 4. The process runs on however memdump or its \
      helper end, SIGKILL among the ways.

      Examples:
        memdump hold 21610 --for 200ms
        memdump hold 21610 -- cp -r /var/lib/app/state /backup/
      """)

  @OptionGroup var target: TargetArgument

  @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 2s.", valueName: "time"))
  var duration: TimeSpan?

  @Option(help: ArgumentHelp("How long the process may stand still at most.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 10_000)

  @Flag(help: "Print the outcome as JSON: on standard output, or on standard error where a command runs.")
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
      process, holder: holder, until: duration.map { .elapsed($0.duration) } ?? .command(command),
      budget: maxPause.duration)
    // Standard output is the command's, where there is one.
    let isFree = json && command.isEmpty
    try HoldReport(outcome: outcome, process: process)
      .print(
        as: OutputFormat(json: json, display: display), to: StandardOutput(isFree ? .standardOutput : .standardError))
    let status = ExitStatus(
      signal: outcome.signal, isVerified: outcome.isVerified, fitsPause: !outcome.isOutOfTime)
    try (status == .done ? .command(outcome.commandStatus ?? 0) : status).leave()
  }
}
