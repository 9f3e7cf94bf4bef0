public import SystemPackage

/// What keeps us from having events of the threads of a process; perf_event_open(2).
public enum EventProblem: Hashable, Sendable {
  /// This is not written for the processor.
  case processor
  /// The kernel was built without events (CONFIG_PERF_EVENTS).
  case notConfigured
  /// The kernel or the machine has no hardware breakpoints, as under some hypervisors.
  case noBreakpoints
  /// kernel.perf_event_paranoid keeps events from whoever has no CAP_PERFMON.
  case paranoid(Int)
  /// Our own seccomp filter forbids the call, as that of a container.
  case ownFilter
  /// We may not look at the process at all.
  case access(AccessProblem)
  /// We may read the memory of the process, but have no events of it: it raised its rights, or a security module forbids it.
  case otherRights
  /// The process has more threads than are watched.
  case tooManyThreads(Int, limit: Int)
  /// We may not open a file for each event.
  case files
  /// The reason is none of the known ones.
  case refused(Errno)
}
