public import SystemPackage

/// Why no snapshot is made of a process.
public enum SnapshotProblem: Hashable, Sendable {
  /// Snapshots are not written for this processor yet.
  case processor
  /// It is a 32-bit process.
  case narrow
  /// A seccomp filter of it could kill it for the calls that a snapshot takes.
  case seccomp
  /// It has a shadow stack, which tells a return that a snapshot needs from a call's.
  case shadowStack
  /// Memory of it is handled by userfaultfd(2), which a fork reports to whoever handles it.
  case userFaults
  /// It has private huge pages of hugetlbfs, of which there may be too few for two.
  case reservedHugePages
  /// It reads files in the background (aio, io_uring) on a kernel where a fork can lead what is being read astray.
  case backgroundReads
  /// Neither its program nor its libraries have the instructions that it takes.
  case noInstructions
  /// It is stopped by a signal.
  case stopped
  /// Threads of it are in uninterruptible sleep.
  case asleep(Int)
  /// None of its threads is stopped where it can be made to call, on a stack of its own.
  case noThread
  /// The copy of its page tables, and of what it writes meanwhile, may not fit in memory.
  case memory(needed: UInt64, available: UInt64)
  /// The same, for the limit of its control group.
  case memoryLimit(needed: UInt64, available: UInt64)
  /// The fork would take longer than the process may stand still.
  case pause(expected: UInt64, allowed: UInt64)
  /// The kernel refused to make the child.
  case refused(Errno)
  /// The child was ended before all was read, because memory ran out or the process ended.
  case ended
}
