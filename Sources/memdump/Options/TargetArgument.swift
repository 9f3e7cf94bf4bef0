import ArgumentParser
import MemDump

/// The process a command is about.
struct TargetArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The process, by its number.", valueName: "pid"), completion: .processes)
  var word: String

  /// Opens the process. The error for a word that is no number lists the processes of that name.
  func open(opensFiles: Bool = true) throws(MemDumpError) -> TargetProcess {
    try TargetProcess(word: word, opensFiles: opensFiles)
  }
}

extension TargetProcess {
  /// Opens the process that a word of the command line means.
  convenience init(word: String, opensFiles: Bool = true) throws(MemDumpError) {
    guard let number = Int32(word), let id = ProcessID(rawValue: number) else {
      throw .notAProcess(word)
    }
    try self.init(id, opensFiles: opensFiles)
  }
}
