/// Whose heap a process has.
public enum AllocatorKind: String, CaseIterable, Sendable {
  /// The C library's own, of GNU: the one that ``HeapWalk`` walks.
  case glibc
  /// jemalloc: redis, FreeBSD, older Rust programs.
  case jemalloc
  /// Google's.
  case tcmalloc
  /// Microsoft's.
  case mimalloc
  /// The runtime of Go.
  case go
  /// The small C library of Alpine Linux.
  case musl

  /// What people call it.
  public var name: String { self == .go ? "Go" : rawValue }

  /// What the file name of its library starts with.
  private var libraries: [String] {
    switch self {
    case .glibc, .go: []
    case .jemalloc: ["libjemalloc"]
    case .tcmalloc: ["libtcmalloc"]
    case .mimalloc: ["libmimalloc"]
    case .musl: ["ld-musl-", "libc.musl-"]
    }
  }

  /// What stands in a program that holds it: its messages, and what Go puts before how it was built.
  private var text: String? {
    switch self {
    case .glibc, .musl: nil
    case .jemalloc: "<jemalloc>: "
    case .tcmalloc: "tcmalloc: "
    case .mimalloc: "mimalloc: "
    case .go: " Go buildinf:"
    }
  }

  /// What a program is searched for at most: one of more than this is told by its libraries alone.
  private static let searchLimit: UInt64 = 256 << 20

  /// Whose heap a process has that is not glibc's: by the libraries it has mapped, and by what stands in its program.
  ///
  /// - Parameters:
  ///   - source: a look at a process, a core or a dump.
  ///   - process: the process, where it still runs: a look at it need not have its program.
  public static func all(
    in source: any MemorySource, process: TargetProcess? = nil
  ) throws(MemDumpError) -> [AllocatorKind] {
    let files = source.regions.filter { $0.kind == .file && !$0.name.isEmpty }
    let names = Set(files.map(\.fileName))
    var found = Set(
      allCases.filter { kind in
        kind.libraries.contains { library in names.contains { $0.starts(with: library.utf8) } }
      })
    // The program comes before every library in memory.
    let program = files.filter { $0.name == files.first?.name }.map(\.range)
    if !program.isEmpty, program.reduce(0, { $0 + $1.byteCount }) <= searchLimit {
      let kinds = allCases.filter { $0.text != nil }
      var seen = SeenPatterns()
      let patterns = kinds.compactMap { $0.text.flatMap { BytesPattern(text: $0) } }
      let scan = Scan(patterns: patterns)
      if let live = process.flatMap({ try? LiveMemory($0, regions: source.regions) }) {
        // One that has ended since is not worth losing what was kept of it.
        _ = try? scan.run(live, ranges: program, into: &seen)
      } else {
        _ = try scan.run(source, ranges: program, into: &seen)
      }
      found.formUnion(seen.patterns.map { kinds[$0] })
    }
    return allCases.filter(found.contains)
  }

  /// Takes note of which patterns are found.
  private struct SeenPatterns: FindingSink {
    var patterns: Set<Int> = []

    mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
      patterns.insert(finding.pattern)
      return true
    }
  }
}
