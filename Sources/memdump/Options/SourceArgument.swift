import MemDump
import SystemPackage

/// A SOURCE of the command line: all digits are a process, `-` standard input, anything else a file.
enum SourceArgument {
  case process(TargetProcess)
  case standardInput
  case file(FilePath)

  /// - Parameters:
  ///   - word: the word.
  ///   - opensFiles: of a process, whether files that it has mapped may be opened.
  init(_ word: String, opensFiles: Bool) throws(MemDumpError) {
    if word == "-" {
      self = .standardInput
    } else if !word.isEmpty, word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      self = .process(try TargetProcess(word: word, opensFiles: opensFiles))
    } else {
      self = .file(FilePath(word))
    }
  }

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
