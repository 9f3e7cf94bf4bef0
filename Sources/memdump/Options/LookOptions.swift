import ArgumentParser
import MemDump

/// The options for a look at a source of which a consistent picture is needed.
struct LookOptions: ParsableArguments {
  @OptionGroup var processes: ProcessOptions

  @OptionGroup var pause: PauseOptions<ChosenByDefault>

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  /// The word for a source in a next step; nil where more is needed to look at it again.
  func nextSource(_ word: String) -> String? { base == nil ? word : nil }

  /// Opens a source that can be read anywhere.
  ///
  /// - Parameter files: the files that are open for output, and still to get their names.
  func open(
    _ word: String, writing files: [ProfileFile] = [], look: (TargetProcess) throws(MemDumpError) -> ProcessLook
  ) throws -> OpenedSource {
    try open(try arguments([word], writing: files)[0], look: look)
  }

  /// Opens a source that can be read anywhere.
  func open(
    _ argument: SourceArgument, look: (TargetProcess) throws(MemDumpError) -> ProcessLook
  ) throws(MemDumpError) -> OpenedSource {
    if case .standardInput = argument { throw .notSeekable }
    let opened = try argument.open(base: base, look: look)
    opened.tellMissing(of: argument)
    return opened
  }

  /// The one source that a word means. Where it is no process, nothing but reading is possible from then on.
  func argument(_ word: String) throws -> SourceArgument { try arguments([word])[0] }

  /// The source that each word means; all at once, since where none is a process, nothing but reading is possible from then
  /// on.
  func arguments(_ words: [String], writing files: [ProfileFile] = []) throws -> [SourceArgument] {
    var arguments: [SourceArgument] = []
    for word in words {
      arguments.append(try SourceArgument.all(word, query: processes.query, opensFiles: !pause.noFiles)[0])
    }
    try processes.check(words, arguments)
    Confinement.enter(unlessProcessIn: arguments, writing: files)
    return arguments
  }
}
