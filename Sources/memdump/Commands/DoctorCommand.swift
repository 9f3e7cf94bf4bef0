import ArgumentParser
import MemDump

/// `memdump doctor`: what this host offers memdump, and what it denies.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Tell what this host offers memdump and what it denies: kernel, rights, limits; and what that means.",
    discussion: """
      Looks at no process but its own. The exit status is 0 where processes of the same user can be read and stopped, and 1 \
      where not. For one process, see `memdump status`.

      Examples:
        memdump doctor
        memdump doctor --json
      """)

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let host = Host()
    try DoctorReport(host: host).print(as: OutputFormat(json: json, display: display))
    try ExitStatus(hasFound: host.canRead && host.canStop).leave()
  }
}
