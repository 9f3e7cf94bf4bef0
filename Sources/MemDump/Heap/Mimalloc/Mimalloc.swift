/// Microsoft's mimalloc, versions 2 and 3, as a library or as a part of a program.
struct Mimalloc: Allocator {
  let name = "mimalloc"
  let title = "mimalloc"
  let isWalked = true
  /// A block of 8 bytes may begin at any multiple of 8.
  let granularity: UInt64 = 8
  let signs = AllocatorSigns(libraries: ["libmimalloc"], texts: ["mimalloc: "])
  let factNames = MimallocFigures.names
  let settingPrefixes = ["MIMALLOC_"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    var words = try WordCache(source, .jumps)
    let memory = AnonymousMemory(source.regions)
    if let segment = try MimallocSegments.find(memory, &words, most: 1).first {
      return AllocatorRecognition(self, evidence: "there is a segment at \(segment.range.lowerBound)")
    }
    if let map = try MimallocPageMap.find(memory, &words) {
      return AllocatorRecognition(self, evidence: "there is a page map at \(map.root)")
    }
    return sign.map { AllocatorRecognition(self, evidence: $0) }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    try MimallocWalk(source, control).run(into: &record)
  }
}
