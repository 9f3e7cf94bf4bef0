/// The signs of an allocator that need no heap: names of mapped libraries, and texts in the program.
public struct AllocatorSigns: Sendable {
  /// The prefixes of the file names of libraries, or programs, that hold the allocator.
  public var libraries: [String]
  /// The texts of which one stands in a program that holds the allocator, such as its messages.
  public var texts: [String]

  /// Makes signs.
  public init(libraries: [String] = [], texts: [String] = []) { (self.libraries, self.texts) = (libraries, texts) }

  /// The most bytes of a program that are searched: a larger program is known by its libraries alone.
  private static let searchLimit: UInt64 = 256 << 20

  /// The sign of each of some allocators in a process, in a few words; nil for none. Reads the program once for all.
  static func seen(
    _ all: [AllocatorSigns], in source: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) -> [String?] {
    let files = source.regions.filter { $0.kind == .file && !$0.name.isEmpty }
    let names = Set(files.map(\.fileName))
    var seen = all.map { signs in
      names.filter { name in signs.libraries.contains { name.starts(with: $0.utf8) } }
        .min { $0.lexicographicallyPrecedes($1) }.map { "\(EscapedText($0)) is mapped" }
    }
    let texts = all.indices.flatMap { index in all[index].texts.map { (index: index, text: $0) } }
    for number in try texts.isEmpty ? [] : found(texts.map(\.text), in: files, of: source, process) {
      seen[texts[number].index] = seen[texts[number].index] ?? "its program has the text \"\(texts[number].text)\""
    }
    return seen
  }

  /// The texts that stand in the program, which comes before every library in memory.
  private static func found(
    _ texts: [String], in files: [MemoryRegion], of source: any MemorySource, _ process: TargetProcess?
  ) throws(MemDumpError) -> Set<Int> {
    let program = files.filter { $0.name == files.first?.name }.map(\.range)
    guard !program.isEmpty, program.reduce(0, { $0 + $1.byteCount }) <= searchLimit else { return [] }
    var seen = SeenPatterns()
    let scan = Scan(patterns: texts.compactMap { BytesPattern(text: $0) })
    if let live = process.flatMap({ try? LiveMemory($0, regions: source.regions) }) {
      // One that has ended since is not worth losing what was kept of it.
      _ = try? scan.run(live, ranges: program, into: &seen)
    } else {
      _ = try scan.run(source, ranges: program, into: &seen)
    }
    return seen.patterns
  }

  /// A sink that notes which patterns are found.
  private struct SeenPatterns: FindingSink {
    var patterns: Set<Int> = []

    mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
      patterns.insert(finding.pattern)
      return true
    }
  }
}
