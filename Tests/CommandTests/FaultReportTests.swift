import MemDumpTestSupport
import Testing

/// A fault of memdump itself, at the worst moment: while a process stands still.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct FaultReportTests {
  @Test(
    "It is said in a sentence, with the status of a failure, and the process runs on",
    arguments: ["SEGV", "ILL", "ABRT"])
  func fault(signal: String) throws {
    let target = try FixtureProcess("--threads", "2")
    let result = try Tool.run("hold", "\(target.pid)", "--", "sh", "-c", "kill -\(signal) $PPID")
    #expect(result.status == 2)
    #expect(result.errorText.hasPrefix("memdump: no memory is left for memdump, or it has a fault of its own. "))
    #expect(!result.errorText.contains("Fatal error") && !result.errorText.contains("crashed"))
    #expect(waitUntil { stoppedThreadCount(target.pid) == 0 && tracer(target.pid) == 0 })
    #expect(try target.complaints() == [])
  }
}
