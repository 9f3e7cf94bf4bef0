import ArgumentParser
import MemDump

/// The process a command is about.
struct TargetArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The process: its number, or a name that it has alone (comm, or the file name of its program).",
      valueName: "process"), completion: .processes)
  var word: String

  @OptionGroup var options: ProcessOptions

  /// Opens the process.
  func open(opensFiles: Bool = true) throws(MemDumpError) -> TargetProcess {
    try options.query.process(word, opensFiles: opensFiles)
  }
}

/// The processes a command is about.
struct TargetArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The processes: numbers, or names that one has alone (comm, or the file name of its program).",
      valueName: "process"), completion: .processes)
  var words: [String] = []

  @OptionGroup var options: SeveralProcessOptions

  func validate() throws {
    if words.isEmpty, options.names.isEmpty { throw ValidationError("Missing expected argument '<process> ...'") }
  }

  /// Opens the processes, each of them once. An error of one is reported, and does not stop the others, where there are
  /// others.
  ///
  /// - Returns: the processes, and whether there was an error.
  func open(opensFiles: Bool = true) throws(MemDumpError) -> (targets: [TargetProcess], hasFailed: Bool) {
    var targets: [TargetProcess] = []
    var failures: [MemDumpError] = []
    for (word, isName) in words.map({ ($0, false) }) + options.names.map({ ($0, true) }) {
      do throws(MemDumpError) {
        for target in try found(word, isName, opensFiles) where !targets.contains(where: { $0.id == target.id }) {
          targets.append(target)
        }
      } catch { failures.append(error) }
    }
    if targets.isEmpty, failures.count == 1 { throw failures[0] }
    for error in failures { ErrorReport(error).write() }
    return (targets, !failures.isEmpty)
  }

  private func found(_ word: String, _ isName: Bool, _ opensFiles: Bool) throws(MemDumpError) -> [TargetProcess] {
    let query = options.query
    return isName || query.takesChildren
      ? try query.processes(word, opensFiles: opensFiles) : [try query.process(word, opensFiles: opensFiles)]
  }
}
