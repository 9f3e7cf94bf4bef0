import ArgumentParser
import MemDump

/// A source of several, with the word that reports call it by.
struct SourceWord {
  let word: String
  /// What the word means; an error where it means nothing, which does not stop the other sources.
  let argument: Result<SourceArgument, MemDumpError>

  /// The sources that words mean.
  ///
  /// - Parameters:
  ///   - words: the words.
  ///   - options: say which process is meant where a name has several, and name those of which all are.
  ///   - opensFiles: of a process, whether files that it has mapped may be opened.
  static func all(_ words: [String], _ options: SeveralProcessOptions, opensFiles: Bool) -> [SourceWord] {
    let sources = words.flatMap { word in
      resolved(word) { () throws(MemDumpError) in
        try SourceArgument.all(word, query: options.query, opensFiles: opensFiles)
      }
    }
    let others = options.names.flatMap { name in
      resolved(name) { () throws(MemDumpError) in
        try options.query.processes(name, opensFiles: opensFiles).map { .process($0) }
      }
    }
    // What means the same as an earlier word does not count twice.
    var known: Set<String> = []
    return (sources + others).filter { known.insert($0.identity).inserted }
  }

  /// What the word means, under whatever name: the number of a process, the inode of a file.
  private var identity: String {
    switch argument {
    case .success(.process(let process)): return "process \(process.id)"
    case .success(.standardInput): return "-"
    case .success(.file(let path)):
      guard let file = try? Syscall.attributes(path) else { return "path \(word)" }
      return "file \(file.device.major) \(file.device.minor) \(file.inode)"
    case .failure: return "error \(word)"
    }
  }

  private static func resolved(
    _ word: String, _ resolve: () throws(MemDumpError) -> [SourceArgument]
  ) -> [SourceWord] {
    do throws(MemDumpError) {
      return try resolve().map { argument in
        if case .process(let process) = argument {
          return SourceWord(word: "\(process.id)", argument: .success(argument))
        }
        return SourceWord(word: word, argument: .success(argument))
      }
    } catch { return [SourceWord(word: word, argument: .failure(error))] }
  }

  /// Whether the source is a process, or could not be found.
  var mayBeProcess: Bool { (try? argument.get())?.isProcess ?? true }
}
