/// The memory manager of PHP (zend_mm of Zend/zend_alloc.c, PHP 7.0 and later), one heap for each thread of PHP: chunks of 2 MiB that
/// lead back to their heap. It is known by its chunks alone, without a symbol.
///
/// What PHP asks for with `USE_ZEND_ALLOC=0`, and what it keeps for the life of the process, is of the C library's malloc.
struct ZendMM: Allocator {
  let name = "zend"
  let title = "PHP's zend_mm"
  let isGeneral = false
  let isWalked = true
  let granularity: UInt64 = 8
  let factNames = ZendFigures.names
  let settingPrefixes = ["USE_ZEND_ALLOC"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    var words = try WordCache(source, .jumps)
    guard let heap = try ZendHeap.all(in: AnonymousMemory(source.regions), most: 1, &words).first else { return nil }
    return AllocatorRecognition(self, evidence: "there is a chunk of it at \(heap.mainChunk)")
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    var words = try WordCache(source, .jumps)
    let heaps = try ZendHeap.all(in: AnonymousMemory(source.regions), &words)
    if heaps.isEmpty { return nil }
    var walk = try ZendWalk(source, control)
    for heap in heaps where !control.isStopped { try walk.add(heap, to: &record) }
    return try walk.finish(&record)
  }
}
