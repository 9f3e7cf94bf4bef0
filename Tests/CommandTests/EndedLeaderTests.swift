import MemDumpTestSupport
import Testing

/// A process whose main thread has ended, while other threads live: it is looked at by one of those.
@Suite(.enabled(if: canTrace, "a process may not be traced here")) struct EndedLeaderTests {
  private let directory: TemporaryDirectory
  private let fixture: FixtureProcess

  init() throws {
    directory = try TemporaryDirectory()
    fixture = try FixtureProcess(
      "--known", "--file", "--heap", "256K", "--connections", "3", "--threads", "2", "--zombie-leader")
    let pid = fixture.pid
    let hasEnded = waitUntil { threadStates(pid)[pid] == "Z" }
    #expect(hasEnded)
  }

  private func run(_ command: String, _ more: String...) throws -> Tool.Result {
    let result = try Tool.run([command, "\(fixture.pid)"] + more)
    #expect(!result.errorText.contains("zombie") && !result.errorText.contains("ended"), "\(result.errorText)")
    return result
  }

  @Test func itIsReadable() throws {
    let status = try run("status")
    #expect(status.status == 0)
    #expect(status.text.contains("state     running") && status.text.contains("readable  yes"))
    let regions = try run("regions")
    #expect(regions.status == 0 && regions.text.contains("[heap]"))
    #expect(try run("rescue").text.contains("is not stopped"))
  }

  @Test(arguments: ["live", "stop"]) func itIsScannedAndDumped(mode: String) throws {
    let scan = try run("scan", "--mode", mode, "--all", "--top", "0")
    #expect(scan.status == 0)
    for text in ["10.1.2.3:8080", "10.6.0.7:6007"] { #expect(scan.text.contains(text), "\(text)") }
    let region = try fixture.words("known")
    let dump = try run(
      "dump", "--mode", mode, "--region", "\(region[0])+\(region[1])", "-o", directory.file("dump"))
    #expect(dump.status == 0, "\(dump.errorText)")
    #expect(fileBytes(directory.file("dump")) == FixtureContent.known)
    let core = try run("dump", "--mode", mode, "--all", "-o", directory.file("core"))
    #expect(core.status == 0, "\(core.errorText)")
    if mode == "stop" { #expect(core.text.contains("  registers of 3 threads")) }
    #expect(try fixture.complaints().isEmpty)
  }

  @Test func itsHeapAndFilesAreKnown() throws {
    #expect(try run("heap").status == 0)
    #expect(try run("strings").status == 0)
    #expect(try run("scan", "--sockets").errorText.contains("connections open"))
    #expect(try run("diff", "\(fixture.pid)").status == 1)
    #expect(try run("refs", "--size", "48").status < 2)
    #expect(try run("watch", "--every", "100ms", "--count", "2").status < 2)
    #expect(try run("hold", "--for", "10ms").status == 0)
    #expect(try fixture.complaints().isEmpty)
  }

  @Test(.enabled(if: canSnapshot, "there are no snapshots for this processor yet")) func aSnapshotIsRefused() throws {
    let result = try Tool.run("scan", "\(fixture.pid)", "--mode", "snapshot")
    #expect(result.status == 2)
    #expect(result.errorText.contains("its main thread has ended (pthread_exit)"))
  }
}
