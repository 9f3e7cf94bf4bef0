import MemDump

/// The report of `memdump rescue`.
struct RescueReport: Report {
  let rescue: Rescue

  func describe(to page: inout some Rendering) {
    let (before, after) = (rescue.before, rescue.after)
    let name = "\(before.target.id) (\(before.target.printableName))"
    let steps = rescue.steps.map(Self.sentence)
    if steps.isEmpty {
      page.line("process \(name) is not stopped", .strong)
    } else {
      page.line("process \(name) was stopped: \(before.stop?.reason ?? "")", .strong)
      for step in steps { page.item(step) }
      let threads = counted(after.witness.threads.count, "thread")
      page.item("now: \(after.stateName), \(threads), \(after.tracer == nil ? "not traced" : "traced")")
    }
    if !steps.isEmpty { page.next(NextStep("status", before.target.id.description)) }
    page.record(
      "rescue",
      [
        Member(.pid, before.target.id.rawValue),
        Member(.stateBefore, before.stateName),
        Member(.stateAfter, after.stateName),
        Member(.tracerBefore, before.tracer?.id.rawValue),
        Member(.tracerAfter, after.tracer?.id.rawValue),
        Member(.steps, steps),
      ])
  }

  private static func sentence(_ step: Rescue.Step) -> String {
    switch step {
    case .askedTracerToEnd(let id, let name): "asked its tracer \(id) (\(name)) to end (SIGTERM), and it did"
    case .killedTracer(let id, let name): "killed its tracer \(id) (\(name)), which did not end when asked"
    case .continued: "told it to go on (SIGCONT)"
    }
  }
}
