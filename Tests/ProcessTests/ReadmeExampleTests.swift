import MemDump
import MemDumpTestSupport
import Testing

@Suite("The library example of the README", .enabled(if: canTrace, "ptrace is not permitted here"))
struct ReadmeExampleTests {
  @Test("It counts what a process holds") func counts() throws {
    let fixture = try FixtureProcess("--known")
    // The README's lines, with the fixture's number.
    let target = try TargetProcess(fixture.id)
    let memory = try LiveMemory(target)
    var tally = Tally()
    _ = try Scan(patterns: [IPv4Port()]).count(memory, into: &tally)
    let rows = tally.rows(limit: 10)
    #expect(rows.contains { String(decoding: $0.text, as: UTF8.self) == "10.1.2.3:8080" && $0.count == 2 })
  }
}
