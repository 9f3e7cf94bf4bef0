import SystemPackage
import Testing

@testable import MemDump

@Suite struct WitnessTests {
  private typealias State = ProcessStatus.State

  /// A witness with these threads, numbered from 1, made from one of this very process.
  private static func witness(_ threads: [Int32: State], tracer: Int32 = 0) throws -> Witness {
    var witness = try Witness(TargetProcess(Syscall.ownProcess))
    var states: [ThreadID: State] = [:]
    for (number, state) in threads { states[try #require(ThreadID(rawValue: number))] = state }
    (witness.threads, witness.tracer) = (states, tracer)
    return witness
  }

  /// The threads before and after, and whether the process runs as it did.
  private static let cases: [([Int32: State], [Int32: State], Bool)] = [
    ([1: .running], [1: .running], true),
    ([1: .running], [1: .sleeping], true),
    ([1: .sleeping], [1: .uninterruptible], true),
    ([1: .sleeping, 2: .sleeping], [1: .sleeping, 2: .sleeping], true),
    // A thread that stands still now and ran before.
    ([1: .running], [1: .stopped], false),
    ([1: .running], [1: .tracingStop], false),
    ([1: .sleeping, 2: .sleeping], [1: .sleeping, 2: .tracingStop], false),
    ([1: .uninterruptible], [1: .stopped], false),
    // One that stood still before may still do so, or run.
    ([1: .stopped], [1: .stopped], true),
    ([1: .tracingStop], [1: .tracingStop], true),
    ([1: .tracingStop], [1: .stopped], true),
    ([1: .stopped], [1: .running], true),
    ([1: .stopped, 2: .sleeping], [1: .stopped, 2: .stopped], false),
    // Threads come and go.
    ([1: .running, 2: .running], [1: .running], true),
    ([1: .running], [1: .running, 2: .running], true),
    ([1: .running], [1: .running, 2: .stopped], false),
    ([1: .stopped], [1: .stopped, 2: .stopped], true),
    ([1: .running], [:], true),
    ([:], [1: .running], true),
    ([:], [1: .stopped], false),
  ]

  @Test(arguments: cases.indices) func tellsWhetherAProcessRunsAsBefore(place: Int) throws {
    let (before, after, runs) = Self.cases[place]
    #expect(try Self.witness(after).runs(as: try Self.witness(before)) == runs)
  }

  @Test func aTracerThatCameOrWentIsAChange() throws {
    let threads: [Int32: State] = [1: .running]
    #expect(try Self.witness(threads, tracer: 7).runs(as: try Self.witness(threads, tracer: 7)))
    #expect(try !Self.witness(threads, tracer: 7).runs(as: try Self.witness(threads)))
    #expect(try !Self.witness(threads).runs(as: try Self.witness(threads, tracer: 7)))
    #expect(try !Self.witness(threads, tracer: 8).runs(as: try Self.witness(threads, tracer: 7)))
  }

  @Test func aGroupThatWasFrozenMeanwhileIsAChange() throws {
    let running = try Self.witness([1: .sleeping])
    var frozen = running
    frozen.freezer = CgroupFS.Freezer(file: "/sys/fs/cgroup/x/cgroup.freeze", word: "0")
    #expect(!frozen.runs(as: running))
    #expect(frozen.runs(as: frozen))
    #expect(running.runs(as: frozen))
    #expect(frozen.stateName == "frozen")
    frozen.threads = [:]
    #expect(frozen.stateName == "ended")
  }

  @Test func saysInAWordWhatTheProcessDoes() throws {
    #expect(try Self.witness([1: .running, 2: .sleeping]).stateName == "running")
    #expect(try Self.witness([1: .stopped]).stateName == "stopped")
    #expect(try Self.witness([1: .stopped, 2: .tracingStop]).stateName == "stopped")
    #expect(try Self.witness([1: .stopped, 2: .sleeping, 3: .sleeping]).stateName == "1 of 3 threads stopped")
    #expect(try Self.witness([:]).stateName == "ended")
  }

  @Test func seesThisProcessRunning() throws {
    let witness = try Witness(TargetProcess(Syscall.ownProcess))
    #expect(witness.threads[Syscall.ownProcess] != nil)
    #expect(witness.stoppedThreadCount == 0)
    #expect(try #require(witness.footprint).resident > 0)
  }
}
