import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// What every command says of a look at a process, and the exit status that comes of it.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct LookCommandTests {
  /// The commands that look at a process, without the mode.
  private static let commands = [
    ["scan", "PID"], ["strings", "PID"], ["heap", "PID"], ["refs", "PID", "--size", "48"], ["nginx-pools", "PID"],
    ["postgres-contexts", "PID"],
    ["diff", "PID", "PID"],
  ]
  private static let modes = [LookMode.live, .stop] + (canSnapshot ? [.snapshot] : [])

  private static func words(_ command: [String], _ process: Int32, _ more: String...) -> [String] {
    command.map { $0 == "PID" ? "\(process)" : $0 } + more
  }

  private static func last(_ result: Tool.Result) throws -> JSONValue {
    try #require(JSONValue(parsing: Array((result.lines.last ?? "").utf8)), "\(result.errorText)")
  }

  /// The members of a line that tell of a look; of a diff those of both.
  private static func proofs(_ line: JSONValue, _ command: [String]) throws -> [JSONValue] {
    command[0] == "diff" ? [try #require(line["old"]), try #require(line["new"])] : [line]
  }

  @Test(arguments: commands, modes) func everyModeIsProved(command: [String], mode: LookMode) throws {
    let target = try FixtureProcess("--heap", "1M", "--threads", "2")
    let words = Self.words(command, target.pid, "--json") + modeWords(mode.rawValue)
    let result = try Tool.run(words)
    #expect(result.status == 0 || result.status == 1, "\(result.errorText)")
    let line = try Self.last(result)
    #expect(line["type"]?.string == "summary")
    for proof in try Self.proofs(line, command) {
      #expect(proof["mode"]?.string == mode.rawValue)
      #expect((proof["pause_ns"]?.number ?? -1) > 0 || (mode == .live && proof["pause_ns"]?.number == 0))
      #expect(proof["state_before"]?.string == "running" && proof["state_after"]?.string == "running")
      #expect(proof["verified"] == .boolean(true))
    }
    #expect(try target.complaints() == [])
  }

  @Test func aFileHasNothingToProve() throws {
    let target = try FixtureProcess("--heap", "1M")
    let directory = try TemporaryDirectory()
    let core = directory.file("core")
    let dump = try Tool.run("dump", "\(target.pid)", "--all", "-o", core, "--json")
    #expect(try Self.last(dump)["verified"] == .boolean(true))
    for command in Self.commands where !["nginx-pools", "postgres-contexts"].contains(command[0]) {
      let words = command.map { $0 == "PID" ? core : $0 }
      let line = try Self.last(try Tool.run(words + ["--json"]))
      if command[0] == "diff" {
        #expect(line["old"] == .null && line["new"] == .null)
      } else {
        for name in ["mode", "mode_reason", "pause_ns", "state_before", "state_after", "verified"] {
          #expect(line[name] == .null, "\(command[0]) \(name)")
        }
      }
    }
  }

  @Test(arguments: ["scan", "strings"]) func theSummarySaysThePauseOfAStop(command: String) throws {
    let target = try FixtureProcess("--known")
    let stopped = try Tool.run(command, "\(target.pid)", "--mode", "stop", "--max-pause", "10s")
    #expect(stopped.errorText.contains(#/, pause [0-9.]+ (µs|ms|s)/#), "\(stopped.errorText)")
    let live = try Tool.run(command, "\(target.pid)")
    #expect(!live.errorText.contains("pause"))
  }

  /// A thread that waits for a vfork child keeps a stop waiting for a second. In that second the tool is made to stand still,
  /// so that the process can be stopped by a signal before the tool goes on.
  private static func runStoppingTarget(_ target: FixtureProcess, _ words: [String]) throws -> Tool.Result {
    for _ in 0..<50 {
      let tool = try Tool.start(words)
      _ = waitUntil { tracer(target.pid) != 0 || tool.hasEnded }
      tool.send(signal: SIGSTOP)
      _ = waitUntil { tool.hasEnded || Set(threadStates(tool.id).values) == ["T"] }
      let isInTime = tracer(target.pid) != 0
      if isInTime {
        #expect(waitUntil { tracer(target.pid) == 0 })
        target.send(signal: SIGSTOP)
        let running = try target.number("vfork")
        #expect(waitUntil { threadStates(target.pid).allSatisfy { $0.key == running || $0.value == "T" } })
      }
      tool.send(signal: SIGCONT)
      let result = try Tool.finish(tool)
      if isInTime { return result }
    }
    throw TestFailure("the tool was never seen in a stop")
  }

  @Test(arguments: commands) func aProcessThatStandsStillAfterwardsIsUnverified(command: [String]) throws {
    let target = try FixtureProcess("--heap", "1M", "--vfork", "--threads", "2")
    let words = Self.words(command, target.pid, "--mode", "stop", "--max-pause", "2s", "--json")
    let result = try Self.runStoppingTarget(target, words)
    #expect(result.status == 3, "\(result.errorText)")
    let proof = try #require(try Self.proofs(try Self.last(result), command).first)
    #expect(proof["verified"] == .boolean(false) && proof["state_before"]?.string == "running")
    #expect(proof["state_after"]?.string?.hasSuffix("threads stopped") == true)
    target.send(signal: SIGCONT)
  }

  @Test(arguments: ["scan", "strings"]) func thatIsSaidOnStandardError(command: String) throws {
    let target = try FixtureProcess("--known", "--vfork", "--threads", "2")
    let words = [command, "\(target.pid)", "--mode", "stop", "--max-pause", "2s"]
    let result = try Self.runStoppingTarget(target, words)
    #expect(result.status == 3)
    #expect(result.errorText.contains("WARNING"), "\(result.errorText)")
    #expect(result.errorText.contains("could not be seen to run as before; see `memdump status \(target.pid)`"))
    target.send(signal: SIGCONT)
  }

  /// The tool waits for room in the pipe to its reader while it looks.
  @Test(arguments: ["scan", "strings"]) func aProcessThatIsStoppedWhileItIsReadLiveIsUnverified(command: String) throws
  {
    let target = try FixtureProcess("--endpoints", "100000", "--threads", "2")
    let tool = try Tool.start([command, "\(target.pid)", "--each"])
    _ = try tool.readSome()
    target.send(signal: SIGSTOP)
    #expect(waitUntil { Set(threadStates(target.pid).values) == ["T"] })
    let result = try Tool.finish(tool)
    #expect(result.status == 3 && result.lines.count > 100_000)
    target.send(signal: SIGCONT)
  }

  @Test(arguments: commands) func aPauseThatIsTooShortIsToldByTheStatus(command: [String]) throws {
    let target = try FixtureProcess("--fill", "64M", "--heap", "1M", "--threads", "4")
    let result = try Tool.run(Self.words(command, target.pid, "--mode", "stop", "--max-pause", "20us"))
    #expect(result.status == 4, "\(result.errorText)")
    #expect((result.text + result.errorText).contains("did not fit the pause"), "\(result.text) \(result.errorText)")
    #expect(try target.complaints() == [])
  }
}
