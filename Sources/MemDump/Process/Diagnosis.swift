import SystemPackage

/// The state of a process: what keeps the process from running, and what keeps us from reading its memory.
public struct Diagnosis: Sendable {
  /// The process.
  public let target: TargetProcess
  /// The status of the process, from /proc/PID/status.
  public let status: ProcessStatus
  /// The threads, the tracer and the footprint of the process.
  public let witness: Witness
  /// The tracer of the process, whether that is stopped or not.
  public let tracer: (id: ProcessID, name: String)?
  /// What keeps the process from running; nil where nothing does.
  public let stop: StopCause?
  /// What keeps us from reading the process's memory; nil where nothing does.
  public let problem: AccessProblem?

  /// What keeps us from stopping a process that we may read, as far as is known without a try; nil where nothing does.
  public let stopProblem: AccessProblem?

  /// Looks at a process. Throws ``MemDumpError/Code/processEnded``.
  public init(_ target: TargetProcess) throws(MemDumpError) {
    self.target = target
    status = try target.status()
    witness = try Witness(target)
    tracer = ProcessID(rawValue: status.tracer).map { id in
      (id, (try? TargetProcess(id)).map(\.printableName) ?? "unknown")
    }
    do throws(Errno) {
      let facts = try Access.facts(target)
      problem = facts.problem
      stopProblem = problem == nil ? facts.stopProblem : nil
    } catch { (problem, stopProblem) = (Access.problem(error), nil) }
    if let tracer, witness.threads.values.contains(.tracingStop) {
      stop = .tracer(tracer.id, name: tracer.name)
    } else if witness.threads.values.contains(.stopped) {
      stop = .signal
    } else if let freezer = witness.freezer {
      stop = .frozen(file: EscapedText(freezer.file.string.utf8).description, word: freezer.word)
    } else {
      stop = nil
    }
  }

  /// Whether the process is alive and nothing keeps it from running.
  public var isRunning: Bool { stop == nil && status.state != .zombie && status.state != .dead }

  /// One word for the state of the process: `running`, `stopped`, `tracing stop`, `frozen` or `zombie`.
  public var stateName: String {
    switch stop {
    case .signal: return "stopped"
    case .tracer: return "tracing stop"
    case .frozen: return "frozen"
    case nil: break
    }
    switch status.state {
    case .zombie, .dead: return "zombie"
    default: return "running"
    }
  }
}
