/// Python's own allocator for small objects, whose pools are counted and not walked.
struct Pymalloc: Allocator {
  let name = "pymalloc"
  let title = "Python's pymalloc"
  let isGeneral = false
  let signs = AllocatorSigns(libraries: ["python", "libpython"])
  let factNames: [AllocatorFact.Name] = ["pymalloc_bytes", "pymalloc_pools"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    guard let sign else { return nil }
    let pools = try PythonPools.find(in: source)
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("pymalloc_bytes", pools.byteCount), AllocatorFact("pymalloc_pools", pools.count),
    ]
    if pools.count > 0 {
      let places: Phrase = "in \(count: UInt64(pools.regionCount), "mapping"), not walked"
      description.lines = [
        .init("pymalloc", "\(bytes: pools.byteCount) in \(count: pools.count, "pool") of Python's own, \(places)")
      ]
    }
    return AllocatorRecognition(self, evidence: sign, description: description)
  }
}
