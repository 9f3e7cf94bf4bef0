/// How a process was found at one moment: what a dump shows before and after to prove that it changed nothing.
public struct Witness: Sendable {
  /// What every thread was doing.
  public var threads: [ThreadID: ProcessStatus.State]
  /// The process that traced it; 0 for none.
  public var tracer: Int32
  /// What it took up.
  public var footprint: Footprint?

  /// Looks at a process.
  public init(_ target: TargetProcess) throws(MemDumpError) {
    let status = try target.status()
    threads = try target.threadStates()
    tracer = status.tracer
    footprint = status.footprint
  }

  /// How many threads stand still, stopped by a signal or a tracer.
  public var stoppedThreadCount: Int { threads.values.count { $0 == .stopped || $0 == .tracingStop } }

  /// A word for what it does: `running`, `stopped`, or how many threads of it stand still.
  public var stateName: String {
    if threads.isEmpty { return "ended" }
    switch stoppedThreadCount {
    case 0: return "running"
    case threads.count: return "stopped"
    default: return "\(stoppedThreadCount) of \(threads.count) threads stopped"
    }
  }

  /// Whether the process runs as it did before: no thread that ran then stands still now, and the tracer is the same.
  public func runs(as before: Witness) -> Bool {
    tracer == before.tracer
      && threads.allSatisfy { thread, state in
        guard state == .stopped || state == .tracingStop else { return true }
        // A thread that came to be since then in a process that stood still as a whole.
        let earlier = before.threads[thread] ?? (before.stoppedThreadCount > 0 ? .stopped : .running)
        return earlier == .stopped || earlier == .tracingStop
      }
  }
}
