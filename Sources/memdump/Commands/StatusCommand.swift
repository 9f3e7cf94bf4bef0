import ArgumentParser
import MemDump

/// `memdump status PID`: is it running, who holds it, may we read it.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell whether a process runs, who traces it, and whether it may be read; if not, why and what to do.",
    discussion: "The exit status is 0 where its memory may be read, and 1 where not.")

  @OptionGroup var target: TargetArgument

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let diagnosis = try Diagnosis(try target.open())
    try StatusReport(diagnosis: diagnosis).print(as: OutputFormat(json: json, display: display))
    try ExitStatus(hasFound: diagnosis.problem == nil).leave()
  }
}
