/// The heap of the runtime of a language, found by the shape that only it has.
struct LanguageHeap {
  /// The language, and what of it.
  var language: String
  var part: String?
  /// The memory, in order.
  var ranges: [Range<Address>]

  /// Where Go asks for its first arena on 64-bit machines (runtime/malloc.go), and how far arenas go up from there.
  private static let goArenas = Address(0xc0_0000_0000)..<Address(0xc0_0000_0000 + 1 << 39)

  /// The heaps in a source.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs.
  ///   - recognised: the allocators that the process has, by their signs.
  static func found(
    in source: any MemorySource, process: TargetProcess?, _ recognised: [AllocatorRecognition]
  ) throws(MemDumpError) -> [LanguageHeap] {
    var heaps: [LanguageHeap] = []
    if recognised.contains(where: { $0.allocator.name == Pymalloc().name }) {
      let pools = try PythonPools.find(in: source)
      heaps.append(LanguageHeap(language: "Python's pools", ranges: pools.ranges))
    }
    if recognised.contains(where: { $0.allocator.name == GoHeap().name }) {
      let arenas = source.regions.filter {
        $0.kind == .anonymous && $0.permissions.contains(.write) && goArenas.contains($0.range.lowerBound)
      }
      heaps.append(LanguageHeap(language: "Go", ranges: arenas.map(\.range)))
    }
    if let memory = try HotSpotMemory(in: source, process: process) {
      for (part, ranges) in [
        ("objects", memory.objects), ("compiled code", memory.code), ("classes", memory.classes),
        ("card table", memory.cards),
      ] {
        heaps.append(LanguageHeap(language: "HotSpot", part: part, ranges: ranges))
      }
    }
    // Whatever the program is called: many have the engine inside.
    let chunks = try V8Heap(in: source).ranges
    if !chunks.isEmpty { heaps.append(LanguageHeap(language: "V8", ranges: chunks)) }
    return heaps
  }
}
