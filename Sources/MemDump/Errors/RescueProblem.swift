public import SystemPackage

/// Why a process could not be resumed.
public enum RescueProblem: Hashable, Sendable {
  /// A tracer that is alive holds the process.
  case heldByTracer(ProcessID, name: String)
  /// The tracer is the parent of the process, whose death would most likely kill the process, too (PTRACE_O_EXITKILL).
  case tracerIsParent(ProcessID, name: String)
  /// The control group of the process is frozen.
  case frozen(file: String, word: String)
  /// A signal could not be sent to a process.
  case cannotSignal(ProcessID, Errno)
  /// The process was sent all that should resume it, and is still stopped.
  case stillStopped
}
