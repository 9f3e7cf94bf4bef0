import SystemPackage

/// The state of a process as one who wants to look at it, or to free it, needs to know it.
public struct Diagnosis: Sendable {
  /// The process.
  public let target: TargetProcess
  /// What the kernel tells of it.
  public let status: ProcessStatus
  /// Its threads, its tracer and what it takes up.
  public let witness: Witness
  /// Its tracer, stopped or not.
  public let tracer: (id: ProcessID, name: String)?
  /// What keeps it from running; nil where nothing does.
  public let stop: StopCause?
  /// What keeps us from reading it; nil where nothing does.
  public let problem: AccessProblem?

  /// Looks at a process.
  public init(_ target: TargetProcess) throws(MemDumpError) {
    self.target = target
    status = try target.status()
    witness = try Witness(target)
    tracer = ProcessID(rawValue: status.tracer).map { id in
      (id, (try? TargetProcess(id)).map(\.printableName) ?? "unknown")
    }
    problem = Access.problem(target)
    if let tracer, witness.threads.values.contains(.tracingStop) {
      stop = .tracer(tracer.id, name: tracer.name)
    } else if witness.threads.values.contains(.stopped) {
      stop = .signal
    } else if let freezer = (try? ProcFS.read(target.id, .cgroup)).flatMap(CgroupFS.frozen) {
      stop = .frozen(file: EscapedText(freezer.file.string.utf8).description, word: freezer.word)
    } else {
      stop = nil
    }
  }

  /// Whether it is there and nothing keeps it from running.
  public var isRunning: Bool { stop == nil && status.state != .zombie && status.state != .dead }

  /// One word for the state.
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
