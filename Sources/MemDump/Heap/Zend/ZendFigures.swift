/// The figures that a walk over the heaps of PHP's memory manager gives besides the blocks.
struct ZendFigures {
  /// The heaps, their chunks, and those of them that are kept for later.
  var (heapCount, chunkCount, cachedChunkCount): (UInt64, UInt64, UInt64) = (0, 0, 0)
  /// The blocks with mappings of their own.
  var hugeCount: UInt64 = 0
  /// The bytes of free pages.
  var freeByteCount: UInt64 = 0
  /// The bytes of the blocks in use, as found and as PHP itself counts them.
  var (usedByteCount, countedByteCount): (UInt64, UInt64) = (0, 0)
  /// The pages and lists that are not what they can be.
  var brokenCount: UInt64 = 0

  /// The names of the facts about the heap, in the order in which they are told.
  static let names: [AllocatorFact.Name] = [
    "zend_heaps", "zend_chunks", "zend_cached_chunks", "zend_huge", "zend_free_bytes", "zend_counted_bytes",
  ]

  /// The description of the heap.
  var description: AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("zend_heaps", heapCount), AllocatorFact("zend_chunks", chunkCount),
      AllocatorFact("zend_cached_chunks", cachedChunkCount), AllocatorFact("zend_huge", hugeCount),
      AllocatorFact("zend_free_bytes", freeByteCount), AllocatorFact("zend_counted_bytes", countedByteCount),
    ]
    if hugeCount > 0 { description.used = "\(count: hugeCount, "huge one") among them" }
    description.free = "in runs of blocks of one size"
    description.lines = [
      .init(
        "pages",
        "\(bytes: freeByteCount) free in \(count: chunkCount, "chunk"); \(count: cachedChunkCount) kept for later"),
      .init("layout", "of zend_mm in \(count: heapCount, "heap"): PHP itself counts \(bytes: countedByteCount) in use"),
    ]
    if brokenCount > 0 {
      description.notes.append("\(count: brokenCount, "place") of it could not be followed to the end")
    }
    return description
  }
}
