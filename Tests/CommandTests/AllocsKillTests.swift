import Glibc
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// A process whose allocations are watched, while whoever watches them is killed: at any instant the kernel takes its
  /// breakpoints away, and the process goes on as before.
  @Suite("A process whose allocations are watched goes on, whenever the watcher is killed", .serialized)
  struct AllocsKillTests {
    private static let options = ["--for", "60s", "--budget", "50%"]

    /// Whether breakpoints are open in its three threads: a ring and four of them in each.
    private static func isArmed(_ tool: Child) -> Bool { events(of: tool.id) > 10 }

    private static func order(_ options: String...) throws -> Child {
      let program = try Child(Programs.path("allocation-order"), ["--threads", "2"] + options)
      try #require(program.readLine() == "ready")
      return program
    }

    /// How many rounds it made, and how many of its blocks had other bytes than they should.
    private static func status(_ program: Child) throws -> (rounds: Int, bad: Int) {
      program.send(Array("\n".utf8))
      let words = try program.readLine().split(separator: " ")
      return (Int(words[7]) ?? 0, Int(words[5]) ?? -1)
    }

    /// The rounds it makes in a second: the most of three short times, since others use the machine, too.
    private static func speed(_ program: Child) throws -> Double {
      var best = 0.0
      for _ in 0..<3 {
        let (clock, before) = (ContinuousClock(), try status(program).rounds)
        let start = clock.now
        usleep(60_000)
        let after = try status(program).rounds
        let elapsed = clock.now - start
        let seconds = Double(elapsed.components.attoseconds) / 1e18 + Double(elapsed.components.seconds)
        best = max(best, Double(after - before) / seconds)
      }
      return best
    }

    private static func complaints(_ program: Child) throws -> [String] {
      if program.hasEnded { return ["it has ended"] }
      var complaints: [String] = []
      if tracer(program.id) != 0 { complaints.append("it is traced") }
      if stoppedThreadCount(program.id) != 0 { complaints.append("threads stand still") }
      if try status(program).bad != 0 { complaints.append("blocks have other bytes") }
      return complaints
    }

    @Test(.enabled(if: canWatchAllocations, "there are no events with breakpoints here"))
    func atRandomInstantsItWorksOnAsFastAsBefore() throws {
      let program = try Self.order()
      let before = try Self.speed(program)
      var random = SeededGenerator(seed: 41)
      let tries = isFullRun ? 600 : 16
      var armed = 0
      for number in 0..<tries {
        let tool = try Tool.start(["allocs", "\(program.id)"] + Self.options)
        try #require(waitUntil(within: .seconds(60)) { Self.isArmed(tool) || tool.hasEnded })
        usleep(UInt32.random(in: 0...(isFullRun ? 600_000 : 300_000), using: &random))
        // Every other one in a slice, and the rest wherever that is.
        if number % 2 == 0 {
          _ = waitUntil { Self.isArmed(tool) }
          usleep(UInt32.random(in: 0...2_000, using: &random))
        }
        if Self.isArmed(tool) { armed += 1 }
        tool.send(signal: SIGKILL)
        _ = try tool.wait()
        let complaints = try Self.complaints(program)
        #expect(complaints == [], "try \(number)")
        if !complaints.isEmpty { return }
      }
      #expect(armed > tries / 4, "\(armed) of \(tries) with events armed")
      let after = try Self.speed(program)
      #expect(after > before / 2, "\(before) rounds a second before, \(after) after")
      print(
        "FIGURE \(tries) kills, \(armed) with events armed; rounds a second: \(Int(before)) before, \(Int(after)) after"
      )
    }

    /// The control: a watcher that stands still with its breakpoints armed is seen in the speed.
    @Test(.enabled(if: canWatchAllocations, "there are no events with breakpoints here"))
    func aWatcherThatStandsStillWhileItIsArmedIsSeen() throws {
      let program = try Self.order()
      let before = try Self.speed(program)
      var isSeen = false
      for number in 0..<40 where !isSeen {
        let tool = try Tool.start(["allocs", "\(program.id)"] + Self.options)
        try #require(waitUntil(within: .seconds(60)) { Self.isArmed(tool) || tool.hasEnded })
        // Behind the short looks at which functions are called: in one of the bursts.
        usleep(UInt32(100_000 + number * 17_000))
        tool.send(signal: SIGSTOP)
        isSeen = try Self.speed(program) < before / 2
        tool.send(signal: SIGKILL)
        _ = try tool.wait()
      }
      #expect(isSeen)
      #expect(try Self.speed(program) > before / 2)
    }

    /// The control of the bytes.
    @Test func bytesThatAreNotAsTheyShouldBeAreSeen() throws {
      let program = try Self.order("--spoil")
      #expect(waitUntil { (try? Self.complaints(program)) == ["blocks have other bytes"] })
    }

    @Test(
      .enabled(if: canWatchAllocations, "there are no events with breakpoints here"),
      arguments: Workload.Kind.installed.filter { isFullRun || $0 != .java })
    func programsAtWorkGoOn(kind: Workload.Kind) throws {
      let workload = try Workload(kind)
      var random = SeededGenerator(seed: 43)
      for number in 0..<(isFullRun ? 100 : 5) {
        let tool = try Tool.start(["allocs", "\(workload.pid)"] + Self.options)
        _ = waitUntil(within: .seconds(60)) { events(of: tool.id) > 0 || tool.hasEnded }
        usleep(UInt32.random(in: 0...100_000, using: &random))
        tool.send(signal: SIGKILL)
        _ = try tool.wait()
        let complaints = try workload.complaints()
        #expect(complaints == [], "try \(number)")
        if !complaints.isEmpty { return }
      }
      #expect(try workload.end() == [])
    }
  }
#endif
