import MemDump
import MemDumpTestSupport
import Synchronization
import Testing

extension Stopping {
  /// Threads that wait for a time in a process that is stopped again and again meanwhile.
  @Suite("A timer under repeated looks", .enabled(if: canSnapshot, "the repair is x86_64"))
  struct RepeatedLookTests {
    /// What a call waits for, in milliseconds.
    private static let timeout: UInt64 = 1500
    /// What a busy machine and the kernel's coarser timers add, in milliseconds. Without the repair a call does not return
    /// as long as there are looks.
    private static let noise: UInt64 = 300
    /// The same for calls that the next look has to end where one is being prepared when their time is over.
    private static let preparation: UInt64 = 1000

    /// A return of a call.
    private struct Return {
      var name: String
      var milliseconds: UInt64
      var isTimeout: Bool

      init(_ line: String) throws {
        let words = line.split(separator: " ")
        guard words.count == 3, let microseconds = UInt64(words[1]) else { throw TestFailure(line) }
        (name, milliseconds, isTimeout) = (String(words[0]), microseconds / 1000, words[2] == "1")
      }
    }

    private func timers(_ names: [String]) throws -> Child {
      let child = try Child(Programs.path("blocked-calls"), ["--timers", "\(Self.timeout)"] + names)
      #expect(try child.readLine() == "ready")
      return child
    }

    private static let names = [
      "epoll_wait", "epoll_pwait2", "semtimedop", "sigtimedwait", "recv", "read", "io_getevents",
    ]

    @Test(
      "Every call returns when its time is over, however short the time between two looks",
      arguments: [LookMode.stop, .snapshot])
    func onTime(mode: LookMode) throws {
      let child = try timers(Self.names)
      let target = try TargetProcess(try #require(ProcessID(rawValue: child.id)))
      let control = WorkControl()
      let watching = Mutex<WatchVerdict?>(nil)
      let watch = Watch(every: .milliseconds(200), end: .elapsed(.seconds(60)), mode: mode, budget: Stopping.budget)
      let background = InBackground {
        let verdict = watch.run([target], control: control) { _, _ in }.first
        watching.withLock { $0 = verdict }
      }
      let returns = try (0..<2 * Self.names.count).map { _ in try Return(try child.readLine()) }
      control.stop()
      background.join()
      let verdict = try #require(watching.withLock { $0 })
      #expect(verdict.errors.isEmpty)
      // A busy machine has time for fewer.
      #expect(verdict.pauseCount >= 2)
      let latest = Self.timeout + verdict.pauseTime / 1_000_000 + Self.noise
      let isOverdue = { (name: String) in !name.hasPrefix("epoll") }
      for this in returns {
        #expect(this.isTimeout, "\(this.name)")
        #expect(this.milliseconds >= Self.timeout - 1, "\(this.name)")
        #expect(this.milliseconds <= latest + (isOverdue(this.name) ? Self.preparation : 0), "\(this.name)")
      }
    }

    @Test("Calls that are restarted with all of their time do not return, and this would be seen")
    func control() throws {
      let child = try timers(["epoll_wait", "semtimedop"])
      let other = try Child(Programs.path("attach-control"), ["restart", "\(child.id)"])
      pass(microseconds: 3_600_000)
      other.send(signal: 9)
      for _ in 0..<2 {
        let this = try Return(try child.readLine())
        #expect(this.milliseconds > 2 * Self.timeout, "\(this.name)")
      }
    }
  }
}
