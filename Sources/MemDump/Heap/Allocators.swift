/// The allocators there are.
public enum Allocators {
  /// Every one, a line each, in the order in which they are looked for: of those that can be walked, the first one that has a
  /// heap is.
  public static let all: [any Allocator] = [
    GlibcMalloc(),
    NamedAllocator.jemalloc,
    NamedAllocator.tcmalloc,
    NamedAllocator.mimalloc,
    NamedAllocator.go,
    NamedAllocator.musl,
    Pymalloc(),
  ]

  /// Those of some allocators that a process has, in their order.
  ///
  /// - Parameters:
  ///   - source: a look at a process, a core or a dump.
  ///   - process: the process, where it still runs: a look at it need not have its program.
  ///   - allocators: which ones to look for.
  public static func recognised(
    in source: any MemorySource, process: TargetProcess? = nil, among allocators: [any Allocator] = all
  ) throws(MemDumpError) -> [AllocatorRecognition] {
    var found: [AllocatorRecognition] = []
    let signs = try AllocatorSigns.seen(allocators.map(\.signs), in: source, process: process)
    for (allocator, sign) in zip(allocators, signs) {
      if let recognition = try allocator.recognise(in: source, sign: sign) { found.append(recognition) }
    }
    return found
  }

  /// Whose heap a process has besides the one that was walked, or instead. An allocator that was walked in vain is not there.
  ///
  /// - Parameters:
  ///   - heap: what ``HeapWalk`` found with the same allocators.
  ///   - source: what was walked.
  ///   - process: the process, where it still runs.
  public static func others(
    than heap: HeapSummary?, in source: any MemorySource, process: TargetProcess? = nil,
    among allocators: [any Allocator] = all
  ) throws(MemDumpError) -> [AllocatorRecognition] {
    let walked = heap.flatMap { heap in allocators.firstIndex { $0.name == heap.allocator.name } } ?? allocators.count
    let left = allocators.enumerated().filter { !$0.element.isWalked || $0.offset > walked }.map(\.element)
    return try recognised(in: source, process: process, among: left)
  }

  /// Whether a heap of a process can be walked.
  static func canWalk(
    _ source: any MemorySource, process: TargetProcess, among allocators: [any Allocator]
  ) throws(MemDumpError) -> Bool {
    try !recognised(in: source, process: process, among: allocators.filter(\.isWalked)).isEmpty
  }

  /// What there is to say of a heap and of other allocators, each fact once, in an order that depends on the allocators alone:
  /// without a value where nothing is known of it.
  public static func facts(
    of heap: HeapSummary?, _ others: [AllocatorRecognition], among allocators: [any Allocator] = all
  ) -> [AllocatorFact] {
    let known = (heap?.facts ?? []) + others.flatMap(\.description.facts)
    var facts: [AllocatorFact] = []
    for name in allocators.flatMap(\.factNames) + HeapSummary.factNames
    where !facts.contains(where: { $0.name == name }) {
      facts.append(AllocatorFact(name, known.first { $0.name == name }?.value))
    }
    return facts
  }
}
