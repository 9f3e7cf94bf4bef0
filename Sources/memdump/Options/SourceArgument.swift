import MemDump
import SystemPackage

/// A SOURCE of the command line: a process, standard input or a file.
enum SourceArgument {
  case process(TargetProcess)
  case standardInput
  case file(FilePath)

  /// The rule for a SOURCE, as helps tell it.
  static let rule = """
    SOURCE is a process (its number, or a name that it has alone: comm, or the file name of its program), a raw dump (its \
    manifest FILE.json gives the addresses) or an ELF core. A word with a / is always a file. Where a word is both a file \
    here and the name of a process, write ./nginx for the file and name:nginx for the process.
    """

  /// What a word means: one source, or with --children one or more.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - query: says which process is meant where a name has several.
  ///   - opensFiles: of a process, whether files that it has mapped may be opened.
  static func all(
    _ word: String, query: ProcessQuery, opensFiles: Bool
  ) throws(MemDumpError) -> [SourceArgument] {
    if word == "-" { return [.standardInput] }
    let file = FilePath(word)
    if word.isEmpty || word.contains("/") { return [.file(file)] }
    let exists = (try? Syscall.attributes(file)) != nil
    let processes = try query.processes(word, orFile: exists, opensFiles: opensFiles)
    return processes.isEmpty ? [.file(file)] : processes.map { .process($0) }
  }

  /// Whether the source is a process.
  var isProcess: Bool { if case .process = self { true } else { false } }

  /// Opens the memory of the source.
  ///
  /// - Parameters:
  ///   - base: the address of the first byte of what does not tell it.
  ///   - control: may end the reading of standard input.
  ///   - look: looks at a process.
  func open(
    base: Address?, control: WorkControl = WorkControl(),
    look: (TargetProcess) throws(MemDumpError) -> ProcessLook
  ) throws(MemDumpError) -> OpenedSource {
    switch self {
    case .process(let process): OpenedSource(try look(process))
    case .standardInput:
      OpenedSource(StreamSource(.standardInput, path: "standard input", base: base, control: control))
    case .file(let path): OpenedSource(try MemoryFile.open(path, base: base))
    }
  }
}
