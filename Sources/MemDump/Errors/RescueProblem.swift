public import SystemPackage

/// Why a process could not be resumed.
public enum RescueProblem: Hashable, Sendable {
  /// A tracer that is alive holds it.
  case heldByTracer(ProcessID, name: String)
  /// The tracer is the process's parent: it has most likely started it, and the process would die with it (PTRACE_O_EXITKILL).
  case tracerIsParent(ProcessID, name: String)
  /// Its control group is frozen.
  case frozen(file: String, word: String)
  /// A signal could not be sent to a process.
  case cannotSignal(ProcessID, Errno)
  /// It has been sent what it takes, and stands still all the same.
  case stillStopped
}
