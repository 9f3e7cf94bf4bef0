import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

extension Stopping {
  /// Processes that a snapshot could harm, or cannot be made of: refused with the reason and what to use instead.
  @Suite("A snapshot that is refused", .enabled(if: canSnapshot, "there are no snapshots for this processor yet"))
  struct SnapshotRefusalTests {
    private func refusal(_ fixture: FixtureProcess, budget: Duration = Stopping.budget) throws -> String {
      let directory = try TemporaryDirectory()
      let region = try fixture.region("known")
      let error = #expect(throws: MemDumpError.self) {
        _ = try Dump(.range(region), mode: .snapshot, budget: budget).run(
          fixture.target(), to: .file(FilePath(directory.file("dump")), replacing: false))
      }
      #expect(error?.code == .snapshotRefused)
      #expect(directory.names.isEmpty)
      #expect(children(of: fixture.pid, named: "target-process").filter { threadStates($0)[$0] == "Z" }.isEmpty)
      let text = error?.description ?? ""
      #expect(text.hasPrefix("cannot make a snapshot of process \(fixture.pid) (target-process): "))
      return text
    }

    @Test("A seccomp filter")
    func filter() throws {
      let fixture = try FixtureProcess("--known", "--filter", "--threads", "2")
      #expect(try refusal(fixture).contains("a seccomp filter of it could kill it"))
      #expect(try refusal(fixture).hasSuffix("Use --mode stop or live, which run nothing in it."))
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that has used its first stack to the end")
    func deepStack() throws {
      let fixture = try FixtureProcess("--known", "--deep-stack", "--threads", "1")
      #expect(try refusal(fixture).contains("its first stack has been in use to the end"))
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that handles page faults of its own")
    func userFaults() throws {
      let fixture = try FixtureProcess("--known", "--user-faults", "--threads", "1")
      guard try fixture.number("user-faults") == 1 else { return }  // not permitted here
      #expect(try refusal(fixture).contains("it handles page faults of its own (userfaultfd)"))
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process whose only thread has its system calls dispatched to itself")
    func dispatch() throws {
      let fixture = try FixtureProcess("--known", "--dispatch")
      #expect(try refusal(fixture).contains("its first thread is not where it can be made to call"))
      #expect(try fixture.ask("unmap") == [])
    }

    @Test("A process that a signal has stopped")
    func stopped() throws {
      let fixture = try FixtureProcess("--known", "--threads", "2")
      fixture.send(signal: 19)
      #expect(waitUntil { stoppedThreadCount(fixture.pid) == 3 })
      #expect(try refusal(fixture).contains("it is stopped by a signal"))
      #expect(stoppedThreadCount(fixture.pid) == 3)
      fixture.send(signal: 18)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A thread that cannot be stopped")
    func asleep() throws {
      let fixture = try FixtureProcess("--known", "--vfork", "--threads", "2")
      #expect(try refusal(fixture).contains("1 of its threads did not stop, being in uninterruptible sleep"))
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A fork that takes longer than the process may stand still")
    func tooLong() throws {
      let fixture = try FixtureProcess("--known", "--fill", "256M", "--threads", "2")
      let text = try refusal(fixture, budget: .milliseconds(10))
      #expect(text.contains(#/the fork may take [0-9]+ ms, and --max-pause is 10 ms/#))
      #expect(try fixture.complaints().isEmpty)
    }

    @Test(
      "A control group that has too little memory left",
      .enabled(if: ResourceLimit.isAvailable, "no control groups can be made"))
    func memoryLimit() throws {
      let limit = try ResourceLimit.memory(byteCount: 16 << 20)
      let fixture = try FixtureProcess("--known", "--threads", "2")
      try limit.add(fixture.pid)
      #expect(try refusal(fixture).contains("its control group has "))
      #expect(try fixture.complaints().isEmpty)
      try fixture.end()
    }

    @Test(
      "A process that may have no more processes",
      .enabled(if: ResourceLimit.isAvailable, "no control groups can be made"))
    func processLimit() throws {
      let limit = try ResourceLimit.tasks(3)
      let fixture = try FixtureProcess("--known", "--threads", "2")
      try limit.add(fixture.pid)
      #expect(try refusal(fixture).contains("the kernel let it make no child (Resource temporarily unavailable)"))
      #expect(try fixture.complaints().isEmpty)
      try fixture.end()
    }

    @Test("A 32-bit process")
    func narrow() throws {
      let directory = try TemporaryDirectory()
      guard let child = try Child.narrow(in: directory) else { return }
      let target = try TargetProcess(try #require(ProcessID(rawValue: child.id)))
      let error = #expect(throws: MemDumpError.self) {
        _ = try Dump(.kind(.stack), mode: .snapshot, budget: Stopping.budget).run(
          target, to: .file(FilePath(directory.file("dump")), replacing: false))
      }
      #expect(error?.description.contains("it is a 32-bit process") == true)

      // Neither a core of it, which would be one of 64 bits, nor a heap: one region, text and maps there are.
      let file = FilePath(directory.file("dump"))
      for mode in [LookMode.live, .stop] {
        let core = #expect(throws: MemDumpError.self) {
          _ = try Dump(.all(nil, includingDontDump: false), mode: mode).run(target, to: .file(file, replacing: false))
        }
        #expect(core?.code == .unsupported)
      }
      #expect(throws: MemDumpError.self) {
        _ = try ProcessLook.atHeap(of: target, mode: .stop, budget: Stopping.budget)
      }
      _ = try Dump(.kind(.stack)).run(target, to: .file(file, replacing: false))
    }
  }
}
