import MemDumpTestSupport
import Testing

/// `memdump scan --sockets`: what a process has open, next to what it remembers.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct ScanSocketsTests {
  /// The arguments that scan what `target-process --connections` printed.
  private static func arguments(_ pid: Int32, _ words: [String]) -> [String] {
    ["scan", "\(pid)", "--sockets", "-r", "\(words[0])+\(words[1])"]
  }

  private static func check(_ pid: Int32, _ words: [String]) throws {
    let result = try Tool.run(arguments(pid, words))
    let ports = Array(words.dropFirst(2))
    #expect(result.status == 0)
    #expect(
      result.output() == """
        COUNT  OPEN  REGIONS           FIRST  PATTERN    TEXT
            3     6        1  0xADDRESS  ipv4-port  127.0.0.1:\(ports[0])
            1     6        1  0xADDRESS  sockaddr   127.0.0.1:\(ports[0])
            1     1        1  0xADDRESS  sockaddr   [::1]:\(ports[1])
            1     1        1  0xADDRESS  sockaddr   127.0.0.1:\(ports[2])
            1     0        1  0xADDRESS  ipv4-port  10.11.12.13:1415

        """)
    #expect(
      result.errorOutput()
        == "7 findings, 5 distinct, 14 connections open, 8 of them to endpoints found, 4 KiB scanned in TIME (RATE)\n")
  }

  @Test func endpointsHaveTheirOpenConnections() throws {
    let fixture = try FixtureProcess("--connections", "5")
    try Self.check(fixture.pid, try fixture.words("connections"))
  }

  @Test(
    .enabled(if: isRoot && has("unshare", "ip"), "network namespaces are not permitted here"),
    arguments: [
      ["--net"], ["--user", "--map-root-user", "--net"],
    ]) func theyAreThoseOfTheTargetsOwnNetwork(options: [String]) throws
  {
    let child = try Child(
      "unshare",
      options + ["sh", "-c", "ip link set lo up && exec '\(Programs.path("target-process"))' --connections 5"])
    let words = try child.readLine().split(separator: " ").map(String.init)
    #expect(words.first == "connections")
    #expect(try child.readLine() == "ready")
    try Self.check(child.id, Array(words.dropFirst()))
  }

  @Test(arguments: ["stop", "snapshot"]) func theyGoWithEveryMode(mode: String) throws {
    guard mode != "snapshot" || canSnapshot else { return }
    let fixture = try FixtureProcess("--connections", "5")
    let words = try fixture.words("connections")
    let result = try Tool.run(Self.arguments(fixture.pid, words) + ["--mode", mode])
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.lines.count == 6)
    #expect(result.errorText.contains(", 14 connections open, 8 of them to endpoints found, "))
  }

  @Test func whatCannotBeConnectedToHasADash() throws {
    let fixture = try FixtureProcess("--connections", "1", "--known")
    let words = try fixture.words("connections")
    let result = try Tool.run(
      Self.arguments(fixture.pid, words) + ["--pattern", "ipv4", "--find", "127.0.0.1:\(words[2])", "--top", "1"])
    #expect(
      result.output() == """
        COUNT  OPEN  REGIONS           FIRST  PATTERN  TEXT
            3     -        1  0xADDRESS  ipv4     127.0.0.1

        """)
    #expect(result.errorText.contains("6 connections open, 2 of them to endpoints found"))
  }

  @Test func jsonHasFieldsOfItsOwn() throws {
    let fixture = try FixtureProcess("--connections", "5")
    let words = try fixture.words("connections")
    let lines = try Tool.run(
      Self.arguments(fixture.pid, words) + ["--json", "--top", "1", "--pattern", "ipv4-port", "--pattern", "ipv4"]
    ).lines
    #expect(lines.count == 2)
    #expect(lines[0].contains(#""pattern":"ipv4-port","text":"127.0.0.1:\#(words[2])","count":3,"#))
    #expect(lines[0].hasSuffix(#","error":0,"sources":["\#(fixture.pid)"],"open":6,"listening":true}"#))
    #expect(lines[1].contains(#","error_bound":0,"open":14,"open_found":6,"mode":"live","#))
    let address = try Tool.run(
      Self.arguments(fixture.pid, words) + ["--json", "--top", "1", "--pattern", "ipv4"])
    #expect(address.lines[0].hasSuffix(#","error":0,"sources":["\#(fixture.pid)"],"open":null,"listening":false}"#))
    let without = try Tool.run(["scan", "\(fixture.pid)", "-r", "\(words[0])+\(words[1])", "--json"])
    #expect(!without.text.contains(#""open"#) && !without.text.contains("listening"))
  }

  /// One that only listens at an endpoint, and has nothing open to it.
  @Test(.enabled(if: Programs.find("python3") != nil, "python3 is not installed"))
  func whereItListensIsTold() throws {
    let program = """
      import mmap, socket
      s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
      memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
      text = b"127.0.0.1:%d" % s.getsockname()[1]
      memory[64:64 + len(text)] = text
      print(s.getsockname()[1], flush=True); input()
      """
    let child = try Child("python3", ["-c", program])
    let port = try child.readLine()
    let result = try Tool.run("scan", "\(child.id)", "--sockets", "--pattern", "ipv4-port", "--top", "0")
    let line = try #require(result.lines.first { $0.hasSuffix(" 127.0.0.1:\(port)") })
    #expect(line.split(separator: " ")[1] == "listening")
    #expect(result.errorText.contains(", 0 connections open, 0 of them to endpoints found, "))
  }

  @Test func oneOfSeveralThatHasEndedDoesNotHideTheOther() throws {
    let fixture = try FixtureProcess("--connections", "2")
    let result = try Tool.run(Self.arguments(fixture.pid, try fixture.words("connections")) + ["99999999"])
    #expect(result.status == 2)
    #expect(result.errorText.hasPrefix("memdump: there is no process 99999999.\n"))
    #expect(result.errorText.contains(", 8 connections open, 5 of them to endpoints found, "))
  }

  @Test(.enabled(if: isRoot, "needs root")) func whoMayNotSeeThemIsToldWhy() throws {
    let fixture = try FixtureProcess("--connections", "1")
    let result = try Tool.run(["scan", "\(fixture.pid)", "--sockets"], user: Programs.otherUser)
    #expect(result.status == 2)
    #expect(
      result.errorText == """
        memdump: cannot read process \(fixture.pid) (target-process): it belongs to user 0 (root), and memdump runs without \
        CAP_SYS_PTRACE. Use sudo, or give memdump the capabilities: `sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \
        $(command -v memdump)`; whoever may run that file can then read every process and every file.

        """)
    #expect(result.output.isEmpty)
  }
}
