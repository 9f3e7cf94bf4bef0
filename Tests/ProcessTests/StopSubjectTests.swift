import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

extension Stopping {
  /// Processes that are hard to stop, or easy to harm by it.
  @Suite("A process that is hard to stop")
  struct StopSubjectTests {
    private func stopAndResume(_ fixture: FixtureProcess, times: Int = 1) throws {
      for _ in 0..<times {
        let stopped = try Stopping.stop(fixture)
        _ = try stopped.resume()
      }
    }

    @Test("A process whose main thread has ended is stopped by its other threads")
    func zombieLeader() throws {
      let fixture = try FixtureProcess("--zombie-leader", "--threads", "4")
      let thread = try fixture.number("zombie-leader")
      let stopped = try Stopping.stop(fixture)
      #expect(stopped.stoppedThreadCount == 5)
      var states = threadStates(fixture.pid)
      #expect(states.removeValue(forKey: fixture.pid) == "Z")
      #expect(states[thread] == "t")
      #expect(Set(states.values) == ["t"])
      _ = try stopped.resume()
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that starts threads all the while is stopped as a whole, a hundred times")
    func spawnStorm() throws {
      let fixture = try FixtureProcess("--spawn-storm", "--threads", "4")
      for _ in 0..<100 {
        let stopped = try Stopping.stop(fixture)
        #expect(Stopping.moving(fixture) == [:])
        _ = try stopped.resume()
      }
      let spawned = try fixture.count("spawned")
      #expect(try waitUntil { try fixture.count("spawned") > spawned })
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A thread that waits for a vfork child does not stop and is counted; the others do")
    func vfork() throws {
      let fixture = try FixtureProcess("--vfork", "--threads", "4")
      let waiting = try fixture.number("vfork")
      let stopped = try Stopping.stop(fixture)
      #expect(stopped.runningThreadCount == 1)
      #expect(stopped.stoppedThreadCount == 5)
      var states = threadStates(fixture.pid)
      #expect(states.removeValue(forKey: waiting) == "D")
      #expect(Set(states.values) == ["t"])
      _ = try stopped.resume()
      #expect(try fixture.complaints().isEmpty)
      #expect(threadStates(fixture.pid)[waiting] == "D")
    }

    @Test("No signal is lost and none comes twice over a hundred stops")
    func signals() throws {
      let fixture = try FixtureProcess("--signals", "--threads", "2")
      let signal = try fixture.number("signals")
      var sent: UInt64 = 0
      for _ in 0..<100 {
        for _ in 0..<3 where queueSignal(signal, to: fixture.pid, value: 1) { sent += 1 }
        let stopped = try Stopping.stop(fixture)
        for _ in 0..<4 where queueSignal(signal, to: fixture.pid, value: 1) { sent += 1 }
        _ = try stopped.resume()
      }
      #expect(sent == 700)
      #expect(try waitUntil { try fixture.count("signals") >= sent })
      #expect(try fixture.count("signals") == sent)
      #expect(try fixture.count("values") == sent)
      #expect(try fixture.count("children", 0) == 0)
      #expect(try fixture.count("children", 1) == 0)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("What a thread keeps in its registers is the same after a hundred stops")
    func selfChecks() throws {
      let fixture = try FixtureProcess("--self-check", "4")
      try stopAndResume(fixture, times: 100)
      #expect(try fixture.count("check", 0) > 0)
      #expect(try fixture.count("check", 1) == 0)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("Many threads are stopped and let go")
    func manyThreads() throws {
      // They beat so often that a thousand of them leave no time for anybody else, so a signal keeps them quiet.
      let count = isFullRun ? 1000 : 300
      let fixture = try FixtureProcess("--threads", "\(count)")
      fixture.send(signal: 19)
      #expect(waitUntil(within: .seconds(30)) { stoppedThreadCount(fixture.pid) == count + 1 })
      let stopped = try Stopping.stop(fixture)
      #expect(stopped.stoppedThreadCount == count + 1)
      #expect(stopped.groupStoppedThreadCount == count + 1)
      #expect(Stopping.moving(fixture) == [:])
      _ = try stopped.resume()
      #expect(tracer(fixture.pid) == 0)
      #expect(waitUntil { stoppedThreadCount(fixture.pid) == count + 1 })
    }

    @Test(
      "A thread that waits for its turn on a busy machine is not taken for one that is asleep",
      .enabled(if: CPUQuota.isAvailable, "no control group for the processor can be made"))
    func starvedThreads() throws {
      let quota = try CPUQuota(microseconds: 1000, each: 1_000_000)
      let fixture = try FixtureProcess("--self-check", "3")
      try quota.add(fixture.pid)
      for _ in 0..<3 {
        // The pool of the group is used up within a millisecond; then its threads have no turn for the rest of a second.
        pass(microseconds: 50_000)
        let stopped = try Holder.launch().stop(fixture.target(), budget: Stopping.budget, settle: .milliseconds(1))
        #expect(stopped.runningThreadCount == 0)
        #expect(stopped.stoppedThreadCount == 4)
        #expect(Stopping.moving(fixture) == [:])
        _ = try stopped.resume()
      }
      try quota.lift()
      #expect(try fixture.complaints() == [])
    }

    @Test(
      "Where threads do not get their turn within the pause, the stop fails and the process runs",
      .enabled(if: CPUQuota.isAvailable, "no control group for the processor can be made"))
    func starvedTooLong() throws {
      let quota = try CPUQuota(microseconds: 1000, each: 1_000_000)
      let fixture = try FixtureProcess("--self-check", "3")
      try quota.add(fixture.pid)
      var failures = 0
      for _ in 0..<5 {
        pass(microseconds: 50_000)
        do {
          let stopped = try Stopping.stop(fixture, budget: .milliseconds(20))
          #expect(stopped.runningThreadCount == 0)
          _ = try stopped.resume()
        } catch let error as MemDumpError {
          #expect(error.code == .stopFailed)
          failures += 1
        }
      }
      #expect(failures > 0)
      try quota.lift()
      #expect(try fixture.complaints() == [])
    }

    @Test("A child of the process does not count as a part of it")
    func zombieChild() throws {
      let fixture = try FixtureProcess("--zombie-child", "--threads", "1")
      let child = try fixture.number("zombie")
      try stopAndResume(fixture)
      #expect(threadStates(child)[child] == "Z")
      let error = #expect(throws: MemDumpError.self) {
        _ = try Holder.launch().stop(
          TargetProcess(try #require(ProcessID(rawValue: child))), budget: Stopping.budget)
      }
      #expect(error?.code == .processEnded)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that runs another program between the look and the stop is stopped all the same")
    func replaced() throws {
      let fixture = try FixtureProcess("--known", "--threads", "4")
      let target = try fixture.target()
      try fixture.executeItself()
      let stopped = try Holder.launch().stop(target, budget: Stopping.budget)
      #expect(Stopping.moving(fixture) == [:])
      _ = try stopped.resume()
      #expect(waitUntil { stoppedThreadCount(fixture.pid) == 0 && tracer(fixture.pid) == 0 })
    }
  }
}
