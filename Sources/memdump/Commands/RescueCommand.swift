import ArgumentParser
import MemDump

/// `memdump rescue PID`: resume a process that somebody left stopped.
struct RescueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue",
    abstract: "Resume a process that a debugger or a dead tool left stopped, and verify that it runs.",
    usage: "memdump rescue <process> [<options>]",
    discussion: """
      The exit status is 0 where it was resumed, 1 where it was not stopped, and 2 where it could not be.

      Example:
        memdump rescue 21610 --kill-tracer
      """)

  @OptionGroup var target: TargetArgument

  @Flag(help: "End the process that traces it and holds it, first with SIGTERM, then with SIGKILL.")
  var killTracer = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let rescue = try Rescue(try target.open(), endingTracer: killTracer)
    try RescueReport(rescue: rescue).print(as: OutputFormat(json: json, display: display))
    try ExitStatus(isVerified: rescue.after.isRunning, hasFound: !rescue.steps.isEmpty).leave()
  }
}
