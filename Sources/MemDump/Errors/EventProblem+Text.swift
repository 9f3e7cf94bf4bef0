extension EventProblem {
  /// What keeps us from having events, as half a sentence.
  public var reason: String {
    switch self {
    case .processor: "it is not written for this processor (x86_64 only)"
    case .notConfigured: "this kernel has no events (CONFIG_PERF_EVENTS), or a filter says so"
    case .noBreakpoints: "this kernel or this machine has no hardware breakpoints, as under some hypervisors"
    case .paranoid(let level):
      "kernel.perf_event_paranoid is \(level), which allows it with CAP_PERFMON only, and memdump runs without"
    case .ownFilter: "a seccomp filter over memdump itself forbids perf_event_open, as that of a container does"
    case .access(let problem): problem.reason
    case .otherRights: "its rights are not memdump's, or a security module forbids it"
    case .tooManyThreads(let count, let limit): "it has \(count) threads, and \(limit) are watched at most"
    case .files: "each thread takes up to five open files, and memdump may not have so many"
    case .refused(let errno): "perf_event_open says \(errno)"
    }
  }

  /// What to try, as a sentence.
  public var remedy: String {
    let capabilities =
      "give memdump CAP_PERFMON and CAP_SYS_PTRACE: `sudo setcap cap_perfmon,cap_sys_ptrace,cap_dac_read_search+ep $(command -v "
      + "memdump)`."
    return switch self {
    case .processor: "`memdump watch` tells what grows."
    case .notConfigured, .noBreakpoints: "`memdump watch` tells what grows, and who holds it, without."
    case .paranoid: "Use sudo, or `sudo sysctl kernel.perf_event_paranoid=2`, or \(capabilities)"
    case .ownFilter:
      "Start the container with `docker run --cap-add=PERFMON --cap-add=SYS_PTRACE`, or run memdump on the host with the PID as "
        + "seen there."
    case .access(.otherUser), .access(.nonDumpable), .access(.changedRights), .access(.moreCapabilities), .otherRights:
      "Use sudo, or \(capabilities)"
    case .access(let problem): problem.remedy
    case .tooManyThreads: "`memdump watch` tells what grows, and who holds it, of any number of threads."
    case .files: "Allow it more (ulimit -n)."
    case .refused: "Try sudo."
    }
  }
}
