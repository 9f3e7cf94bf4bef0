public import SystemPackage

/// Why no snapshot is made of a process.
public enum SnapshotProblem: Hashable, Sendable {
  /// Snapshots are not written for this processor yet.
  case processor
  /// The process is a 32-bit one.
  case narrow
  /// A seccomp filter could kill the process for the calls that a snapshot takes.
  case seccomp
  /// The process has a shadow stack, which tells the return that a snapshot needs from the return of a call.
  case shadowStack
  /// The process has memory handled by userfaultfd(2), whose handler would be told of a fork.
  case userFaults
  /// The process has private huge pages of hugetlbfs, of which there may be too few for two processes.
  case reservedHugePages
  /// The process reads files in the background (aio, io_uring) on a kernel where a fork can lead such a read astray.
  case backgroundReads
  /// Neither the program nor its libraries have the instructions that a snapshot takes.
  case noInstructions
  /// The main thread of the process has ended, and others live.
  case mainThreadEnded
  /// The process has files open on a file system of this kind, which asks a server or a daemon when they are closed.
  case askedFiles(String)
  /// The process is stopped by a signal.
  case stopped
  /// So many threads of the process are in uninterruptible sleep.
  case asleep(Int)
  /// The control group of the process is frozen, and the child would be, too.
  case frozen
  /// The first thread of the process is not stopped where it can be made to call.
  case noThread
  /// The first stack of the process has been used to its end, so that no memory is sure to be unused.
  case deepStack
  /// The copy of the page tables, and of pages the process writes meanwhile, may not fit in memory; in bytes.
  case memory(needed: UInt64, available: UInt64)
  /// The copy may not fit in the memory limit of the control group; in bytes.
  case memoryLimit(needed: UInt64, available: UInt64)
  /// The fork would take longer than the process may stand still; in nanoseconds.
  case pause(expected: UInt64, allowed: UInt64)
  /// The kernel refused to make the child.
  case refused(Errno)
  /// A call of ours failed, and what was begun was undone, or a child that has ended (a zombie) is left.
  case unfinished(Errno, leavesChild: Bool)
  /// The child was ended before all memory was read, because memory ran out or the process ended.
  case ended
}
