import MemDump

/// What `memdump status` says of a process.
struct StatusReport {
  private let diagnosis: Diagnosis

  init(_ diagnosis: Diagnosis) { self.diagnosis = diagnosis }

  /// Lines for people.
  var text: String {
    let threads = counted(diagnosis.witness.threads.count, "thread")
    let stopped = diagnosis.witness.stoppedThreadCount
    var lines = [
      "process   \(diagnosis.target.id) (\(diagnosis.target.printableName))",
      "state     \(diagnosis.stateName), \(threads), \(stopped == 0 ? "none" : grouped(stopped)) stopped",
      "traced    \(diagnosis.tracer.map { "by \($0.id) (\($0.name))" } ?? "no")",
    ]
    if let hold { lines.append("held      \(hold.reason). \(hold.remedy)") }
    if let problem = diagnosis.problem {
      lines.append("readable  no: \(problem.reason). \(problem.remedy)")
    } else {
      lines.append("readable  yes")
    }
    if let footprint = diagnosis.witness.footprint {
      lines.append(
        "memory    \(ByteSize(footprint.resident)) resident, \(ByteSize(footprint.swap)) swapped, "
          + "\(ByteSize(footprint.pageTables)) of page tables")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line of type `status`.
  var json: [UInt8] {
    var writer = JSONWriter()
    let problem = diagnosis.problem
    writer.object { object in
      object.member("type", "status")
      object.member("pid", diagnosis.target.id.rawValue)
      object.member("name", diagnosis.target.printableName)
      object.member("state", diagnosis.stateName)
      object.member("threads", diagnosis.witness.threads.count)
      object.member("stopped_threads", diagnosis.witness.stoppedThreadCount)
      object.member("tracer_pid", diagnosis.tracer?.id.rawValue)
      object.member("tracer_name", diagnosis.tracer?.name)
      object.member("readable", problem == nil)
      object.member("reason", problem?.reason ?? hold?.reason)
      object.member("remedy", problem?.remedy ?? hold?.remedy)
    }
    writer.endLine()
    return writer.bytes
  }

  /// What keeps the process from running, and how it is freed.
  private var hold: (reason: String, remedy: String)? {
    diagnosis.stop.map { ($0.reason, $0.remedy(diagnosis.target.id)) }
  }
}
