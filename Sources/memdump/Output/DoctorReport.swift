import MemDump

/// The report of `memdump doctor`.
struct DoctorReport: Report {
  let host: Host

  func describe(to page: inout some Rendering) throws {
    try page.table("host", host.facts, Self.fields)
    let reading = host.canRead ? "can be read" : "cannot be read"
    page.line(
      "Processes of this user \(reading)"
        + (host.canStop ? " and stopped." : host.canRead ? ", but not stopped (use --mode live)." : "."))
  }

  private static let fields: [Field<HostFact>] = [
    Field(.name, \.subject.name, .left("WHAT"), cell: \.subject.name),
    Field("offered", \.isOffered, .left("OFFERED")) { $0.isOffered.map { $0 ? "yes" : "no" } ?? "unknown" },
    Field("finding", { $0.finding.isEmpty ? nil : $0.finding }, .left("FOUND")) {
      $0.finding.isEmpty ? "-" : $0.finding
    },
    Field("consequence", { $0.isOffered == true ? nil : $0.subject.consequence }, .left("MEANS")) {
      $0.isOffered == true ? "-" : $0.subject.consequence
    },
  ]
}

extension HostFact.Subject {
  /// The name for people and programs.
  fileprivate var name: String {
    switch self {
    case .kernel: "kernel"
    case .readCall: "process_vm_readv"
    case .memoryFile: "mem of a process"
    case .pageScan: "PAGEMAP_SCAN"
    case .processFile: "pidfd_open"
    case .trace: "ptrace"
    case .noFilter: "no seccomp filter"
    case .yama: "Yama"
    case .capability(let capability): capability.name
    case .realTime: "real time"
    case .noLockdown: "no lockdown"
    case .memory: "memory"
    case .events: "events"
    case .regex: "regex"
    }
  }

  /// What it means for whoever uses memdump where it is missing.
  fileprivate var consequence: String {
    switch self {
    case .kernel: "memdump was never tried on a kernel older than 5.10"
    case .readCall: "memory is read through /proc/PID/mem, which is slower"
    case .memoryFile: "where process_vm_readv is missing too, nothing can be read"
    case .pageScan: "what is resident is read from /proc/PID/pagemap, slower on large, sparse maps"
    case .processFile: "the end of a process is seen by its number alone"
    case .trace: "no process can be stopped: --mode live only, no hold, no rescue from a tracer"
    case .noFilter: "calls may be denied; a line above says no to those that memdump needs"
    case .yama: "processes of this user are closed too: use sudo; with ptrace_scope 3 nothing helps until the next boot"
    case .capability(let capability): capability.consequence
    case .realTime: "on a busy machine pauses are longer"
    case .noLockdown: "nothing so far: all modes worked under lockdown=confidentiality"
    case .memory: "copies are small: what does not fit is read live"
    case .events: "no allocs, and watch does not tell who allocates"
    case .regex: "scan has no --regex; take a package, or build with --traits Regex"
    }
  }
}

extension Capability {
  fileprivate var consequence: String {
    switch self {
    case .trace: "processes of other users, and those that raised their rights, are closed: use sudo"
    case .readAnyFile: "with CAP_SYS_PTRACE alone, processes of other users stay closed, since pagemap belongs to them"
    case .signalAnyProcess: "rescue cannot let processes of other users go on, nor end their tracers"
    case .checkpoint:
      "without CAP_SYS_ADMIN either, untouched pages of shared memory and deleted files count as not resident"
    case .monitor: "where kernel.perf_event_paranoid is above 2, or the process is of another user, there is no allocs"
    case .schedule: "see real time"
    case .exceedLimits: "pipes have no more room than fs.pipe-max-size: a dump to a pipe may wait more often"
    }
  }
}
