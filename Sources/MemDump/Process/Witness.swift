/// The state of a process at one moment, which a dump shows before and after to prove that the dump changed nothing.
public struct Witness: Sendable {
  /// The state of every thread.
  public var threads: [ThreadID: ProcessStatus.State]
  /// The PID of the tracer; 0 for none.
  public var tracer: Int32
  /// The memory that the process took up; nil for a kernel thread or a zombie.
  public var footprint: Footprint?
  /// How to thaw the control group of the process; nil where that is not frozen.
  var freezer: CgroupFS.Freezer?

  /// Looks at a process.
  public init(_ target: TargetProcess) throws(MemDumpError) {
    let status = try target.status()
    threads = try target.threadStates()
    tracer = status.tracer
    footprint = status.footprint
    freezer = (try? ProcFS.read(target.path(.cgroup))).flatMap(CgroupFS.frozen)
  }

  /// The number of threads that a signal or a tracer has stopped.
  public var stoppedThreadCount: Int { threads.values.count { $0 == .stopped || $0 == .tracingStop } }

  /// Whether the control group of the process is frozen, so that nothing of it runs.
  public var isFrozen: Bool { freezer != nil }

  /// The state of the process in words: `running`, `stopped`, `frozen`, `ended`, or how many threads are stopped.
  public var stateName: String {
    if threads.isEmpty { return "ended" }
    switch stoppedThreadCount {
    case 0: return isFrozen ? "frozen" : "running"
    case threads.count: return "stopped"
    default: return "\(stoppedThreadCount) of \(threads.count) threads stopped"
    }
  }

  /// Whether the process runs as before: no thread that ran then stands still now, the tracer is the same, and the control
  /// group is not frozen if it was not.
  public func runs(as before: Witness) -> Bool {
    tracer == before.tracer && (!isFrozen || before.isFrozen)
      && threads.allSatisfy { thread, state in
        guard state == .stopped || state == .tracingStop else { return true }
        // A thread that came to be since then in a process that stood still as a whole.
        let earlier = before.threads[thread] ?? (before.stoppedThreadCount > 0 ? .stopped : .running)
        return earlier == .stopped || earlier == .tracingStop
      }
  }
}
