import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

extension Stopping {
  /// A process while it is held, and every way out of that.
  @Suite("A stopped process")
  struct StopTests {
    @Test("While it is held every thread stands still, and afterwards every thread runs")
    func heldAndResumed() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let stopped = try Stopping.stop(fixture)
      #expect(stopped.stoppedThreadCount == 9)
      #expect(stopped.groupStoppedThreadCount == 0)
      #expect(stopped.runningThreadCount == 0)
      #expect(Stopping.moving(fixture) == [:])
      #expect(tracer(fixture.pid) != 0)
      let pause = try stopped.resume()
      #expect(pause.end == .requested)
      #expect(pause.duration > 0)
      #expect(pause.startedAt <= pause.releasedAt && pause.releasedAt <= pause.endedAt)
      #expect(stoppedThreadCount(fixture.pid) == 0)
      #expect(tracer(fixture.pid) == 0)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("While it is held its heart does not beat")
    func noBeats() throws {
      let fixture = try FixtureProcess("--threads", "8")
      _ = try fixture.count("gap")
      let stopped = try Stopping.stop(fixture)
      let clock = ContinuousClock()
      let held = clock.measure { pass(microseconds: 300_000) }
      _ = try stopped.resume()
      // The largest time between two beats of one thread is the pause, as the process itself saw it.
      let gap = try fixture.count("gap")
      #expect(gap >= 300_000_000)
      #expect(held >= .milliseconds(300))
    }

    @Test("It runs when the value goes without a word")
    func valueGoes() throws {
      let fixture = try FixtureProcess("--threads", "8")
      do {
        let stopped = try Stopping.stop(fixture)
        #expect(stopped.stoppedThreadCount == 9)
        #expect(Stopping.moving(fixture) == [:])
      }
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("It runs when an error is thrown while it is held")
    func errorThrown() throws {
      struct Trouble: Error {}
      let fixture = try FixtureProcess("--threads", "8")
      func work() throws {
        let stopped = try Stopping.stop(fixture)
        if stopped.stoppedThreadCount == 9 { throw Trouble() }
        _ = try stopped.resume()
      }
      #expect(throws: Trouble.self) { try work() }
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A holder that was never asked to stop anything leaves no process behind")
    func holderDropped() throws {
      let own = ownProcess
      let before = Set(children(of: own, named: holderName))
      do { _ = try Holder.launch() }
      #expect(waitUntil { Set(children(of: own, named: holderName)).subtracting(before).isEmpty })
    }

    @Test("It runs after its time even when nobody lets it go")
    func timeUp() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let stopped = try Stopping.stop(fixture, budget: .milliseconds(200))
      #expect(try fixture.complaints().isEmpty)
      let pause = try stopped.resume()
      #expect(pause.end == .timeUp)
      #expect(pause.duration >= 200_000_000)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("When it is killed while it is held, that is told, and nothing hangs")
    func killedWhileHeld() throws {
      let fixture = try FixtureProcess("--threads", "8")
      let stopped = try Stopping.stop(fixture)
      try fixture.end()
      let pause = try stopped.resume()
      #expect(pause.end == .targetGone)
    }

    @Test("A process that stood still before stands still afterwards")
    func stoppedBefore() throws {
      let fixture = try FixtureProcess("--threads", "4")
      fixture.send(signal: 19)
      #expect(waitUntil { stoppedThreadCount(fixture.pid) == 5 })
      let stopped = try Stopping.stop(fixture)
      #expect(stopped.groupStoppedThreadCount == 5)
      let pause = try stopped.resume()
      #expect(pause.end == .requested)
      #expect(waitUntil { Set(threadStates(fixture.pid).values) == ["T"] })
      #expect(tracer(fixture.pid) == 0)
      fixture.send(signal: 18)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test(
      "A process that ran another program before the stop is not looked at as if it were the first",
      arguments: LookMode.allCases)
    func replacedBeforeTheStop(mode: LookMode) throws {
      let fixture = try FixtureProcess("--known", "--heap", "1M")
      let target = try fixture.target()
      let map = try target.regions(usage: true)
      try fixture.executeItself()
      let error = #expect(throws: MemDumpError.self) {
        let look = try ProcessLook(target, mode: mode, budget: Stopping.budget, map: map)
        _ = try look.end()
      }
      #expect(error?.code == .processReplaced)
      #expect(stoppedThreadCount(fixture.pid) == 0)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that somebody else traces cannot be stopped, and the error names who does")
    func tracedByAnother() throws {
      let fixture = try FixtureProcess("--threads", "2")
      let other = try Child(Programs.path("attach-control"), ["hold", "\(fixture.pid)"])
      #expect(try other.readLine() == "held")
      let error = #expect(throws: MemDumpError.self) { _ = try Stopping.stop(fixture) }
      #expect(error?.code == .stopFailed)
      #expect(error?.description.contains("process \(other.id) (attach-control) traces it already") == true)
      #expect(tracer(fixture.pid) == other.id)
      other.closeInput()
      _ = try other.wait()
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("It runs when the program that holds it is killed")
    func programKilled() async throws {
      let fixture = try FixtureProcess("--threads", "8")
      let number = fixture.pid
      await #expect(processExitsWith: .signal(9)) { [number = number as Int32] in
        let target = try TargetProcess(try #require(ProcessID(rawValue: number)))
        let stopped = try Holder.launch().stop(target, budget: Stopping.budget)
        #expect(stopped.stoppedThreadCount == 9)
        killThisProcess()
        _ = try stopped.resume()
      }
      #expect(try fixture.complaints().isEmpty)
    }
  }
}
