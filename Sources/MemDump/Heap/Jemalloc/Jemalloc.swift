/// jemalloc 5.0 to 5.3, on 64-bit machines with pages of 4 KiB: the allocator of redis, FreeBSD and many programs in Rust, as a
/// library, or in a program, or in a library of another kind, as the wheels of Python have it. It is known by its page map alone,
/// without a symbol.
struct Jemalloc: Allocator {
  let name = "jemalloc"
  let title = "jemalloc"
  let isWalked = true
  let granularity: UInt64 = 8
  /// Its messages begin with its name.
  let signs = AllocatorSigns(libraries: ["libjemalloc"], texts: ["<jemalloc>: "])
  let factNames = JemallocFigures.names
  let settingPrefixes = ["MALLOC_CONF", "JE_MALLOC_CONF", "_RJEM_MALLOC_CONF"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    if let tree = try JemallocTree.find(in: source, AnonymousMemory(source.regions)) {
      return AllocatorRecognition(self, evidence: sign ?? "there is a page map at \(tree.root)")
    }
    return sign.map { AllocatorRecognition(self, evidence: $0) }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    let memory = AnonymousMemory(source.regions)
    guard let tree = try JemallocTree.find(in: source, memory) else { return nil }
    return try JemallocWalk(source, memory, tree, control).run(into: &record)
  }
}
