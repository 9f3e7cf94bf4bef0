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
    } else if Self.isNumber(word) {
      self = .process(try TargetProcess(word: word, opensFiles: opensFiles))
    } else {
      self = .file(FilePath(word))
    }
  }

  /// The words without those that mean what an earlier one means: nothing counts twice.
  static func distinct(_ words: [String]) -> [String] {
    var known: Set<String> = []
    return words.filter { known.insert(identity($0)).inserted }
  }

  /// What a word means, under whatever name: the number of a process, the inode of a file.
  private static func identity(_ word: String) -> String {
    if word == "-" { return word }
    if isNumber(word) { return "process \(Int32(word).map(String.init) ?? word)" }
    guard let file = try? Syscall.attributes(FilePath(word)) else { return "path \(word)" }
    return "file \(file.device.major) \(file.device.minor) \(file.inode)"
  }

  private static func isNumber(_ word: String) -> Bool {
    !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
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
