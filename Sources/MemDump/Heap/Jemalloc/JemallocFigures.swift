/// The figures that a walk over the heap of jemalloc gives besides the blocks.
struct JemallocFigures {
  /// Where the bits of extents are; nil before that is known.
  var bits: JemallocBits?
  /// The entries of the tree, and those that lead to an extent with their page.
  var (entryCount, agreeingEntryCount) = (0, 0)
  /// The extents, in use or free.
  var extentCount: UInt64 = 0
  /// The slabs in use, and those whose bitmap has as many free blocks as they say.
  var (slabCount, agreeingSlabCount) = (0, 0)
  /// The blocks in use that have an extent of their own.
  var largeCount: UInt64 = 0
  /// The bytes of free extents that are as the program left them, that the kernel may take, and that have no memory.
  var (dirtyByteCount, muzzyByteCount, retainedByteCount): (UInt64, UInt64, UInt64) = (0, 0, 0)
  /// The caches of threads, and the blocks in them.
  var (cacheCount, cachedCount, cachedByteCount): (UInt64, UInt64, UInt64) = (0, 0, 0)
  /// The bytes of blocks in which jemalloc notes what caches have; they are no program's.
  var ownByteCount: UInt64 = 0
  /// The words in caches that lead to no block in use.
  var strayCount: UInt64 = 0

  /// Whether all slabs and caches were followed.
  var isComplete: Bool { agreeingSlabCount == slabCount && strayCount == 0 }

  /// The names of the facts about the heap, in the order in which they are told.
  static let names: [AllocatorFact.Name] = [
    "jemalloc_slabs", "jemalloc_slabs_agreeing", "jemalloc_large", "jemalloc_dirty_bytes", "jemalloc_muzzy_bytes",
    "jemalloc_retained_bytes", "jemalloc_caches", "jemalloc_cached_bytes", "jemalloc_own_bytes",
  ]

  /// The description of the heap.
  func description(_ tree: JemallocTree, variables regions: [MemoryRegion]) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("jemalloc_slabs", UInt64(slabCount)),
      AllocatorFact("jemalloc_slabs_agreeing", UInt64(agreeingSlabCount)),
      AllocatorFact("jemalloc_large", largeCount), AllocatorFact("jemalloc_dirty_bytes", dirtyByteCount),
      AllocatorFact("jemalloc_muzzy_bytes", muzzyByteCount),
      AllocatorFact("jemalloc_retained_bytes", retainedByteCount), AllocatorFact("jemalloc_caches", cacheCount),
      AllocatorFact("jemalloc_cached_bytes", cachedByteCount), AllocatorFact("jemalloc_own_bytes", ownByteCount),
    ]
    if largeCount > 0 { description.used = "\(count: largeCount, "large one") among them" }
    description.free = "\(count: cachedCount) in \(count: cacheCount, "cache") of threads, the others in slabs"
    let file = regions.index(holding: tree.variables.lowerBound).map { regions[$0].fileName } ?? []
    let place: Phrase = file.isEmpty ? "" : " in \(text: EscapedText(file).description)"
    description.lines = [
      .init(
        "pages",
        "\(bytes: dirtyByteCount) dirty, \(bytes: muzzyByteCount) muzzy; \(bytes: retainedByteCount) retained, without memory"
      ),
      .init(
        "layout",
        """
        of jemalloc \(text: bits?.title.description ?? ""), by its page map at \(text: tree.root.description)\(place): \
        \(count: UInt64(agreeingSlabCount)) of \(count: UInt64(slabCount), "slab") agree with their bitmaps
        """),
    ]
    if strayCount > 0 {
      description.notes.append("\(count: strayCount, "word") in caches of threads lead to no block in use")
    }
    return description
  }
}
