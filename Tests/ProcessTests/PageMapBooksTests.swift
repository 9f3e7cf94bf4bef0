import MemDump
import MemDumpTestSupport
import Testing

/// What the walks over jemalloc's and tcmalloc's heaps find, beside the books of a program and what the allocators say themselves.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"))
struct PageMapBooksTests {
  static let jemallocLibrary = HeapBooks.library("libjemalloc.so.2")
  static let tcmallocLibraries = ["libtcmalloc_minimal.so.4", "libtcmalloc.so.4"].compactMap { HeapBooks.library($0) }

  @Test(.enabled(if: jemallocLibrary != nil, "libjemalloc2 is not installed"), arguments: HeapBooksTests.modes)
  func jemalloc(mode: [String]) throws {
    let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "", preload: Self.jemallocLibrary)
    for _ in 0..<(isFullRun ? 3 : 1) {
      let (heap, comparison) = try HeapBooksTests.compare(books, "jemalloc")
      // A block on its way into a cache or out of one may stand there and be free.
      #expect(heap.isClean || mode[0] == "storm", "\(heap.description.notes)")
      #expect(comparison.entryCount > 7000)
      #expect(comparison.missing.count == 0, "\(comparison)")
      #expect(comparison.short.count == 0, "\(comparison)")
      #expect(comparison.inside.count == 0, "\(comparison)")
      // Mid-way between a slab and its cache a thread has as many in hand as a cache has room for.
      #expect(comparison.extra.count <= 4 * (mode[0] == "storm" ? 200 : 4), "\(comparison)")
    }
  }

  @Test(
    .enabled(if: jemallocLibrary != nil, "libjemalloc2 is not installed"), arguments: [[], ["exits"]] as [[String]],
    ["", "narenas:1", "tcache:false", "dirty_decay_ms:0"])
  func jemallocCountsTheSame(mode: [String], settings: String) throws {
    let books = try HeapBooks(
      "rest", "threads=8", "count=5000", "seed=3", mode.last ?? "", preload: Self.jemallocLibrary,
      environment: settings.isEmpty ? [:] : ["MALLOC_CONF": settings])
    let statistics = try books.statistics()
    let heap = try HeapBooksTests.compare(books, "jemalloc").heap
    let cached = heap.facts["jemalloc_cached_bytes"] ?? 0
    let own = heap.facts["jemalloc_own_bytes"] ?? 0
    #expect(heap.used.byteCount + cached + own == statistics["stats.allocated"])
    #expect(cached == statistics["stats.arenas.4096.tcache_bytes"])
    #expect(heap.facts["jemalloc_dirty_bytes"] == statistics["stats.arenas.4096.pdirty"].map { $0 * 4096 })
    #expect(heap.facts["jemalloc_muzzy_bytes"] == statistics["stats.arenas.4096.pmuzzy"].map { $0 * 4096 })
    #expect(heap.facts["jemalloc_retained_bytes"] == statistics["stats.retained"])
    #expect(heap.walkedByteCount == statistics["stats.active"])
  }

  @Test(
    .enabled(if: !tcmallocLibraries.isEmpty, "libtcmalloc-minimal4 is not installed"), arguments: HeapBooksTests.modes)
  func tcmalloc(mode: [String]) throws {
    for library in Self.tcmallocLibraries {
      let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "", preload: library)
      for _ in 0..<(isFullRun ? 3 : 1) {
        let (heap, comparison) = try HeapBooksTests.compare(books, "tcmalloc")
        #expect(heap.isClean || mode[0] == "storm", "\(heap.description.notes)")
        #expect(comparison.entryCount > 7000)
        #expect(comparison.missing.count == 0, "\(comparison)")
        #expect(comparison.short.count == 0, "\(comparison)")
        #expect(comparison.inside.count == 0, "\(comparison)")
        // A batch on its way between a thread and the others is a list in the hand of one.
        #expect(comparison.extraChainCount <= 4 * 5, "\(comparison)")
      }
    }
  }

  @Test(
    .enabled(if: !tcmallocLibraries.isEmpty, "libtcmalloc-minimal4 is not installed"),
    arguments: [[], ["exits"]] as [[String]])
  func tcmallocCountsTheSame(mode: [String]) throws {
    for library in Self.tcmallocLibraries {
      let books = try HeapBooks("rest", "threads=8", "count=5000", "seed=3", mode.last ?? "", preload: library)
      let statistics = try books.statistics()
      let heap = try HeapBooksTests.compare(books, "tcmalloc").heap
      #expect(heap.used.byteCount == statistics["generic.current_allocated_bytes"])
      #expect(heap.facts["tcmalloc_cached_bytes"] == statistics["tcmalloc.thread_cache_free_bytes"])
      #expect(heap.facts["tcmalloc_shared_bytes"] == statistics["tcmalloc.transfer_cache_free_bytes"])
      #expect(heap.facts["tcmalloc_free_bytes"] == statistics["tcmalloc.pageheap_free_bytes"])
      #expect(heap.facts["tcmalloc_returned_bytes"] == statistics["tcmalloc.pageheap_unmapped_bytes"])
    }
  }

  /// What the pages of free runs would give back, and what the kernel then counts less.
  @Test(.enabled(if: jemallocLibrary != nil, "libjemalloc2 is not installed"))
  func whatCanBeGivenBackIs() throws {
    for (library, name) in ([Self.jemallocLibrary].compactMap(\.self) + Self.tcmallocLibraries.suffix(1)).map({
      ($0, $0.contains("jemalloc") ? "jemalloc" : "tcmalloc")
    }) {
      let books = try HeapBooks("rest", "threads=2", "count=8000", "seed=5", preload: library)
      let look = try Stopping.patiently {
        try ProcessLook.atHeap(of: try books.target(), mode: .stop, budget: Stopping.budget)
      }
      let heap = try #require(try HeapWalk(look.source).run().all.first { $0.allocator.name == name })
      let present = try look.source.residentByteCount(in: heap.returnableRanges)
      _ = try look.end()
      let gave = try books.giveBack()
      let returned = gave.before - min(gave.before, gave.after)
      let difference = max(returned, present) - min(returned, present)
      #expect(difference <= max(2 << 20, present / 20), "\(name): \(present) expected, \(returned) returned")
    }
  }
}

extension MemorySource {
  /// The bytes of some ranges that are present.
  fileprivate func residentByteCount(in ranges: [Range<Address>]) throws -> UInt64 {
    var count: UInt64 = 0
    for range in ranges {
      var address = range.lowerBound
      var bytes = [UInt8](repeating: 0, count: 4096)
      while address < range.upperBound {
        var span = bytes.mutableSpan
        var target = span.mutableBytes
        guard let run = try read(at: address, into: &target).first else { break }
        let length = min(run.byteCount, range.upperBound.rawValue - address.rawValue)
        if run.content == .bytes { count += length }
        address = Address(address.rawValue + length)
      }
    }
    return count
  }
}
