import MemDump
import MemDumpTestSupport
import Testing

/// Processes that live in namespaces of their own: containers.
@Suite(.enabled(if: canMount && canTrace, "namespaces are not permitted here")) struct NamespaceTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Starts the fixture through `unshare`; its process as we see it, and the lines it printed.
  private func start(_ options: [String], _ program: [String]) throws -> (Child, Int32, [String: [String]]) {
    let child = try Child("unshare", options + program)
    var things: [String: [String]] = [:]
    while true {
      let words = try child.readLine().split(separator: " ").map(String.init)
      if words == ["ready"] { break }
      things[words[0]] = Array(words.dropFirst())
    }
    return (child, children(of: child.id).first ?? child.id, things)
  }

  @Test func aProcessInOtherNamespacesIsDumped() throws {
    let (child, pid, things) = try start(
      ["--user", "--map-root-user", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child"],
      [Programs.path("target-process"), "--known", "--threads", "2"])
    #expect(statusField(pid, "NSpid")?.hasSuffix("\t1") == true)
    let known = try #require(things["known"])
    for (name, more) in [("live", []), ("stop", ["--mode", "stop"])] {
      let raw = try Tool.run(
        ["dump", "\(pid)", "-r", "\(known[0])+\(known[1])", "-o", directory.file(name)] + more)
      #expect(raw.status == 0, "\(raw.errorText)")
      #expect(holds(directory.file(name), FixtureContent.known))
    }
    let core = try Tool.run(["dump", "\(pid)", "--all", "--mode", "stop", "--sha256", "-o", directory.file("core")])
    #expect(core.status == 0, "\(core.errorText)")
    #expect(core.text.contains("  registers of 3 threads\n"))
    #expect(try Tool.run("verify", directory.file("core")).status == 0)
    #expect(stoppedThreadCount(pid) == 0 && tracer(pid) == 0)
    withExtendedLifetime(child) {}
  }

  /// A clean page of a file that exists only where the process lives.
  @Test func aFileOfAnotherMountNamespaceIsRead() throws {
    let (child, pid, things) = try start(
      ["--mount"],
      ["sh", "-c", "mount -t tmpfs none /mnt && TMPDIR=/mnt exec '\(Programs.path("target-process"))' --file"])
    let file = try #require(things["file"])
    #expect(file[2].hasPrefix("/mnt/"))
    #expect(fileSize(file[2]) == -1, "it is not there where we are")
    let before = statusSize(pid, "RssFile")
    let result = try Tool.run("dump", "\(pid)", "-r", "\(file[0])+\(file[1])", "-o", directory.file("d"))
    #expect(result.status == 0, "\(result.errorText)")
    var expected = (0..<8).flatMap { FixtureContent.page(6, $0) }
    var changed = [UInt8](repeating: 0, count: 4096)
    FixtureContent.put("10.6.1.2:6102", at: 16, in: &changed)
    expected.replaceSubrange(2 * 4096..<3 * 4096, with: changed)
    #expect(holds(directory.file("d"), expected))
    #expect(statusSize(pid, "RssFile") == before)
    withExtendedLifetime(child) {}
  }

  @Test(.enabled(if: isRoot, "needs root")) func whoMayNotIsToldWhy() throws {
    let (child, pid, _) = try start(
      ["--user", "--map-root-user"], [Programs.path("target-process"), "--known"])
    let result = try Tool.run(["dump", "\(pid)", "--all", "-o", "-"], user: Programs.otherUser)
    #expect(result.status == 2)
    #expect(result.errorText.hasPrefix("memdump: cannot read process \(pid) (target-process): "))
    #expect(result.output.isEmpty)
    withExtendedLifetime(child) {}
  }
}
