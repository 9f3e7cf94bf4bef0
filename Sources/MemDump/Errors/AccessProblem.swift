public import SystemPackage

/// What stands between us and the memory of a process.
public enum AccessProblem: Hashable, Sendable {
  /// There is no such process.
  case noSuchProcess
  /// It has ended; its parent has not asked for its exit status yet, and its memory is gone.
  case zombie(parent: Int32)
  /// It is a thread of the kernel and has no memory of its own.
  case kernelThread
  /// The kernel has neither process_vm_readv(2) nor lets us open /proc/PID/mem.
  case noSystemCall
  /// Our own seccomp filter forbids the call.
  case ownSeccomp
  /// Yama lets no one trace anyone until the next boot (ptrace_scope 3).
  case yamaNoAttach
  /// Yama lets only holders of CAP_SYS_PTRACE trace (ptrace_scope 2).
  case yamaAdminOnly
  /// Yama lets a process be traced by its ancestors only (ptrace_scope 1).
  case yamaRestricted
  /// It belongs to another user, and we have no CAP_SYS_PTRACE.
  case otherUser(owner: UInt32)
  /// It is in another user namespace, where our capabilities do not count.
  case otherUserNamespace
  /// It has made itself non-dumpable, or runs a program that we may not read or that changed its user.
  case nonDumpable
  /// It has capabilities that we have not.
  case moreCapabilities
  /// It is forbidden although we have CAP_SYS_PTRACE, and the kernel does not tell why.
  case forbiddenToCapable(Errno)
  /// None of the known reasons.
  case unknown(Errno)
}
