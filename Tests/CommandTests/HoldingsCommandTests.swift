import MemDump
import MemDumpTestSupport
import Testing

/// `memdump refs --all`, on a program that says what holds its blocks.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct HoldingsCommandTests {
  private let child: Child
  /// What the program says of each sort: how many, and the bytes of the heap.
  private let truth: [String: (count: UInt64, bytes: UInt64)]
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    child = try Child(Programs.path("held-blocks"), [])
    var truth: [String: (count: UInt64, bytes: UInt64)] = [:]
    while case let words = try child.readLine().split(separator: " "), words != ["ready"] {
      truth[String(words[0])] = (try #require(UInt64(words[1])), try #require(UInt64(words[2])))
    }
    self.truth = truth
  }

  private func records(_ words: [String]) throws -> [JSONValue] {
    let result = try Tool.run(["refs"] + words + ["--all", "--json", "--top", "0"])
    #expect(result.status == 0, "\(result.errorText)")
    return result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
  }

  private func bytes(_ records: [JSONValue], heldBy holder: String) -> UInt64? {
    records.first { $0["type"]?.string == "root" && $0["holder"]?.string == holder }?["bytes"]?.number.map {
      UInt64($0)
    }
  }

  private func lost(_ records: [JSONValue], _ size: Int64) -> [JSONValue] {
    records.filter { $0["type"]?.string == "lost" && $0["size"]?.number == size }
  }

  @Test(arguments: ["stop", "core"] + (canSnapshot ? ["snapshot"] : [])) func everyBlockHasItsHolder(mode: String)
    throws
  {
    var words = ["\(child.id)"]
    if mode == "core" {
      words = [directory.file("core")]
      try #require(
        try Tool.run("dump", "\(child.id)", "--all", "--mode", "stop", "--max-pause", "10s", "-o", words[0]).status == 0
      )
    } else {
      words += modeWords(mode)
    }
    let (pprof, folded) = (directory.file("p"), directory.file("f"))
    let records = try records(words + ["--pprof", pprof, "--folded", folded])
    #expect(bytes(records, heldBy: "held-blocks:leaked_entries") == truth["leaked_entries"]?.bytes)
    #expect(bytes(records, heldBy: "held-blocks:middle_alone") == truth["middle_alone"]?.bytes)
    #expect(bytes(records, heldBy: "held-blocks:z_start") == truth["z_start"]?.bytes)
    #expect(bytes(records, heldBy: "held-blocks:a_middle") == nil)
    #expect(bytes(records, heldBy: "stack of thread \(child.id)") ?? 0 >= truth["of_stack"]?.bytes ?? 1)
    #expect(bytes(records, heldBy: "thread-local data of thread \(child.id)") ?? 0 >= truth["of_thread"]?.bytes ?? 1)

    let sessions = try #require(lost(records, 944).first)
    #expect(lost(records, 944).count == 1)
    #expect(sessions["count"]?.number == truth["sessions"].map { Int64($0.count) })
    #expect(sessions["bytes"]?.number == truth["sessions"].map { Int64($0.bytes) })
    #expect(sessions["blocks_each"]?.number == 11)
    #expect(sessions["begins"]?.string == "held-blocks:drop_session")
    #expect(sessions["module"]?.string == Programs.path("held-blocks"))
    #expect(sessions["functions"]?.array?.first?["name"]?.string == "held-blocks:drop_session")
    let ring = try #require(lost(records, 320).first)
    #expect(ring["count"]?.number == 1 && ring["blocks_each"]?.number == 50)
    #expect(ring["bytes"]?.number == truth["ring"].map { Int64($0.bytes) })
    #expect(lost(records, 1520).first?["bytes"]?.number == truth["held_by_free"].map { Int64($0.bytes) })

    // Every byte of the heap, in each form.
    let summary = try #require(records.last)
    let heap = try Tool.run(["heap"] + words + ["--json"]).lines.last.flatMap { JSONValue(parsing: Array($0.utf8)) }
    #expect(summary["bytes"]?.number == heap?["bytes"]?.number && summary["count"]?.number == heap?["chunks"]?.number)
    let sum = records.reduce(0) { $0 + ($1["type"]?.string == "summary" ? 0 : $1["bytes"]?.number ?? 0) }
    #expect(sum == summary["bytes"]?.number)
    #expect(ProfileFileTests.total(folded) == summary["bytes"]?.number.map { UInt64($0) })
    let samples = try ProfileFileTests.decode(pprof)["samples"]?.array ?? []
    #expect(samples.reduce(0) { $0 + ($1["values"]?.array?[1].number ?? 0) } == summary["bytes"]?.number)
    #expect(
      samples.contains { $0["stack"]?.array?.compactMap(\.string) == ["held-blocks:leaked_entries", "208 bytes"] })
  }

  @Test func theTextTellsWhatNobodyHolds() throws {
    let result = try Tool.run("refs", "\(child.id)", "--all", "--mode", "stop", "--max-pause", "10s")
    #expect(result.status == 0)
    #expect(result.text.contains("held-blocks:leaked_entries  "))
    #expect(result.text.contains("944 bytes, begins held-blocks:drop_session, pointers to held-blocks; 300 × held-bl"))
    #expect(result.text.contains("held by nobody that was found, by what leads to no other:\n"))
    #expect(!result.text.lowercased().contains("leaked "))
  }

  /// Without a holder, the functions next to blocks tell whose they are.
  @Test func theFunctionsNextToLostBlocksAreNamed() throws {
    let result = try Tool.run("refs", "\(child.id)", "--size", "528", "--mode", "stop", "--max-pause", "10s", "--json")
    let summary = try #require(result.lines.last.flatMap { JSONValue(parsing: Array($0.utf8)) })
    #expect(summary["traced"]?.number == 0)
    let function = summary["functions"]?.array?.first
    #expect(function?["name"]?.string == "held-blocks:drop_session" && function?["count"]?.number ?? 0 > 20)
    let text = try Tool.run("refs", "\(child.id)", "--size", "528", "--mode", "stop", "--max-pause", "10s").errorText
    #expect(text.contains(" × held-blocks:drop_session in the blocks that were not traced, or next to them"))
  }

  @Test func profilesNeedTheWholeHeap() throws {
    let some = try Tool.run("refs", "\(child.id)", "--size", "208", "--folded", directory.file("x"))
    #expect(some.status == 64 && some.errorText.contains("--folded and --pprof need --all."))
    #expect(try Tool.run("refs", "\(child.id)", "--size", "208", "--all").status == 64)
  }
}
