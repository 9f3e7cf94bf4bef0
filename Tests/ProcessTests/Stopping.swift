import MemDump
import MemDumpTestSupport
import Testing

/// All that stops a process, one test after the other: each of them wants the machine's attention.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"))
struct Stopping {
  /// Long enough for any machine.
  static let budget: Duration = .seconds(30)

  /// Stops a process.
  static func stop(_ fixture: FixtureProcess, budget: Duration = budget) throws -> StoppedProcess {
    try Holder.launch().stop(fixture.target(), budget: budget)
  }

  /// The threads of a held process that do not stand still; one that has ended does not count, nor does it run.
  static func moving(_ fixture: FixtureProcess) -> [Int32: Character] {
    threadStates(fixture.pid).filter { !"tZX".contains($0.value) }
  }

  /// Does what stops a process for a short time only. On a busy machine its threads may not get their turn within that
  /// time; then the stop fails, says so, and is tried again.
  static func patiently<Result>(_ body: () throws -> Result) throws -> Result {
    for _ in 0..<50 {
      do { return try body() } catch let error as MemDumpError where error.code == .stopFailed {}
    }
    return try body()
  }
}
