/// The tcmalloc of gperftools 2, whole or minimal, on 64-bit machines, as a library or in a program. It is known by its page map
/// alone, without a symbol. Google's newer tcmalloc, with caches for each processor, is another program.
struct Tcmalloc: Allocator {
  let name = "tcmalloc"
  let title = "tcmalloc"
  let isWalked = true
  let granularity: UInt64 = 8
  let signs = AllocatorSigns(libraries: ["libtcmalloc"], texts: ["tcmalloc: "])
  let factNames = TcmallocFigures.names
  let settingPrefixes = ["TCMALLOC_"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    if let map = try TcmallocPageMap.find(in: source, AnonymousMemory(source.regions)) {
      return AllocatorRecognition(self, evidence: sign ?? "there is a page map at \(map.root)")
    }
    return sign.map { AllocatorRecognition(self, evidence: $0) }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    let memory = AnonymousMemory(source.regions)
    guard let map = try TcmallocPageMap.find(in: source, memory) else { return nil }
    guard let walk = try TcmallocWalk(source, memory, map, control) else {
      record.refusal = "but no row of numbers in its variables is that of the sizes of classes"
      return nil
    }
    return try walk.run(into: &record)
  }
}
