import MemDump
import MemDumpTestSupport
import Testing

extension Stopping {
  /// Programs of Debian, under load, while whoever dumps them is killed.
  @Suite(
    "A program at work whose dumper is killed", .enabled(if: !Workload.Kind.installed.isEmpty, "none is installed"))
  struct WorkloadKillTests {
    private static let modes: [LookMode] = canSnapshot ? [.stop, .snapshot] : [.stop]
    /// In the short form, those that say most in the shortest time.
    private static let kinds = Workload.Kind.installed.filter { isFullRun || $0 != .java }

    @Test("At random instants it works on, and answers everybody", arguments: modes, kinds)
    func random(mode: LookMode, kind: Workload.Kind) throws {
      let workload = try Workload(kind)
      let tries = isFullRun ? 100 : 3
      var random = SeededGenerator(seed: 33)
      let arguments = ["dump", "\(workload.pid)", "--region", "stack", "--mode", mode.rawValue, "-o", "-"]
      var heldOnes = 0
      for number in 0..<tries {
        let tool = try Tool.start(arguments)
        _ = waitUntil(within: .seconds(30)) { tracer(workload.pid) != 0 || tool.hasEnded }
        pass(microseconds: UInt32.random(in: 0...3000, using: &random))
        if tracer(workload.pid) != 0 { heldOnes += 1 }
        for holder in children(of: tool.id, named: holderName) { sendSignal(9, to: holder) }
        if number % 2 == 0 { tool.send(signal: 9) }
        _ = try tool.communicate(within: .seconds(60))
        let complaints = try workload.complaints()
        #expect(complaints == [], "try \(number)")
        if !complaints.isEmpty { return }
      }
      #expect(try Tool.run(arguments).status == 0)
      #expect(try workload.complaints() == [])
      #expect(try workload.end() == [])
      report("\(mode.rawValue), \(kind): \(tries) kills, \(heldOnes) with it in hand")
    }

    #if DEBUG
      @Test("At every step it works on", arguments: modes, kinds)
      func everyStep(mode: LookMode, kind: Workload.Kind) throws {
        let workload = try Workload(kind)
        let outcome = try StepKillTests.kill(
          workload.pid, mode: mode, region: "stack", first: isFullRun ? 1 : 4, every: isFullRun ? 1 : 9
        ) { step, _ in
          let complaints = try workload.complaints()
          #expect(complaints == [], "step \(step)")
          #expect(zombies(workload.pid) == 0, "step \(step)")
        }
        #expect(try workload.end() == [])
        report("\(mode.rawValue), \(kind): died at \(outcome.deaths) steps, it worked on after each")
      }
    #endif

    private func zombies(_ process: Int32) -> Int { children(of: process).count { threadStates($0)[$0] == "Z" } }
  }
}
