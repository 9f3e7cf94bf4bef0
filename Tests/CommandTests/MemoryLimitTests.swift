import MemDumpTestSupport
import Testing

/// The tool and the process it looks at under one limit, as with `docker exec`: when memory runs out it is the tool that goes
/// without.
@Suite(
  .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: ResourceLimit.isAvailable, "no control groups can be made"))
struct MemoryLimitTests {
  private static let commands: [[String]] = [
    ["heap"], ["heap", "--mode", "live"], ["refs", "--size", "64"], ["peek", "0x1000"],
    ["nginx-pools"], ["postgres-contexts"], ["scan", "--mode", "stop"],
    ["strings", "--mode", "stop"], ["strings", "--top", "0"], ["strings", "--template"],
    ["watch", "--every", "10ms", "--count", "2"], ["dump", "--all", "--mode", "stop", "-o", "core"],
  ]

  @Test("A process that takes more than half of what it may lives on, whatever looks at it", arguments: commands)
  func theTargetLivesOn(command: [String]) throws {
    let limit = try ResourceLimit.memory(byteCount: 160 << 20)
    let target = try FixtureProcess(["--heap", "90M", "--threads", "2"], limit: limit)
    let directory = try TemporaryDirectory()
    let words = command.dropFirst().map { $0 == "core" ? directory.file($0) : $0 }
    let result = try Tool.run([command[0], "\(target.pid)"] + words, in: limit)
    #expect([0, 1, 2].contains(result.status), "\(result.status): \(result.errorText)")
    #expect(try target.complaints() == [])
    try target.end()
  }

  @Test(
    "What there is no room to copy is looked at all the same, and it is said how",
    arguments: [
      ["heap"], ["refs", "--size", "64"], ["nginx-pools"], ["postgres-contexts"],
      ["watch", "--every", "10ms", "--count", "2"], ["diff"],
    ])
  func whatIsNotCopiedIsLookedAt(command: [String]) throws {
    let target = try FixtureProcess(["--heap", "90M", "--threads", "2"])
    let limit = try ResourceLimit.memory(byteCount: 128 << 20)
    let subjects = command[0] == "diff" ? ["\(target.pid)", "\(target.pid)"] : ["\(target.pid)"]
    let result = try Tool.run([command[0]] + subjects + command.dropFirst(), in: limit)
    #expect([0, 1].contains(result.status), "\(result.status): \(result.errorText)")
    let mode = canSnapshot ? "snapshot" : "live"
    let pattern = try Regex("mode +\(mode): a copy needs [0-9.]+ MiB of memory, and there is room for ")
    #expect((result.text + result.errorText).contains(pattern), "\(result.text)")
    #expect(try target.complaints() == [])
  }

  @Test(
    "A snapshot takes no room of ours, however little there is",
    .enabled(if: canSnapshot, "no snapshot can be made here"),
    arguments: [["heap"], ["scan", "--mode", "snapshot"]])
  func aSnapshotTakesNoRoom(command: [String]) throws {
    let target = try FixtureProcess(["--heap", "90M", "--threads", "2"])
    let limit = try ResourceLimit.memory(byteCount: 64 << 20)
    let result = try Tool.run([command[0], "\(target.pid)"] + command.dropFirst(), in: limit)
    #expect([0, 1].contains(result.status), "\(result.status): \(result.errorText)")
    #expect(try target.complaints() == [])
  }

  @Test("The tool and its holder are the first to go, and what the tool starts is not")
  func theToolIsTheFirstToGo() throws {
    let target = try FixtureProcess("--threads", "2")
    // What the tool starts may be there before the tool has its own score back.
    let line =
      "until grep -q 1000 /proc/$PPID/oom_score_adj; do :; done; cat /proc/self/oom_score_adj /proc/$PPID/oom_score_adj; pgrep -P $PPID -x memdump-holder | sed 's|.*|/proc/&/oom_score_adj|' | xargs cat | sort -u"
    let before = fileText("/proc/self/oom_score_adj") ?? ""
    let result = try Tool.run("hold", "\(target.pid)", "--", "sh", "-c", line)
    #expect(result.text == before + "1000\n1000\n")
    #expect(try target.complaints() == [])
  }
}
