import ArgumentParser
import MemDump

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
    StandardError.write(json ? Self.json(outcome, process) : Self.text(outcome, process))
    let status = ExitStatus(
      signal: outcome.signal, isVerified: outcome.isVerified, fitsPause: !outcome.isOutOfTime)
    try (status == .done ? .command(outcome.commandStatus ?? 0) : status).leave()
  }

  private static func text(_ outcome: Hold.Outcome, _ process: TargetProcess) -> String {
    var text =
      "held \(process.id) (\(process.printableName)) for \(readableTime(nanoseconds: outcome.pause.duration)); "
    text += outcome.after.map { "now \(DumpReport.text($0))" } ?? "it has ended"
    if outcome.isOutOfTime { text += "\nthe time was up: the process runs on" }
    if !outcome.isVerified, outcome.after != nil {
      text += "\nWARNING: it could not be seen to run as before; see `memdump status \(process.id)`"
    }
    return text
  }

  private static func json(_ outcome: Hold.Outcome, _ process: TargetProcess) -> String {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "hold")
      object.member("pid", process.id.rawValue)
      object.member("pause_ns", outcome.pause.duration)
      object.member("command_status", outcome.commandStatus)
      object.member("out_of_time", outcome.isOutOfTime)
      object.member("state_before", outcome.before.stateName)
      object.member("state_after", outcome.after?.stateName ?? "ended")
      object.member("tracer_after", outcome.after?.tracer)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
