import MemDump
import SystemPackage

/// A SOURCE of the command line: all digits are a process, `-` standard input, anything else a file.
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

  /// Opens the memory of the source, and chooses the ranges of it to look at.
  ///
  /// Of a process, that is what the process itself wrote, unless `selectors` or `all` say otherwise; of a file, all.
  ///
  /// - Parameters:
  ///   - mode: how to treat a process.
  ///   - budget: how long a process may be stopped, in nanoseconds.
  func open(
    base: Address?, selectors: [RegionSelector], all: Bool, mode: LookMode, budget: UInt64, control: ScanControl
  ) throws(MemDumpError) -> (source: any MemorySource, ranges: [Range<Address>]) {
    let source: any MemorySource
    var target: TargetProcess?
    switch self {
    case .process(let process):
      guard let method = mode.method else {
        (source, target) = (try LiveMemory(process), process)
        break
      }
      let holder = try Holder.launch()
      let capture = try Capture(try LiveMemory(process), holder: holder, budget: budget, by: method) {
        (regions) throws(MemDumpError) in
        try Self.ranges(in: regions, of: process, selectors, all: all)
      }
      return (capture, capture.ranges)
    case .standardInput: source = StreamSource(.standardInput, path: "standard input", base: base, control: control)
    case .file(let path): source = try MemoryFile.open(path, base: base)
    }
    return (source, try Self.ranges(in: source.regions, of: target, selectors, all: all))
  }

  private static func ranges(
    in regions: [MemoryRegion], of target: TargetProcess?, _ selectors: [RegionSelector], all: Bool
  ) throws(MemDumpError) -> [Range<Address>] {
    guard selectors.isEmpty else {
      var ranges: [Range<Address>] = []
      for selector in selectors { ranges += try selector.ranges(in: regions, of: target?.label) }
      return ranges.union()
    }
    return regions.filter { target == nil || all || $0.isOwnWriting }.map(\.range)
  }
}
