import ArgumentParser
import MemDump

/// The options for a look at a source of which a consistent picture is needed.
struct LookOptions: ParsableArguments {
  @OptionGroup var pause: PauseOptions<ChosenByDefault>

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  /// The word for a source in a next step; nil where more is needed to look at it again.
  func nextSource(_ word: String) -> String? { base == nil ? word : nil }

  /// Opens a source that can be read anywhere.
  func open(
    _ word: String, look: (TargetProcess) throws(MemDumpError) -> ProcessLook
  ) throws(MemDumpError) -> OpenedSource {
    let argument = try SourceArgument(word, opensFiles: !pause.noFiles)
    if case .standardInput = argument { throw .notSeekable }
    return try argument.open(base: base, look: look)
  }
}
