import MemDump
import MemDumpTestSupport
import Testing

/// What walks over heaps find, beside the books that a program keeps of its heap.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"))
struct HeapBooksTests {
  static let modes = [["rest"], ["rest", "exits"], ["storm"]]
  static let mimallocLibrary = HeapBooks.library("libmimalloc.so.2.0")

  /// Stops a process, walks its heaps, and compares the one of an allocator with its books.
  static func compare(
    _ books: HeapBooks, _ name: String
  ) throws -> (heap: HeapSummary, comparison: HeapBooks.Comparison) {
    let look = try Stopping.patiently {
      try ProcessLook.atHeap(of: try books.target(), mode: .stop, budget: Stopping.budget)
    }
    #expect(look.mode == .stop)
    let heaps = try HeapWalk(look.source).run()
    #expect(heaps.refusals.isEmpty, "\(heaps.refusals)")
    let heap = try #require(heaps.all.first { $0.allocator.name == name }, "\(heaps.refusals)")
    // No block is found twice, by two allocators.
    let others = heaps.all.filter { $0.allocator.name != name }
    #expect(others.reduce(0) { $0 + $1.used.count } == 0)
    let comparison = try books.compare([heap], in: look.source)
    _ = try look.end()
    return (heap, comparison)
  }

  @Test(arguments: modes) func glibc(mode: [String]) throws {
    let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "")
    for _ in 0..<(isFullRun ? 3 : 1) {
      let comparison = try Self.compare(books, "glibc").comparison
      #expect(comparison.entryCount > 7000)
      #expect(comparison.missing.count == 0, "\(comparison)")
      #expect(comparison.short.count == 0, "\(comparison)")
      // An aligned block of a mapping of its own lies behind the start of that.
      #expect(comparison.inside.allSatisfy { $0.alignment != 0 && $0.byteCount >= 128 << 10 }, "\(comparison)")
      // What the C library has of its own, 15 blocks at rest, and two for each thread in the hands of malloc.
      #expect(comparison.extra.count <= 15 + 2 * 4, "\(comparison)")
    }
  }

  /// A page that nothing but its header tells is believed where malloc counts as many of them, and else none is.
  @Test func whatReallocMadeAPageIsFoundByMallocsCount() throws {
    let books = try HeapBooks("shrunk")
    let (heap, comparison) = try Self.compare(books, "glibc")
    #expect(comparison.entryCount == 32 && comparison.exactCount == 32, "\(comparison)")
    #expect(heap.facts["mapped_chunks"] == 32 && heap.facts["mapped_chunks_expected"] == 32)
    try books.step()
    let (forged, others) = try Self.compare(books, "glibc")
    // One that happens to lie at the start of a mapping has that to show as well.
    let found = 32 - others.missing.count
    #expect(found <= 4, "\(others)")
    #expect(forged.facts["mapped_chunks"] == UInt64(found) && forged.facts["mapped_chunks_expected"] == 32)
  }

  @Test(.enabled(if: mimallocLibrary != nil, "libmimalloc2.0 is not installed"), arguments: modes)
  func mimalloc(mode: [String]) throws {
    let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "", preload: Self.mimallocLibrary)
    for _ in 0..<(isFullRun ? 3 : 1) {
      let (heap, comparison) = try Self.compare(books, "mimalloc")
      #expect(heap.isClean)
      #expect(heap.facts["mimalloc_pages"] ?? 0 > 100)
      #expect(comparison.entryCount > 7000)
      #expect(comparison.missing.count == 0, "\(comparison)")
      #expect(comparison.short.count == 0, "\(comparison)")
      #expect(comparison.inside.allSatisfy { $0.alignment != 0 }, "\(comparison)")
      #expect(comparison.extraChainCount <= 4 * 4, "\(comparison)")
    }
  }

  /// Each thread has mimalloc visit its blocks when all is done: the sums are those of a walk.
  @Test(.enabled(if: mimallocLibrary != nil, "libmimalloc2.0 is not installed"), arguments: [1, 7] as [UInt64])
  func mimallocCountsTheSame(seed: UInt64) throws {
    let books = try HeapBooks(
      "rest", "threads=8", "count=5000", "seed=\(seed)", "visits", preload: Self.mimallocLibrary)
    let heap = try Self.compare(books, "mimalloc").heap
    let statistics = try books.statistics()
    #expect(heap.used.count == statistics["visited_blocks"])
    #expect(heap.used.byteCount == statistics["visited_bytes"])
  }

  @Test(.enabled(if: has("musl-gcc"), "musl-tools is not installed"), arguments: modes, [true, false])
  func musl(mode: [String], isStatic: Bool) throws {
    let program = try HeapBooks.built(by: "musl-gcc", isStatic ? "-static" : "-pie")
    let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "", program: program)
    for _ in 0..<(isFullRun ? 3 : 1) {
      let (heap, comparison) = try Self.compare(books, "musl")
      #expect(comparison.entryCount > 7000)
      #expect(comparison.missing.count == 0, "\(comparison)")
      #expect(comparison.short.count == 0, "\(comparison)")
      #expect(comparison.inside.count == 0, "\(comparison)")
      #expect(comparison.extra.count <= 4 * 4, "\(comparison)")
      // musl keeps what was asked for. A block that realloc(3) has in hand has the new size before the books know of it.
      if mode[0] == "rest" {
        #expect(heap.isClean)
        #expect(comparison.sameSizeCount == comparison.entryCount)
      }
    }
  }
}
