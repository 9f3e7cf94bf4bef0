import Glibc
import MemDumpTestSupport
import Testing

/// A process with a mapped file whose file system does not answer any more.
@Suite(.enabled(if: canServeFiles && canTrace, "no file system in user space can be served here"))
struct HungFileTests {
  private let directory: TemporaryDirectory
  private let process: Child
  private let region: String

  init() throws { try self.init(["hang"]) }

  private init(_ commands: [String], more: [String] = []) throws {
    directory = try TemporaryDirectory()
    process = try Child(Programs.path("hung-files"), [directory.path] + more)
    let words = try process.readLine().split(separator: " ")
    region = "\(words[1])+\(words[2])"
    _ = try process.readLine()
    for command in commands { try ask(command) }
  }

  private func ask(_ command: String) throws {
    process.send(Array((command + "\n").utf8))
    _ = try process.readLine()
  }

  private static let own = "10.8.1.0:8100"

  /// Nothing of it stands still, and it answers.
  private func expectUnharmed() throws {
    #expect(stoppedThreadCount(process.id) == 0 && tracer(process.id) == 0)
    try ask("go")
  }

  @Test func aScanGoesOnWithoutItAndNamesIt() throws {
    let result = try Tool.run(["scan", "\(process.id)", "--region", region], within: .seconds(30))
    #expect(result.status == 0)
    #expect(result.text.contains(Self.own) && !result.text.contains("10.8.0.2:8000"))
    #expect(result.errorText.contains("memdump: waiting for the file system of \(directory.path)/lib.bin, which"))
    #expect(result.errorText.contains("24 KiB not read"))
    try expectUnharmed()
    let again = try Tool.run("scan", "\(process.id)", "--region", region)
    #expect(again.text.contains("10.8.0.2:8000") && again.errorText.contains("32 KiB scanned"))
  }

  @Test(arguments: ["live", "stop"]) func aDumpSaysWhatItLacks(mode: String) throws {
    let result = try Tool.run(
      ["dump", "\(process.id)", "--region", region, "--mode", mode, "--json", "-o", directory.file("dump")],
      within: .seconds(30))
    #expect(result.status == 0, "\(result.errorText)")
    #expect(fileText(directory.file("dump.json"))?.contains(#""reason":"no-answer""#) == true)
    // The pause has nothing to do with the wait.
    let pause = result.text.split(separator: #""pause_ns":"#).last?.prefix { $0.isNumber }
    #expect(try #require(pause.flatMap { UInt64($0) }) < 500_000_000)
    try expectUnharmed()
  }

  @Test(arguments: ["heap", "strings", "diff", "refs"]) func otherLooksEnd(command: String) throws {
    let more = command == "diff" ? ["\(process.id)"] : command == "refs" ? ["--size", "1040"] : []
    let result = try Tool.run([command, "\(process.id)"] + more, within: .seconds(40))
    #expect([0, 1, 2].contains(result.status))
    #expect(!result.errorText.contains("Fatal"))
    try expectUnharmed()
  }

  @Test func noFilesAsksNothing() throws {
    let result = try Tool.run("scan", "\(process.id)", "--all", "--no-files")
    #expect(result.status == 0)
    #expect(result.text.contains(Self.own))
    #expect(result.errorText.contains(" not read") && !result.errorText.contains("waiting"))
    let dump = try Tool.run(
      "dump", "\(process.id)", "--region", region, "--no-files", "-o", directory.file("dump"))
    #expect(dump.text.contains("  not read  24 KiB not-resident\n"))
    try expectUnharmed()
  }

  @Test(arguments: [SIGINT, SIGTERM]) func oneSignalEndsTheWait(signal: Int32) throws {
    for words in [["scan", "\(process.id)", "--region", region], dump] {
      try ask("hang")
      let tool = try Tool.start(words)
      try ask("asked")
      tool.send(signal: signal)
      let result = try Tool.finish(tool, within: .seconds(4))
      #expect(result.status == 128 + signal, "\(result.errorText)")
    }
    #expect(directory.names == [], "nothing is left behind")
    try expectUnharmed()
  }

  private var dump: [String] { ["dump", "\(process.id)", "--region", region, "-o", directory.file("dump")] }

  /// The child would ask the daemon when it closes the file.
  @Test func aSnapshotIsRefusedWhereAFileIsOpen() throws {
    let open = try HungFileTests([], more: ["--open"])
    let result = try Tool.run(open.dump + ["--mode", "snapshot"])
    #expect(result.status == 2)
    #expect(result.errorText.contains("it has a file open on a file system (fuse) that asks a server or a daemon"))
    #expect(children(of: open.process.id, named: "hung-files").count == 1, "the daemon")
    let closed = try HungFileTests([])
    #expect(try Tool.run(closed.dump + ["--mode", "snapshot"]).status == 0)
  }
}
