/// The figures that a walk over the heap of gperftools' tcmalloc gives besides the blocks.
struct TcmallocFigures {
  /// The spans with blocks of a class, and those whose list has as many free blocks as they say.
  var (spanCount, agreeingSpanCount) = (0, 0)
  /// The blocks that have a span of their own.
  var largeCount: UInt64 = 0
  /// The bytes of free spans, and of those without memory.
  var (freeByteCount, returnedByteCount): (UInt64, UInt64) = (0, 0)
  /// The free blocks in the lists of spans.
  var listedCount: UInt64 = 0
  /// The caches of threads, and the blocks in them.
  var (cacheCount, cachedCount, cachedByteCount): (UInt64, UInt64, UInt64) = (0, 0, 0)
  /// The blocks that threads hand to each other.
  var (sharedCount, sharedByteCount): (UInt64, UInt64) = (0, 0)
  /// The lists that led to something that is no block.
  var brokenCount: UInt64 = 0

  /// Whether all spans and lists were followed.
  var isComplete: Bool { agreeingSpanCount == spanCount && brokenCount == 0 }

  /// The names of the facts about the heap, in the order in which they are told.
  static let names: [AllocatorFact.Name] = [
    "tcmalloc_spans", "tcmalloc_spans_agreeing", "tcmalloc_large", "tcmalloc_free_bytes", "tcmalloc_returned_bytes",
    "tcmalloc_caches", "tcmalloc_cached_bytes", "tcmalloc_shared_bytes",
  ]

  /// The description of the heap.
  func description(_ map: TcmallocPageMap, classCount: Int, _ regions: [MemoryRegion]) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("tcmalloc_spans", UInt64(spanCount)),
      AllocatorFact("tcmalloc_spans_agreeing", UInt64(agreeingSpanCount)),
      AllocatorFact("tcmalloc_large", largeCount), AllocatorFact("tcmalloc_free_bytes", freeByteCount),
      AllocatorFact("tcmalloc_returned_bytes", returnedByteCount), AllocatorFact("tcmalloc_caches", cacheCount),
      AllocatorFact("tcmalloc_cached_bytes", cachedByteCount), AllocatorFact("tcmalloc_shared_bytes", sharedByteCount),
    ]
    if largeCount > 0 { description.used = "\(count: largeCount, "large one") among them" }
    description.free = """
      \(count: cachedCount) in \(count: cacheCount, "cache") of threads, \(count: sharedCount) between threads, the others in spans
      """
    let file = regions.index(holding: map.variables.lowerBound).map { regions[$0].fileName } ?? []
    let place: Phrase = file.isEmpty ? "" : " in \(text: EscapedText(file).description)"
    description.lines = [
      .init("pages", "\(bytes: freeByteCount) free; \(bytes: returnedByteCount) given back, without memory"),
      .init(
        "layout",
        """
        of gperftools 2, by its page map at \(text: map.root.description)\(place): \
        \(count: UInt64(agreeingSpanCount)) of \(count: UInt64(spanCount), "span") agree with their lists
        """),
    ]
    if brokenCount > 0 {
      description.notes.append("\(count: brokenCount, "free list") could not be followed to the end")
    }
    return description
  }
}
