import MemDumpTestSupport
import Testing

extension Stopping {
  /// What happens to the target when those who hold it do not die, but do nothing any more.
  @Suite("A holder or tool that hangs")
  struct FreezeTests {
    private func hold(_ fixture: FixtureProcess, _ arguments: [String]) throws -> (tool: Child, holder: Int32) {
      let tool = try Tool.start(["hold", "\(fixture.pid)"] + arguments)
      #expect(waitUntil(within: .seconds(30)) { Stopping.isHeld(fixture) })
      let holder = try #require(children(of: tool.id, named: holderName).first)
      return (tool, holder)
    }

    @Test("A holder that is stopped is killed by its own timer, and the target runs")
    func holderStopped() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let (tool, holder) = try hold(fixture, ["--for", "2s", "--max-pause", "2s"])
      sendSignal(19, to: holder)
      #expect(try fixture.complaints(within: .seconds(20)) == [])
      let run = try Tool.finish(tool)
      #expect(run.status == 2)
      #expect(run.errorText.contains("the helper process that holds the target failed"))
      #expect(run.errorText.contains("The target runs"))
    }

    @Test("A tool that is stopped keeps the target no longer than the pause it was allowed")
    func toolStopped() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let (tool, _) = try hold(fixture, ["--for", "1h", "--max-pause", "2s"])
      tool.send(signal: 19)
      #expect(try fixture.complaints(within: .seconds(20)) == [])
      tool.send(signal: 18)
      let run = try Tool.finish(tool)
      #expect(run.status == 4)
      #expect(run.errorText.contains("the time was up: the process runs on"))
    }

    @Test("A holder that is stopped and whose tool is killed still lets go")
    func bothGone() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let (tool, holder) = try hold(fixture, ["--for", "2s", "--max-pause", "2s"])
      sendSignal(19, to: holder)
      tool.send(signal: 9)
      #expect(try fixture.complaints(within: .seconds(20)) == [])
      #expect(waitUntil { !processExists(holder) || threadStates(holder)[holder] == "Z" })
    }
  }

  /// What a person does who has changed his mind.
  @Suite("A hold that is interrupted")
  struct HoldSignalTests {
    @Test(
      "A signal lets the target go and is the exit status", arguments: [("SIGINT", 2), ("SIGTERM", 15), ("SIGHUP", 1)])
    func signals(name: String, number: Int32) throws {
      let fixture = try FixtureProcess("--threads", "8")
      let tool = try Tool.start(["hold", "\(fixture.pid)", "--for", "1h", "--max-pause", "1h"])
      #expect(waitUntil(within: .seconds(30)) { Stopping.isHeld(fixture) })
      tool.send(signal: number)
      let run = try Tool.finish(tool)
      #expect(run.exit == .status(128 + number), "\(name)")
      #expect(run.output.isEmpty)
      #expect(run.errorText.hasPrefix("held \(fixture.pid) (target-process) for "))
      #expect(run.errorText.contains("; now running, 9 threads, not traced; "))
      #expect(try fixture.complaints() == [])
    }

    @Test("SIGTERM goes on to the command that runs meanwhile")
    func command() throws {
      let fixture = try FixtureProcess("--threads", "2")
      let directory = try TemporaryDirectory()
      let script = "trap 'echo got it > \(directory.file("word")); exit 0' TERM; echo up; while :; do sleep 0.05; done"
      let tool = try Tool.start(["hold", "\(fixture.pid)", "--max-pause", "1h", "--", "sh", "-c", script])
      #expect(try tool.readLine() == "up")
      #expect(Stopping.isHeld(fixture))
      tool.send(signal: 15)
      #expect(try tool.wait() == .status(143))
      #expect(try fixture.complaints() == [])
      #expect(waitUntil { fileText(directory.file("word")) == "got it\n" })
    }
  }

  /// Whether every thread of it stands still in the hands of a tracer.
  static func isHeld(_ fixture: FixtureProcess) -> Bool {
    let states = threadStates(fixture.pid)
    return !states.isEmpty && states.values.allSatisfy { $0 == "t" }
  }
}
