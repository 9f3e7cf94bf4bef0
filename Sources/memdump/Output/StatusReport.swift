import MemDump

/// The report of `memdump status` on a process.
struct StatusReport: Report {
  let diagnosis: Diagnosis

  func describe(to page: inout some Rendering) {
    let (target, witness, problem) = (diagnosis.target, diagnosis.witness, diagnosis.problem)
    let threads = counted(witness.threads.count, "thread")
    let stopped = witness.stoppedThreadCount
    page.fact(
      "process", "\(target.id) (\(target.printableName))" + (innerID.map { ", \($0) in its own PID namespace" } ?? ""))
    page.fact("state", "\(diagnosis.stateName), \(threads), \(stopped == 0 ? "none" : grouped(stopped)) stopped")
    page.fact("traced", diagnosis.tracer.map { "by \($0.id) (\($0.name))" } ?? "no")
    if let hold { page.fact("held", "\(hold.reason). \(hold.remedy)", .attention) }
    page.fact(
      "readable", problem.map { "no: \($0.reason). \($0.remedy)" } ?? "yes", problem == nil ? nil : .attention)
    if let problem = diagnosis.stopProblem {
      page.fact("stoppable", "no: \(problem.reason). \(problem.remedy)", .attention)
    }
    if let footprint = witness.footprint {
      page.fact(
        "memory",
        "\(ByteSize(footprint.resident)) resident, \(ByteSize(footprint.swap)) swapped, "
          + "\(ByteSize(footprint.pageTables)) of page tables")
    }
    page.next(NextStep(hold != nil ? "rescue" : problem == nil ? "regions" : nil, target.id.description))
    page.record(
      "status",
      [
        Member(.pid, target.id.rawValue),
        Member(.name, target.printableName),
        Member("namespace_pid", innerID),
        Member(.state, diagnosis.stateName),
        Member(.threads, witness.threads.count),
        Member("stopped_threads", stopped),
        Member(.tracerID, diagnosis.tracer?.id.rawValue),
        Member("tracer_name", diagnosis.tracer?.name),
        Member("readable", problem == nil),
        Member("stoppable", problem == nil && diagnosis.stopProblem == nil),
        Member(.reason, problem?.reason ?? hold?.reason),
        Member(.remedy, problem?.remedy ?? hold?.remedy),
      ])
  }

  /// The number of the process in its own PID namespace, where that is another one; nil elsewhere.
  private var innerID: Int32? {
    let number = diagnosis.status.innerID
    return number == 0 || number == diagnosis.target.id.rawValue ? nil : number
  }

  /// The reason that keeps the process from running, and the way to free it; nil for a process that runs.
  private var hold: (reason: String, remedy: String)? {
    diagnosis.stop.map { ($0.reason, $0.remedy(diagnosis.target.id)) }
  }
}
