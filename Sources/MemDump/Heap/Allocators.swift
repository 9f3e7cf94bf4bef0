/// The list of all allocators that memdump knows.
public enum Allocators {
  /// Every allocator, a line each, in the order in which reports have their facts. They are walked the other way round: what
  /// glibc's mapped chunks look like is looked for where no other heap is.
  public static let all: [any Allocator] = [
    GlibcMalloc(),
    Jemalloc(),
    Tcmalloc(),
    Mimalloc(),
    NamedAllocator.googleTcmalloc,
    GoHeap(),
    MuslMalloc(),
    ZendMM(),
    Pymalloc(),
  ]

  /// The same, as they are walked to tell what grows: of a collected heap, what survived a collection.
  public static let forGrowth: [any Allocator] = all.map { $0 is GoHeap ? GoHeap(countsSurvivors: true) : $0 }

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

  /// The allocators that a process has besides those whose heaps were walked, or instead: those that are only named, those
  /// whose heap was refused, and those of which there are signs and no heap that can be walked.
  ///
  /// - Parameters:
  ///   - heaps: what ``HeapWalk`` found with the same allocators.
  ///   - source: the memory that was walked.
  ///   - process: the process, where it still runs.
  ///   - allocators: the allocators to look for, those that ``HeapWalk`` was given.
  public static func others(
    than heaps: Heaps, in source: any MemorySource, process: TargetProcess? = nil,
    among allocators: [any Allocator] = all
  ) throws(MemDumpError) -> [AllocatorRecognition] {
    let walked = Set(heaps.all.map(\.allocator.name) + heaps.refusals.map(\.allocator.name))
    let left = allocators.filter { !walked.contains($0.name) }
    let signs = try AllocatorSigns.seen(left.map(\.signs), in: source, process: process)
    var others: [AllocatorRecognition] = []
    for (allocator, sign) in zip(left, signs) {
      // The walk has told that it has no heap of its shape.
      let found =
        allocator.isWalked
        ? sign.map { AllocatorRecognition(allocator, evidence: $0) } : try allocator.recognise(in: source, sign: sign)
      if let found { others.append(found) }
    }
    for refusal in heaps.refusals {
      var recognition = AllocatorRecognition(refusal.allocator, evidence: "it looks like one")
      recognition.refusal = refusal.reason
      others.append(recognition)
    }
    return others
  }

  /// Whether a process may have a heap that one of some allocators can walk: one that is there to be seen, or a sign of one. The
  /// process runs: a heap in motion may look like none.
  static func mayWalk(
    _ process: TargetProcess, among allocators: [any Allocator]
  ) throws(MemDumpError) -> Bool {
    let source = try LiveMemory(process)
    let walked = allocators.filter(\.isWalked)
    for allocator in walked {
      if try allocator.recognise(in: source, sign: nil) != nil { return true }
    }
    return try AllocatorSigns.seen(walked.map(\.signs), in: source, process: process).contains { $0 != nil }
  }

  /// The facts about heaps and about other allocators, each once, in an order that depends on the allocators alone; a
  /// fact that is not known has no value. Of what every heap has, it is that of the first, which has most in use.
  public static func facts(
    of heaps: Heaps, _ others: [AllocatorRecognition], among allocators: [any Allocator] = all
  ) -> [AllocatorFact] {
    let known = heaps.all.flatMap(\.facts) + others.flatMap(\.description.facts)
    var facts: [AllocatorFact] = []
    for name in allocators.flatMap(\.factNames) + HeapSummary.factNames
    where !facts.contains(where: { $0.name == name }) {
      facts.append(AllocatorFact(name, known.first { $0.name == name }?.value))
    }
    return facts
  }
}
