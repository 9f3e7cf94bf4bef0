import ArgumentParser
import MemDump

/// The options that say which process is meant where a name has several.
struct ProcessOptions: ParsableArguments {
  @Flag(help: "Of several processes of a name, take the one that was started last.")
  var newest = false

  @Flag(help: "Take the children of the process; of several of a name, all but their parents.")
  var children = false

  /// The query for a process.
  var query: ProcessQuery {
    var query = ProcessQuery()
    (query.takesNewest, query.takesChildren) = (newest, children)
    return query
  }

  /// Refuses these options where no source is a process.
  func check(_ words: [String], _ sources: [SourceArgument]) throws {
    guard newest || children, !sources.contains(where: \.isProcess), let word = words.first else { return }
    throw ValidationError(
      "\(newest ? "--newest" : "--children") is for a process, and '\(EscapedText(word.utf8))' is none.")
  }
}

/// The option for every process of a name, for commands that take several processes.
struct SeveralProcessOptions: ParsableArguments {
  @OptionGroup var one: ProcessOptions

  @Option(
    name: .customLong("all-of"),
    help: ArgumentHelp("Take every process of this name; may be given several times.", valueName: "name"))
  var names: [String] = []

  /// The query for a process.
  var query: ProcessQuery {
    var query = one.query
    query.mayTakeAll = true
    return query
  }
}
