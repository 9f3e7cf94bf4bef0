#if DEBUG
  import MemDump
  import MemDumpTestSupport
  import Testing

  extension Stopping {
    /// A holder that dies before its Nth ptrace call, for every N.
    @Suite("Killed at every step")
    struct StepKillTests {
      /// A target, by the options of target-process.
      struct Subject: Sendable, CustomTestStringConvertible {
        let options: [String]
        var testDescription: String { options.joined(separator: " ") }
      }

      private static let subjects: [Subject] =
        [
          ["--threads", "2", "--self-check", "2", "--signals"],
          ["--threads", "1"],
        ].map { Subject(options: $0 + ["--known"]) }
        + (isFullRun ? [["--threads", "8", "--spawn-storm", "--known"]].map { Subject(options: $0) } : [])

      private static let modes: [LookMode] = canSnapshot ? [.stop, .snapshot] : [.stop]

      @Test("Every thread runs on, with its own registers, and no child is left", arguments: modes, subjects)
      func everyStep(mode: LookMode, subject: Subject) throws {
        var fixture = try FixtureProcess(subject.options)
        var deaths = 0
        let stride = isFullRun ? 1 : 2
        let outcome = try Self.kill(mode: mode, every: stride) {
          // Each death in the middle of a snapshot uses up a page of the stack, of which some thirty are to be had.
          if deaths > 0, deaths % 20 == 0 { fixture = try FixtureProcess(subject.options) }
          return (fixture.pid, try fixture.region("known").lowerBound.description)
        } check: { step, run in
          deaths += run.status == 0 ? 0 : 1
          let complaints = try fixture.complaints()
          #expect(complaints == [], "step \(step)")
          #expect(children(of: fixture.pid).isEmpty, "step \(step)")
          if run.status == 0 { #expect(run.output == FixtureContent.known) }
        }
        if subject.options.contains("--self-check") {
          #expect(try fixture.count("check", 1) == 0)
          #expect(try fixture.count("children", 0) == 0)
        }
        report(
          "\(mode.rawValue), \(subject.testDescription): died at \(outcome.deaths) steps, target ran on after each")
        #expect(outcome.deaths >= 8 / stride)
      }

      @Test("Every thread runs on from the reading of registers for a core, too", arguments: modes)
      func core(mode: LookMode) throws {
        let fixture = try FixtureProcess("--threads", "2", "--known")
        let region = try fixture.region("known").lowerBound.description
        let stride = isFullRun ? 1 : 2
        let outcome = try Self.kill(fixture.pid, mode: mode, format: .core, region: region, every: stride) {
          step, run in
          let complaints = try fixture.complaints()
          #expect(complaints == [], "step \(step)")
          #expect(children(of: fixture.pid).isEmpty, "step \(step)")
          if run.status == 0 {
            #expect(run.output.suffix(FixtureContent.known.count).elementsEqual(FixtureContent.known) as Bool)
          }
        }
        report("\(mode.rawValue), a core: died at \(outcome.deaths) steps, target ran on after each")
        // Three threads, each attached to, interrupted, asked for two register sets at least, and let go.
        #expect(outcome.deaths >= 18 / stride)
      }

      @Test("Calls that sleep go on", arguments: modes)
      func blockedCalls(mode: LookMode) throws {
        let calls = try BlockedCalls(loops: true)
        let (steps, first) = isFullRun ? (1, 1) : (5, 3)
        let outcome = try Self.kill(calls.pid, mode: mode, region: "stack", first: first, every: steps) { step, _ in
          #expect(waitUntil { stoppedThreadCount(calls.pid) == 0 && tracer(calls.pid) == 0 }, "step \(step)")
        }
        let early = try calls.early()
        // In the microseconds before its repair, a call is as any stop leaves it.
        #expect(early.count <= BlockedCallTests.interrupted.count)
        report("\(mode.rawValue), \(calls.count) calls: died at \(outcome.deaths) steps; EINTR in \(early)")
        #expect(try calls.wake() == [])
      }

      /// Dumps a process again and again, with the holder killed before one call after the other, until it comes to its end
      /// ten times in a row. The holder's last calls are those of its orderly end, which the tool has another one finish.
      static func kill(
        _ process: Int32, mode: LookMode, format: DumpFormat = .raw, region: String, first: Int = 1,
        every stride: Int = 1,
        _ check: (Int, Tool.Result) throws -> Void
      ) throws -> (deaths: Int, steps: Int) {
        try kill(mode: mode, format: format, first: first, every: stride, of: { (process, region) }, check: check)
      }

      /// The same of a process that may be another one each time.
      static func kill(
        mode: LookMode, format: DumpFormat = .raw, first: Int = 1, every stride: Int = 1,
        of subject: () throws -> (process: Int32, region: String), check: (Int, Tool.Result) throws -> Void
      ) throws -> (deaths: Int, steps: Int) {
        var (deaths, successes, step) = (0, 0, first)
        while successes < 30 / stride, step < 2000 {
          let (process, region) = try subject()
          let run = try Tool.run(
            ["dump", "\(process)", "--region", region, "--mode", mode.rawValue, "--max-pause", "5s", "-o", "-"]
              + ["--format", format.rawValue],
            environment: ["MEMDUMP_HOLDER_DIE_AT": "\(step)"])
          try check(step, run)
          successes = run.status == 0 ? successes + 1 : 0
          if run.status != 0 {
            deaths += 1
            #expect(run.status == 2, "step \(step): \(run.errorText)")
            #expect(run.errorText.contains("the helper process that holds the target failed"), "step \(step)")
          }
          step += stride
        }
        #expect(step < 2000)
        return (deaths, step)
      }
    }
  }
#endif
