import MemDump
import MemDumpTestSupport
import Testing

/// What is said of where a heap's memory is, beside what the allocator then gives back, and what the heap was made for.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct HeapForecastTests {
  private static let budget = Duration.seconds(10)
  /// The largest error of a forecast: 5 % of what is given back, or 2 MiB.
  private static func allowance(_ returned: UInt64) -> UInt64 { max(returned / 20, 2 << 20) }

  private func accounts(_ books: HeapBooks) throws -> [HeapAccount] {
    let look = try ProcessLook(books.target(), mode: .stop, budget: Self.budget)
    let accounts = try HeapWalk(look.source).run().all.map {
      try HeapAccount(of: $0, in: look.source, process: books.target())
    }
    _ = try look.end()
    return accounts
  }

  /// The resident bytes of the mappings that a range touches, by smaps.
  private func resident(_ books: HeapBooks, _ ranges: [Range<Address>]) throws -> UInt64 {
    try books.target().regions(usage: true).filter { region in
      ranges.contains { $0.overlaps(region.range) }
    }.reduce(0) { $0 + ($1.usage?.resident ?? 0) }
  }

  private func check(_ books: HeapBooks, _ allocator: String) throws {
    let all = try accounts(books)
    let account = try #require(all.first { $0.allocator.name == allocator })
    let touched = try resident(books, account.ranges)
    // A mapping may have something else beside the heap, and never less than the heap.
    #expect(account.parts.sum <= touched)
    let (function, before, after) = try books.giveBack()
    let returned = before - min(before, after)
    let difference = max(returned, account.forecast) - min(returned, account.forecast)
    #expect(
      difference <= Self.allowance(returned),
      "\(allocator): \(account.forecast) of \(account.parts) forecast, \(function) gave \(returned)")
    let rest = try #require(try accounts(books).first { $0.allocator.name == allocator })
    #expect(rest.parts.returnable <= Self.allowance(returned), "\(allocator): \(rest.parts)")
    #expect(rest.parts.used + (1 << 20) >= account.parts.used, "\(allocator): \(rest.parts)")
  }

  @Test(arguments: ["rest", "fragmentation", "arenas", "buffers"]) func glibcGivesBackWhatIsForecast(
    mode: String
  ) throws {
    try check(HeapBooks(mode, "count=\(mode == "fragmentation" ? 300_000 : mode == "rest" ? 6000 : 64_000)"), "glibc")
  }

  @Test(
    .enabled(if: HeapBooks.library("libjemalloc.so.2") != nil, "needs libjemalloc2"),
    arguments: ["rest", "fragmentation"])
  func jemallocGivesBackWhatIsForecast(mode: String) throws {
    // Without a decay by itself, which goes on while nobody looks.
    let settings = ["MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"]
    try check(
      HeapBooks(
        mode, "count=\(mode == "rest" ? 6000 : 300_000)", preload: HeapBooks.library("libjemalloc.so.2"),
        environment: settings), "jemalloc")
  }

  @Test(
    .enabled(if: HeapBooks.library("libtcmalloc_minimal.so.4") != nil, "needs libtcmalloc-minimal4"),
    arguments: ["rest", "fragmentation"])
  func tcmallocGivesBackWhatIsForecast(mode: String) throws {
    try check(
      HeapBooks(
        mode, "count=\(mode == "rest" ? 6000 : 300_000)", preload: HeapBooks.library("libtcmalloc_minimal.so.4")),
      "tcmalloc")
  }

  @Test(.enabled(if: HeapBooks.library("libmimalloc.so.2.0") != nil, "needs libmimalloc2.0"), arguments: ["rest"])
  func mimallocGivesBackWhatIsForecast(mode: String) throws {
    try check(HeapBooks(mode, "count=6000", preload: HeapBooks.library("libmimalloc.so.2.0")), "mimalloc")
  }

  @Test func theEnvironmentTellsSettings() throws {
    let books = try HeapBooks("rest", "count=6000", environment: ["MALLOC_ARENA_MAX": "3", "MALLOC_SECRET": "x"])
    let account = try #require(try accounts(books).first { $0.allocator.name == "glibc" })
    #expect(account.environment == ["\(text: "MALLOC_ARENA_MAX=3") in its environment"])
    #expect(account.settings.suffix(1) == account.environment[...])
  }

  @Test(arguments: [
    ("fragmentation", HeapFinding.Word.fragmentation), ("arenas", .arenas), ("buffers", .largeBlocks),
  ]) func aSeedGetsItsWord(seed: String, word: HeapFinding.Word) throws {
    // An arena for each thread: left to itself, malloc shares the main one among more or fewer of them.
    let books = try HeapBooks(seed, environment: seed == "arenas" ? ["MALLOC_ARENA_MAX": "100"] : [:])
    let account = try #require(try accounts(books).first { $0.allocator.name == "glibc" })
    #expect(account.finding?.word == word, "\(account.parts)")
  }

  private static let hasHugePages =
    fileText("/sys/kernel/mm/transparent_hugepage/enabled").map { !$0.contains("[never]") } ?? false

  @Test(.enabled(if: hasHugePages, "needs transparent huge pages")) func hugePagesGetTheirWord() throws {
    let books = try HeapBooks("huge-pages")
    let account = try #require(try accounts(books).first { $0.allocator.name == "glibc" })
    let huge = try books.target().regions(usage: true).reduce(0) { $0 + ($1.usage?.anonymousHuge ?? 0) }
    // The kernel has none to give where memory is in pieces.
    guard huge > 100 << 20 else { return }
    #expect(account.finding?.word == .hugePages, "\(account.parts)")
  }

  /// What a leak is, and what a cache that fills, only several looks tell.
  @Test(arguments: [("leak", HeapFinding.Word.leak), ("cache", .fills)]) func severalLooksTellTheWord(
    seed: String, word: HeapFinding.Word
  ) throws {
    // A step of either has 20,000 blocks; the cache is full after ten, and puts new ones in the place of old ones from then on.
    let books = try HeapBooks(seed)
    let watch = Watch(every: .milliseconds(500), end: .looks(4), budget: Self.budget)
    let verdicts = try watch.run([books.target()]) { _, event in
      guard case .look(let look) = event else { return }
      for _ in 0..<(seed == "cache" && look.number == 1 ? 9 : 1) { try books.step() }
    }
    let verdict = try #require(verdicts.first)
    #expect(verdict.finding?.word == word, "\(verdict.rows.map { ($0.growth.byteCount, $0.trend) })")
    #expect(verdict.accounts.first { $0.allocator.name == "glibc" }?.parts.used ?? 0 > 1 << 20)
  }

  /// What is fragmented is no leak, however long one looks.
  @Test func fragmentationStaysFragmentation() throws {
    let books = try HeapBooks("fragmentation", "count=300000")
    let watch = Watch(every: .milliseconds(100), end: .looks(3), budget: Self.budget)
    let verdict = try #require(watch.run([books.target()], { _, _ in }).first)
    #expect(!verdict.isGrowing && verdict.finding?.word == .fragmentation)
    let pin = try #require(verdict.accounts.first?.pins.first)
    #expect(pin.content?.title == "text session:#" && pin.byteCount > 0)
  }
}
