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
    return sources
      + options.names.flatMap { name in
        resolved(name) { () throws(MemDumpError) in
          try options.query.processes(name, opensFiles: opensFiles).map { .process($0) }
        }
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
