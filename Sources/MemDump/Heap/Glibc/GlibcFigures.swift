/// The figures that a walk over the heap of glibc's malloc gives besides the blocks.
struct GlibcFigures {
  /// The number of arenas; 0 where the source holds a heap alone, without the data of the C library.
  var arenaCount = 0
  /// The number of C libraries that have arenas; 0 where that is not known.
  var libraryCount = 0
  /// The address of the main arena, where there are several of the one with most memory.
  var mainArena: Address?
  /// The number of arenas outside the main arena's ring of sensible ones, or without a heap that can be walked.
  var unwalkedArenaCount: UInt64 = 0
  /// The number of free chunks in tcaches.
  var cachedCount: UInt64 = 0
  /// The number of free chunks in fastbins.
  var fastCount: UInt64 = 0
  /// The number of free chunks in bins.
  var binnedCount: UInt64 = 0
  /// The number of lists of free chunks that led to something that is no chunk.
  var brokenListCount: UInt64 = 0
  /// The size of the top chunks of all arenas together, in bytes.
  var topByteCount: UInt64 = 0
  /// The number of mapped chunks by malloc's own count; nil where that was not found.
  var expectedMappedCount: UInt64?
  /// The bytes of the main arena that were not found: they lie in mappings that nothing leads to.
  var missingByteCount: UInt64 = 0

  /// The settings of malloc; nil where they were not found.
  var settings: MallocParameters.Settings?

  /// Whether all arenas and lists were followed to their end.
  var isComplete: Bool { brokenListCount == 0 && missingByteCount == 0 && unwalkedArenaCount == 0 }

  /// The names of the facts about the heap, in the order in which they are told.
  static let names: [AllocatorFact.Name] = [
    "tcache_chunks", "fastbin_chunks", "bin_chunks", "top_bytes", "mapped_chunks", "mapped_bytes",
    "mapped_chunks_expected", "arenas", "main_arena", "walked_bytes", "skipped_bytes", "missing_bytes", "breaks",
    "first_break", "broken_lists", "unwalked_arenas", "trim_threshold", "mmap_threshold", "arena_max",
  ]

  /// The description of the heap, where some chunks have mappings of their own.
  func description(mapped: HeapSummary.Sum) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("tcache_chunks", cachedCount), AllocatorFact("fastbin_chunks", fastCount),
      AllocatorFact("bin_chunks", binnedCount), AllocatorFact("top_bytes", topByteCount),
      AllocatorFact("mapped_chunks_expected", expectedMappedCount), AllocatorFact("arenas", UInt64(arenaCount)),
      AllocatorFact("main_arena", mainArena), AllocatorFact("missing_bytes", missingByteCount),
      AllocatorFact("broken_lists", brokenListCount), AllocatorFact("unwalked_arenas", unwalkedArenaCount),
      AllocatorFact("trim_threshold", settings?.trimThreshold), AllocatorFact("mmap_threshold", settings?.mapThreshold),
      AllocatorFact("arena_max", settings?.mostArenas),
    ]
    if mapped.count > 0 || (expectedMappedCount ?? 0) > 0 {
      let expected: Phrase = expectedMappedCount.map { " of \(count: $0)" } ?? ""
      description.used =
        "\(count: mapped.count)\(expected) with a mapping of their own, \(bytes: mapped.byteCount)"
    }
    let lists: Phrase = "\(count: fastCount) in fastbins, \(count: binnedCount) in bins"
    description.free = "\(count: cachedCount) in caches of threads, \(lists); \(bytes: topByteCount) at the top"
    let libraries: Phrase = libraryCount > 1 ? " of \(count: UInt64(libraryCount)) C libraries" : ""
    description.lines = [
      .init(
        "arenas",
        arenaCount == 0
          ? "not known: there is no data of the C library" : "\(count: UInt64(arenaCount))\(libraries)")
    ]
    if brokenListCount > 0 {
      description.notes.append("\(count: brokenListCount, "free list") could not be followed to the end")
    }
    if missingByteCount > 0 {
      description.notes.append("\(bytes: missingByteCount) of the main arena were not found")
    }
    if unwalkedArenaCount > 0 {
      description.notes.append("\(count: unwalkedArenaCount, "arena") could not be walked")
    }
    return description
  }
}
