import MemDump
import MemDumpTestSupport
import Testing

/// What the tool has given up while it reads what no process gives it.
@Suite struct ConfinedReadingTests {
  /// The lines of a status file that tell of filters and capabilities.
  private func facts(_ id: Int32) -> [String: String] {
    let lines = (fileText("/proc/\(id)/status") ?? "").split(separator: "\n").map { $0.split(separator: ":") }
    return Dictionary(
      lines.filter { $0.count == 2 }.map { (String($0[0]), $0[1].trimmingPrefix(while: \.isWhitespace).description) },
      uniquingKeysWith: { $1 })
  }

  @Test(arguments: [["scan", "-"], ["strings", "-"], ["scan", "-", "--each"]])
  func standardInputIsReadWithoutRights(words: [String]) throws {
    let tool = try Tool.start(words)
    // One after the other; to read files of others is all that is left.
    #expect(
      waitUntil {
        let facts = self.facts(tool.id)
        let isBare = ["CapEff", "CapPrm"].allSatisfy { UInt64(facts[$0] ?? "", radix: 16).map { $0 & ~4 } == 0 }
        return isBare && facts["Seccomp"] == "2" && facts["NoNewPrivs"] == "1"
      })
    tool.closeInput()
    _ = try Tool.finish(tool, within: .seconds(20))
  }

  /// With a process among them there has to be more.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aProcessTakesMore() throws {
    let target = try FixtureProcess("--known")
    let tool = try Tool.start(["scan", "\(target.pid)", "-"])
    #expect(waitUntil { threadStates(tool.id).count > 1 })
    #expect(facts(tool.id)["Seccomp"] == facts(target.pid)["Seccomp"])
    tool.closeInput()
    _ = try Tool.finish(tool, within: .seconds(20))
  }

  /// All that files are good for works as before: cores with modules, standard input, two at once.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func whatReadsFilesWorks() throws {
    let program = try Child(Programs.path("cxx-objects"), [])
    try #require(program.readLine() == "ready")
    let directory = try TemporaryDirectory()
    let core = directory.file("core")
    try #require(try Tool.run("dump", "\(program.id)", "--all", "--mode", "stop", "-o", core).status == 0)
    #expect(try Tool.run("refs", core, "--size", "112").text.contains("cxx-objects:cache::newest"))
    #expect(try Tool.run("heap", core).text.contains("vtable for cache::Session"))
    #expect(try Tool.run("diff", core, core).status == 1)
    #expect(try Tool.run("diff", core, "\(program.id)").status == 1)
    #expect(try Tool.run("verify", core).status == 0)
    #expect(try Tool.run("scan", core, "--top", "1").errorText.contains("MiB scanned"))
    #expect(try Tool.run("nginx-pools", core).status == 1)
  }
}
