import MemDumpTestSupport
import Testing

@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct DemoCommandTests {
  @Test func theDemoFindsTheLeakAndLeavesNothingBehind() throws {
    try check(try run(user: nil))
  }

  @Test(.enabled(if: isRoot, "needs root, to become another user")) func theDemoNeedsNoRights() throws {
    try check(try run(user: Programs.otherUser))
  }

  private func run(user: UInt32?) throws -> Tool.Result {
    let directory = try TemporaryDirectory(mode: 0o777)
    let result = try Tool.run(["demo"], environment: ["TMPDIR": directory.path], user: user)
    #expect(directory.names == [])
    return result
  }

  private func check(_ result: Tool.Result) throws {
    #expect(result.status == 0, "\(result.errorText)")
    let commands = result.lines.filter { $0.hasPrefix("$ ") }.map { $0.split(separator: " ")[2] }
    #expect(commands == ["regions", "dump", "scan", "scan", "status"])
    #expect(result.text.contains(" heap  [heap]"))
    #expect(result.text.contains("  pause     none: the process ran on"))
    #expect(result.text.contains(#/  10\.0\.0\.[0-9]+:8000\n/#))
    #expect(result.text.contains("running, 1 thread, none stopped"))
    let words = try #require(result.lines.first { $0.hasPrefix("Process ") }).split(separator: " ")
    let leaker = try #require(Int32(words[1]))
    #expect(!processExists(leaker))
  }
}
