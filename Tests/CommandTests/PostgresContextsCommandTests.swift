import MemDump
import MemDumpTestSupport
import Testing

/// `memdump postgres-contexts` and `refs`, on servers of every version that is here.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: !Postgres.installed.isEmpty, "there is no PostgreSQL"))
struct PostgresContextsCommandTests {
  /// What the view and we both tell of a context.
  private struct Context: Hashable {
    var name: String
    var numbers: [Int64]
  }

  /// Those that the question itself uses, so that they are other ones when it is over.
  private static let busy: Set = ["TopMemoryContext", "MessageContext", "TopTransactionContext", "TopPortalContext"]

  @Test(arguments: Postgres.installed) func theFiguresAreThoseOfItsOwnView(bin: String) throws {
    let server = try Postgres(bin)
    let session = try server.session()
    for number in 0..<40 { _ = try session.ask("prepare s\(number) as select \(number), relname from pg_class;") }
    // A sort that is not over: Generation contexts, from PostgreSQL 17 on a Bump context.
    _ = try session.ask(
      """
      create temp table t as select g, repeat('x', 100) r from generate_series(1, 20000) g;
      begin; declare c cursor for select * from t order by r, g desc; fetch 1 from c;
      """)
    let question = """
      select name, level, total_bytes, total_nblocks, free_bytes, free_chunks from pg_backend_memory_contexts;
      """
    // The first question fills caches.
    _ = try session.ask(question)
    let answer = try session.ask(question).map { $0.split(separator: "|") }
    let fields = answer.compactMap { row in row.count == 6 ? (String(row[0]), row[1...].compactMap { Int64($0) }) : nil
    }
    // From PostgreSQL 18 on the view counts levels from 1.
    let first = try #require(fields.map { $0.1[0] }.min())
    let theirs = Set(fields.map { Context(name: $0.0, numbers: [$0.1[0] - first] + $0.1[1...]) })
    #expect(theirs.count > 30)

    let result = try Tool.run("postgres-contexts", "\(session.backend)", "--top", "0", "--json", "--max-pause", "5s")
    #expect(result.status == 0, "\(result.errorText)")
    let values = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let rows = values.filter { $0["type"]?.string == "postgres-context" }
    for row in rows { #expect(try JSONSchema("postgres-context").complaints(about: row) == []) }
    #expect(try JSONSchema("summary").complaints(about: #require(values.last)) == [])
    #expect(rows.allSatisfy { $0["walked"] == .boolean(true) && $0["broken_at"] == .null })
    let ours = rows.compactMap { row -> Context? in
      guard let name = row["name"]?.string, let level = row["level"]?.number, let bytes = row["bytes"]?.number,
        let blocks = row["blocks"]?.number, let used = row["used"]?.number, let chunks = row["free_chunks"]?.number
      else { return nil }
      return Context(name: name, numbers: [level, bytes, blocks, bytes - used, chunks])
    }
    #expect(ours.count == rows.count && ours.count > 100)
    let others = ours.filter { !theirs.contains($0) && !Self.busy.contains($0.name) }
    #expect(others.isEmpty, "\(others)")
    for name in Self.busy { #expect(ours.contains { $0.name == name }, "\(name)") }

    let tree = try Tool.run("postgres-contexts", "\(session.backend)", "--tree", "--max-pause", "5s").lines
    #expect(tree.first?.hasSuffix("FREE CHUNKS  CONTEXT") == true)
    #expect(tree.dropFirst().first?.hasSuffix("  TopMemoryContext") == true)
    #expect(tree.contains { $0.hasSuffix("      CachedPlanSource × 40") }, "\(tree)")
    #expect(stoppedThreadCount(session.backend) == 0 && tracer(session.backend) == 0)
    #expect(try session.ask("select 42;") == ["42"])
  }

  /// A session that prepares statements and never lets them go, and one that does.
  @Test(arguments: [true, false]) func whatASessionKeepsIsHeldByItsContexts(keeping: Bool) throws {
    let server = try Postgres(Postgres.installed[0])
    let session = try server.session()
    func prepare(_ numbers: Range<Int>) throws {
      for number in numbers {
        _ = try session.ask("prepare s\(number) as select \(number), relname from pg_class;")
        if !keeping { _ = try session.ask("deallocate s\(number);") }
      }
    }
    try prepare(0..<20)
    let words = ["postgres-contexts", "\(session.backend)", "--every", "1s", "--json", "--max-pause", "5s"]
    let growing = try Child(Programs.path("memdump"), words)
    // The second look is a second after the first.
    var number = 20
    while !growing.hasEnded {
      try prepare(number..<number + 10)
      number += 10
    }
    let rows = try Tool.finish(growing).lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let grown = rows.filter { $0["type"]?.string == "pool-growth" && $0["address"] == .null }
    let plans = grown.first { $0["role"]?.string == "CachedPlanSource" }
    // One may be made at the very instant of the second look.
    #expect(keeping == ((plans?["grown_pools"]?.number ?? 0) >= 10), "\(rows)")
    guard keeping else { return }

    let refs = try Tool.run("refs", "\(session.backend)", "--size", "4112", "--json", "--max-pause", "5s")
    let holders = refs.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
      .filter { $0["type"]?.string == "holder" }
    #expect(holders.first?["holder"]?.string == "CachedPlanQuery context of postgres", "\(refs.text)")
  }
}

/// What needs no server.
@Suite struct PostgresContextsInputTests {
  @Test func aDumpWithABaseIsEnough() throws {
    var image = ContextImage(base: 0x55_5555_0000)
    let root = image.addSet("TopMemoryContext", free: [24, 500], chunks: [2, 2])
    let cache = image.addSet("CacheMemoryContext", in: root.address)
    for number in 0..<3 {
      image.addSet("CachedPlan", ident: "select \(number)\u{1b}", in: cache.address, free: [0, 8])
    }
    image.addSet("dynahash", ident: "Prepared Queries", in: root.address)
    let directory = try TemporaryDirectory()
    let path = try directory.write(image.bytes, to: "dump")
    let words = ["postgres-contexts", path, "--base", "0x5555550000"]
    let run = try Tool.run(words + ["--top", "2"])
    #expect(run.status == 0)
    #expect(
      run.text == """
        NAME              CONTEXTS  BLOCKS     SIZE     USED  FREE CHUNKS
        CachedPlan               3       6  6.6 KiB  6.6 KiB            -
        TopMemoryContext         1       2  2.2 KiB  1.6 KiB            2

             CONTEXT  BLOCKS     SIZE     USED  FREE CHUNKS  NAME
        0x5555550040       2  2.2 KiB  1.6 KiB            2  TopMemoryContext
        0x5555550f70       2  2.2 KiB  2.2 KiB            -  CachedPlan select 0\\x1b

        """, "\(run.text)")
    #expect(run.errorText.hasPrefix("6 contexts, "))
    let tree = try Tool.run(words + ["--tree"])
    #expect(
      tree.text == """
        BLOCKS     SIZE     USED  FREE CHUNKS  CONTEXT
             2  2.2 KiB  1.6 KiB            2  TopMemoryContext
             1  1.2 KiB  1.1 KiB            -    CacheMemoryContext
             6  6.6 KiB  6.6 KiB            -      CachedPlan × 3
             1  1.2 KiB  1.1 KiB            -    Prepared Queries

        """, "\(tree.text)")
    #expect(try Tool.run(words + ["--tree", "--json"]).lines.count == 7)
  }

  @Test func withoutContextsThereIsNothing() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8](repeating: 0x41, count: 1 << 16), to: "dump")
    let run = try Tool.run("postgres-contexts", path, "--base", "0x10000")
    #expect(run.status == 1 && run.text == "")
    #expect(run.errorText.hasPrefix("0 contexts, 64 KiB looked at in "))
  }
}
