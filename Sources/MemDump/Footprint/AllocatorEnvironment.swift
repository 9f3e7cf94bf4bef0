/// The variables of its environment by which a process was told how much an allocator keeps.
struct AllocatorEnvironment {
  private let variables: [ArraySlice<UInt8>]

  /// The most bytes of an environment that are looked at, and of a variable that are told.
  private static let (mostBytes, mostShown) = (64 << 10, 120)

  /// Reads the environment that a process was given, as far as that is in memory: nothing is asked of the process.
  init(of process: TargetProcess, in source: any MemorySource) throws(MemDumpError) {
    let range = process.environment
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: Int(min(range.byteCount, UInt64(Self.mostBytes))))
    var span = bytes.mutableSpan
    var buffer = unsafe span.mutableBytes
    if !range.isEmpty, let run = try source.read(at: range.lowerBound, into: &buffer).first, run.content == .bytes {
      text = Array(bytes.prefix(Int(clamping: run.byteCount)))
    }
    variables = text.split(separator: 0)
  }

  /// The settings of an allocator, safe to print.
  func settings(of allocator: any Allocator) -> [Phrase] {
    let found = variables.filter { variable in
      variable.contains(UInt8(ascii: "=")) && allocator.settingPrefixes.contains { variable.starts(with: $0.utf8) }
    }
    return found.map { "\(text: EscapedText($0.prefix(Self.mostShown)).description) in its environment" }
  }
}
