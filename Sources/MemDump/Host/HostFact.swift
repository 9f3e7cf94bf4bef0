/// Something that the host offers memdump, or denies it.
public struct HostFact: Sendable {
  /// What memdump has a use for.
  public enum Subject: Hashable, Sendable {
    /// A kernel that is no older than those that memdump was tried on.
    case kernel
    /// process_vm_readv(2), by which memory is read.
    case readCall
    /// /proc/PID/mem, by which memory is read where that call is not there.
    case memoryFile
    /// PAGEMAP_SCAN, which tells quickly what is resident.
    case pageScan
    /// pidfd_open(2), a hold on a process that outlives its number.
    case processFile
    /// ptrace(2), by which a process is stopped.
    case trace
    /// No seccomp filter over memdump.
    case noFilter
    /// That Yama lets memdump trace processes of its own user.
    case yama
    /// A capability.
    case capability(Capability)
    /// Scheduling in real time, for the time of a stop.
    case realTime
    /// That the kernel is not locked down; see kernel_lockdown(7).
    case noLockdown
    /// Memory for a copy.
    case memory
    /// Events of threads with hardware breakpoints, by which allocations are watched; perf_event_open(2).
    case events
    /// An engine of regular expressions.
    case regex
  }

  /// What the fact is about.
  public let subject: Subject
  /// Whether the host offers it; nil where the host does not tell.
  public let isOffered: Bool?
  /// What was seen, such as a version, the mode of a module, or the error of a call; empty for nothing to add.
  public let finding: String

  init(_ subject: Subject, _ isOffered: Bool?, _ finding: String = "") {
    (self.subject, self.isOffered, self.finding) = (subject, isOffered, finding)
  }
}
