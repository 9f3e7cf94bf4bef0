public import SystemPackage

/// What stands between us and the memory of a process.
public enum AccessProblem: Hashable, Sendable {
  /// There is no such process.
  case noSuchProcess
  /// The process has ended; its parent has not asked for the exit status yet, and the memory is gone.
  case zombie(parent: Int32)
  /// The process is a kernel thread and has no memory of its own.
  case kernelThread
  /// The kernel has no process_vm_readv(2) and does not let us open /proc/PID/mem.
  case noSystemCall
  /// Our own seccomp filter forbids the call.
  case ownSeccomp
  /// Yama lets no one trace anyone until the next boot (ptrace_scope 3).
  case yamaNoAttach
  /// Yama lets only holders of CAP_SYS_PTRACE trace (ptrace_scope 2).
  case yamaAdminOnly
  /// Yama lets a process be traced by its ancestors only (ptrace_scope 1).
  case yamaRestricted
  /// Yama lets a process be stopped by its ancestors only, of which the helper is none (ptrace_scope 1).
  case yamaHelper
  /// The process belongs to another user, and we have no CAP_SYS_PTRACE.
  case otherUser(owner: UInt32)
  /// The process runs with the rights of another user or group than the one who started it (set-user-ID, set-group-ID), and
  /// we have no CAP_SYS_PTRACE.
  case changedRights
  /// We have CAP_SYS_PTRACE, but the files of the process under /proc belong to another user and we have no
  /// CAP_DAC_READ_SEARCH: without pagemap a read would fault pages in.
  case filesOfOtherUser(owner: UInt32)
  /// The mount option hidepid of /proc keeps the process from everyone but its owner; see proc(5).
  case hidden
  /// The process is in another user namespace, where our capabilities do not count.
  case otherUserNamespace
  /// The process has made itself non-dumpable, or runs a program that we may not read or that changed the user.
  case nonDumpable
  /// The process has capabilities that we have not.
  case moreCapabilities
  /// Reading is forbidden although we have CAP_SYS_PTRACE, and the kernel does not tell why.
  case forbiddenToCapable(Errno)
  /// The reason is none of the known ones.
  case unknown(Errno)
}
