/// The list of all allocators that memdump knows.
public enum Allocators {
  /// Every allocator, a line each, in the order in which they are looked for: the first one that has a heap is walked,
  /// of those that can be.
  public static let all: [any Allocator] = [
    GlibcMalloc(),
    NamedAllocator.jemalloc,
    NamedAllocator.tcmalloc,
    NamedAllocator.mimalloc,
    NamedAllocator.go,
    NamedAllocator.musl,
    Pymalloc(),
  ]

  /// The allocators that a process has, of those asked for, in their order.
  ///
  /// - Parameters:
  ///   - source: a look at a process, a core or a dump.
  ///   - process: the process, where it still runs: the source need not have its program.
  ///   - allocators: the allocators to look for.
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

  /// The allocators that a process has besides the one whose heap was walked, or instead, without those walked in vain.
  ///
  /// - Parameters:
  ///   - heap: what ``HeapWalk`` found with the same allocators.
  ///   - source: the memory that was walked.
  ///   - process: the process, where it still runs.
  ///   - allocators: the allocators to look for, those that ``HeapWalk`` was given.
  public static func others(
    than heap: HeapSummary?, in source: any MemorySource, process: TargetProcess? = nil,
    among allocators: [any Allocator] = all
  ) throws(MemDumpError) -> [AllocatorRecognition] {
    let walked = heap.flatMap { heap in allocators.firstIndex { $0.name == heap.allocator.name } } ?? allocators.count
    let left = allocators.enumerated().filter { !$0.element.isWalked || $0.offset > walked }.map(\.element)
    return try recognised(in: source, process: process, among: left)
  }

  /// Whether the heap of one of some allocators in a process can be walked.
  static func canWalk(
    _ source: any MemorySource, process: TargetProcess, among allocators: [any Allocator]
  ) throws(MemDumpError) -> Bool {
    try !recognised(in: source, process: process, among: allocators.filter(\.isWalked)).isEmpty
  }

  /// The facts about a heap and about other allocators, each once, in an order that depends on the allocators alone; a
  /// fact that is not known has no value.
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
