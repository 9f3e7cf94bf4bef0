import Glibc
import MemDumpTestSupport
import Testing

/// Processes that are held or guarded by something other than a signal, and outputs that are refused.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct BlockedProcessTests {
  @Test func aTracerThatHoldsTheProcessIsNamedAndLetsGoWhenAsked() throws {
    let target = try FixtureProcess("--threads", "2")
    let tracing = try Child(Programs.path("attach-control"), ["hold", "\(target.pid)"])
    #expect(try tracing.readLine() == "held")
    let status = try Tool.run("status", "\(target.pid)")
    #expect(
      status.text.contains(
        """
        state     tracing stop, 3 threads, 3 stopped
        traced    by \(tracing.id) (attach-control)
        held      its tracer \(tracing.id) (attach-control) holds it. Let it go there, or \
        `memdump rescue --kill-tracer \(target.pid)`.
        """))
    let refused = try Tool.run("rescue", "\(target.pid)")
    #expect(refused.status == 2)
    #expect(tracer(target.pid) == tracing.id)
    let rescue = try Tool.run("rescue", "--kill-tracer", "\(target.pid)")
    #expect(rescue.status == 0)
    #expect(rescue.text.contains("asked its tracer \(tracing.id) (attach-control) to end (SIGTERM), and it did"))
    #expect(try tracing.wait() == .signal(15))
    #expect(try target.complaints() == [])
  }

  @Test func aTracerThatDoesNotEndWhenAskedIsKilled() throws {
    let target = try FixtureProcess("--threads", "2")
    let tracing = try Child(Programs.path("attach-control"), ["hold-deaf", "\(target.pid)"])
    #expect(try tracing.readLine() == "held")
    let rescue = try Tool.run("rescue", "--kill-tracer", "\(target.pid)")
    #expect(rescue.status == 0)
    #expect(rescue.text.contains("killed its tracer \(tracing.id) (attach-control), which did not end when asked"))
    #expect(try tracing.wait() == .signal(9))
    #expect(try target.complaints() == [])
  }

  @Test(.enabled(if: isRoot && Programs.find("perl") != nil, "needs root, to become another user, and perl"))
  func aProcessThatIsNotDumpableIsNamed() throws {
    #if arch(x86_64)
      let prctl = 157
    #else
      let prctl = 167
    #endif
    // PR_SET_DUMPABLE is 4.
    let script = "syscall(\(prctl), 4, 0, 0, 0, 0) == 0 or die; $| = 1; print qq(ready\\n); <STDIN>"
    let user = "\(Programs.otherUser)"
    let target = try Child(
      "setpriv", ["--reuid=\(user)", "--regid=\(user)", "--clear-groups", "perl", "-e", script])
    #expect(try target.readLine() == "ready")
    let status = try Tool.run(["status", "\(target.id)"], user: Programs.otherUser)
    #expect(status.text.contains("readable  no: it is not dumpable"))
    #expect(status.status == 1)
    let regions = try Tool.run(["regions", "\(target.id)"], user: Programs.otherUser)
    #expect(regions.errorText.hasPrefix("memdump: cannot read process \(target.id) (perl): it is not dumpable"))
    #expect(regions.status == 2)
    #expect(try Tool.run("status", "\(target.id)").text.contains("readable  yes"))
  }

  @Test(arguments: ControlGroup.kinds) func aFrozenProcessIsNamedAndNotThawed(kind: ControlGroup.Kind) throws {
    guard let group = ControlGroup(kind) else { return }
    let target = try FixtureProcess("--known", "--threads", "2")
    let known = "\(try target.region("known").lowerBound)"
    try group.add(target.pid)
    try group.freeze(true)
    let status = try Tool.run("status", "\(target.pid)")
    #expect(status.text.contains("state     frozen, 3 threads, none stopped"))
    #expect(status.text.contains("held      its control group is frozen (\(group.file)). Thaw it: echo "))
    let rescue = try Tool.run("rescue", "\(target.pid)")
    #expect(rescue.status == 2)
    #expect(
      rescue.errorText.contains("its control group is frozen, and with it every process of the group. Thaw it: echo "))
    #expect(group.isFrozen)
    // A live reading needs no stop.
    #expect(try Tool.run("scan", "\(target.pid)", "-r", known).text.contains("10.1.2.3:8080"))
    try group.freeze(false)
    #expect(try target.complaints() == [])
  }

  @Test(.enabled(if: isRoot, "needs root, to become another user")) func aDirectoryThatIsNotOursIsRefused() throws {
    let directory = try TemporaryDirectory(mode: 0o755)
    let target = try FixtureProcess(["--known"], user: Programs.otherUser)
    let region = "\(try target.region("known").lowerBound)"
    let arguments = ["dump", "\(target.pid)", "-r", region, "-o", directory.file("d")]
    let result = try Tool.run(arguments, user: Programs.otherUser)
    #expect(result.status == 2)
    #expect(
      result.errorText
        == "memdump: cannot create \(directory.file("d")): Permission denied. Choose a directory you may write to.\n")
    #expect(directory.names == [])
  }

  @Test func aTerminalGetsNoDump() throws {
    let target = try FixtureProcess("--known")
    let region = "\(try target.region("known").lowerBound)"
    let result = try PseudoTerminal(columns: 120).run(["dump", "\(target.pid)", "-r", region, "-o", "-"])
    #expect(
      result.text == "memdump: standard output is a terminal, and a dump is not text. Send it to a pipe or a file.\n")
    #expect(result.status == 2)
  }

  @Test func hostileNamesOfRegionsAreEscapedInDumpsAndScans() throws {
    let target = try FixtureProcess("--memfd", "--hostile-file", "--name", "\u{1b}]0;x\u{7}\n")
    let directory = try TemporaryDirectory()
    for name in ["memfd", "hostile-file"] {
      let region = try target.region(name)
      let range = "\(region.lowerBound)-\(region.upperBound)"
      for words in [
        ["dump", "\(target.pid)", "-r", range, "-o", directory.file(name)],
        ["dump", "\(target.pid)", "-r", range, "-o", directory.file(name), "--force", "--json"],
        ["scan", "\(target.pid)", "-r", range, "--each"], ["scan", "\(target.pid)", "-r", range, "--each", "--json"],
        ["scan", directory.file(name), "--each"], ["dump", "\(target.pid)", "-r", "file", "-o", directory.file("x")],
        ["hold", "\(target.pid)", "--for", "1ms"], ["rescue", "\(target.pid)"],
        ["dump", "\(target.pid)", "-r", "\u{1b}[2J\n", "-o", directory.file("x")],
      ] {
        let result = try Tool.run(words)
        let printed = result.output + result.errors
        #expect(!printed.isEmpty)
        #expect(!printed.contains { $0 < 0x20 && $0 != UInt8(ascii: "\n") || $0 == 0x7f }, "\(words)")
        #expect(String(validating: printed, as: UTF8.self) != nil, "\(words)")
      }
      let manifest = try #require(fileBytes(directory.file(name + ".json")))
      #expect(!manifest.contains { $0 < 0x20 && $0 != UInt8(ascii: "\n") || $0 == 0x7f })
    }
  }
}

/// A control group of our own that can be frozen; it thaws and goes with its value.
final class ControlGroup {
  enum Kind: String, Sendable { case versionOne, versionTwo }

  /// The kinds that can be made here.
  static let kinds: [Kind] = [.versionOne, .versionTwo].filter { isRoot && ControlGroup($0) != nil }

  /// The file that freezes and thaws.
  let file: String
  private let kind: Kind
  private let directory: String

  init?(_ kind: Kind) {
    self.kind = kind
    let roots =
      kind == .versionOne ? ["/sys/fs/cgroup/freezer"] : ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
    let mark = kind == .versionOne ? "freezer.state" : "cgroup.freeze"
    let name = "memdump-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    for root in roots {
      guard mkdir("\(root)/\(name)", 0o755) == 0 else { continue }
      if access("\(root)/\(name)/\(mark)", W_OK) == 0 {
        directory = "\(root)/\(name)"
        file = "\(directory)/\(mark)"
        return
      }
      rmdir("\(root)/\(name)")
    }
    return nil
  }

  deinit {
    try? freeze(false)
    // It is empty only once its processes are gone.
    let directory = directory
    _ = waitUntil(within: .seconds(10)) {
      for word in (fileText("\(directory)/cgroup.procs") ?? "").split(separator: "\n") { _ = try? move(String(word)) }
      return rmdir(directory) == 0
    }
  }

  var isFrozen: Bool {
    kind == .versionOne
      ? fileText(file) == "FROZEN\n" : fileText("\(directory)/cgroup.events")?.contains("frozen 1") == true
  }

  func add(_ process: Int32) throws { try write("\(process)", to: "\(directory)/cgroup.procs") }

  func freeze(_ freezes: Bool) throws {
    switch kind {
    case .versionOne: try write(freezes ? "FROZEN" : "THAWED", to: file)
    case .versionTwo: try write(freezes ? "1" : "0", to: file)
    }
    guard waitUntil(within: .seconds(10), { isFrozen == freezes }) else { throw TestFailure("\(file) does not obey") }
  }

  private func move(_ process: String) throws {
    let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
    try write(process, to: parent + "/cgroup.procs")
  }

  private func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure("\(path) cannot be opened") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, Array(text.utf8), text.utf8.count) == text.utf8.count else {
      throw TestFailure("\(path) does not take \(text)")
    }
  }
}
