/// The malloc of musl from 1.2.1 on (mallocng), in a program that is linked statically or dynamically.
struct MuslMalloc: Allocator {
  let name = "musl"
  let title = "musl's malloc"
  let isWalked = true
  /// A program names its loader, whatever that is a link to, and one that is linked statically has the message of errno 0.
  let signs = AllocatorSigns(
    libraries: ["ld-musl-", "libc.musl-"], texts: ["/lib/ld-musl-", "No error information"])
  let factNames = MuslFigures.names

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    var words = try WordCache(source, .jumps)
    if let context = try MuslContext.find(AnonymousMemory(source.regions), &words) {
      return AllocatorRecognition(self, evidence: "its variables are at \(context.address)")
    }
    return sign.map { AllocatorRecognition(self, evidence: $0) }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    try MuslWalk(source, control).run(into: &record)
  }
}
