import ArgumentParser
import MemDump

/// `memdump status PID`: is it running, who holds it, may we read it.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell whether a process runs, who traces it, and whether it may be read; if not, why and what to do.",
    usage: "memdump status <process> ... [<options>]",
    discussion: """
      The exit status is 0 where the memory of every process may be read, and 1 where not.

      Examples:
        memdump status 21610
        memdump status --all-of nginx
      """)

  @OptionGroup var processes: TargetArguments

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    var (targets, hasFailed) = try processes.open()
    var diagnoses: [Diagnosis] = []
    for target in targets {
      do throws(MemDumpError) {
        diagnoses.append(try Diagnosis(target))
      } catch {
        if targets.count == 1 { throw error }
        ErrorReport(error).write()
        hasFailed = true
      }
    }
    for diagnosis in diagnoses {
      try StatusReport(diagnosis: diagnosis).print(as: OutputFormat(json: json, display: display))
    }
    try ExitStatus(hasFailed: hasFailed, hasFound: diagnoses.allSatisfy { $0.problem == nil }).leave()
  }
}
