import MemDump
import SystemPackage

/// What a SOURCE of the command line means: all digits a process, `-` standard input, anything else a file.
enum SourceArgument {
  case process(TargetProcess)
  case standardInput
  case file(FilePath)

  init(_ word: String) throws(MemDumpError) {
    if word == "-" {
      self = .standardInput
    } else if !word.isEmpty, word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      self = .process(try TargetProcess(word: word))
    } else {
      self = .file(FilePath(word))
    }
  }

  /// Opens the memory behind it, and chooses what of it to look at.
  ///
  /// Of a process that is what the process itself wrote, unless `selectors` or `all` say otherwise; of a file, everything.
  func open(
    base: Address?, selectors: [RegionSelector], all: Bool, control: ScanControl
  ) throws(MemDumpError) -> (source: any MemorySource, ranges: [Range<Address>]) {
    let source: any MemorySource
    var target: TargetProcess?
    switch self {
    case .process(let process): (source, target) = (try LiveMemory(process), process)
    case .standardInput: source = StreamSource(.standardInput, path: "standard input", base: base, control: control)
    case .file(let path): source = try MemoryFile.open(path, base: base)
    }
    let regions = source.regions
    guard selectors.isEmpty else {
      var ranges: [Range<Address>] = []
      for selector in selectors { ranges += try selector.ranges(in: regions, of: target) }
      return (source, ranges.union())
    }
    return (source, regions.filter { target == nil || all || $0.isOwnWriting }.map(\.range))
  }
}
