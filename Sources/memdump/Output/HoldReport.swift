import MemDump

/// The report of `memdump hold`.
struct HoldReport: Report {
  let outcome: Hold.Outcome
  let process: TargetProcess

  func describe(to page: inout some Rendering) {
    page.line(
      "held \(process.id) (\(process.printableName)) for \(readableTime(nanoseconds: outcome.pause.duration)); "
        + now)
    if outcome.isOutOfTime { page.line("the time was up: the process runs on; --max-pause allows more") }
    if !outcome.isVerified, !outcome.after.isEnd {
      page.line("WARNING: it could not be seen to run as before; see `memdump status \(process.id)`")
    }
    page.record(
      "hold",
      [
        Member(.pid, process.id.rawValue),
        Member(.pause, outcome.pause.duration),
        Member("command_status", outcome.commandStatus),
        Member("out_of_time", outcome.isOutOfTime),
        Member(.stateBefore, outcome.before.stateName),
        Member(.stateAfter, outcome.after.stateName),
        Member(.tracerAfter, outcome.after.witness?.tracer),
      ])
  }

  private var now: String {
    switch outcome.after {
    case .seen(let witness): "now \(DumpReport.text(witness))"
    case .ended: "it has ended"
    case .unseen(let error): error.description
    }
  }
}
