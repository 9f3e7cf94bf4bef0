import SystemPackage

/// What decides whether one process may read the memory of another: the facts behind `ptrace_may_access` in the kernel;
/// see ptrace(2), "Ptrace access mode checking".
struct AccessFacts {
  var own: ProcessStatus
  var target: ProcessStatus
  var isKernelThread = false
  /// The owner of the files under /proc/PID: root, and not the user of the process, where the process is non-dumpable.
  var entryOwner: UInt32?
  /// Whether we and the target are in one user namespace; nil where the kernel does not tell.
  var sharesUserNamespace: Bool?
  var yamaScope = 0
  var isAncestor = false
  /// The error of process_vm_readv(2), and that of opening /proc/PID/mem; nil for success.
  var callError: Errno?
  var fileError: Errno?
  /// The error of opening /proc/PID/pagemap; nil for success.
  var pageMapError: Errno?
  /// The error of ptrace(2) for a process that there is not, other than that; nil where we may call it.
  var tracingError: Errno?

  /// The first reason against reading, in the order in which a person would want to know; nil where we may read.
  var problem: AccessProblem? {
    if target.state == .zombie || target.state == .dead { return .zombie(parent: target.parent) }
    if isKernelThread { return .kernelThread }
    guard let callError, let fileError else {
      return pageMapError == .permissionDenied ? entryOwner.map { .filesOfOtherUser(owner: $0) } : nil
    }
    if callError == .noSuchProcess { return .noSuchProcess }
    if callError == .noFunction && fileError == .noSuchFileOrDirectory { return .noSystemCall }
    let isCapable = own.has(.trace)
    if yamaScope >= 3 { return .yamaNoAttach }
    if isCapable, sharesUserNamespace == false { return .otherUserNamespace }
    if isCapable, own.seccomp == 2 { return .ownSeccomp }
    if isCapable { return .forbiddenToCapable(callError) }
    if let owner = target.userIDs.first, !isSameUser {
      return own.userIDs.dropFirst().first == owner ? .changedRights : .otherUser(owner: owner)
    }
    if let entryOwner, let effective = target.userIDs.dropFirst().first, entryOwner != effective { return .nonDumpable }
    if sharesUserNamespace == false { return .otherUserNamespace }
    if target.permittedCapabilities & ~own.permittedCapabilities != 0 { return .moreCapabilities }
    if yamaScope == 2 { return .yamaAdminOnly }
    if yamaScope == 1, !isAncestor { return .yamaRestricted }
    if own.seccomp == 2 { return .ownSeccomp }
    return .unknown(callError)
  }

  /// The reason against stopping a process that may be read, by what is known without a try; nil for none.
  var stopProblem: AccessProblem? {
    if let tracingError { return own.seccomp == 2 ? .ownSeccomp : .unknown(tracingError) }
    // Where we are an ancestor, we may read; the holder is none, and has no more rights than we have.
    let isCapable = own.has(.trace)
    return yamaScope == 1 && !isCapable && isAncestor ? .yamaHelper : nil
  }

  /// Whether our user and group are all of the target's real, effective and saved ones, as the kernel wants.
  private var isSameUser: Bool {
    guard let user = own.userIDs.dropFirst().first, let group = own.groupIDs.dropFirst().first else { return false }
    return target.userIDs.prefix(3).allSatisfy { $0 == user } && target.groupIDs.prefix(3).allSatisfy { $0 == group }
  }
}

/// Finds out whether we may read a process's memory.
enum Access {
  /// What forbids us to read the target's memory; nil where nothing does, or where that cannot be told before a try.
  /// Touches nothing of the target.
  static func problem(_ target: TargetProcess) -> AccessProblem? { (try? facts(target))?.problem }

  /// The reason for a failed read of the target's memory.
  static func diagnose(_ target: TargetProcess) -> AccessProblem {
    do throws(Errno) { return try facts(target).problem ?? .unknown(.notPermitted) } catch { return problem(error) }
  }

  /// The problem where facts cannot be had.
  static func problem(_ error: Errno) -> AccessProblem {
    error == .noSuchFileOrDirectory || error == .noSuchProcess ? .noSuchProcess : .unknown(error)
  }

  static func facts(_ target: TargetProcess) throws(Errno) -> AccessFacts {
    let status = try ProcFS.read(target.path(.status))
    let own = try ProcFS.read(ProcFS.ownPath(.status))
    var facts = AccessFacts(own: ProcessStatus(parsing: own), target: ProcessStatus(parsing: status))
    facts.isKernelThread = target.isKernelThread
    // Of a file: the directory keeps the process's user even where it is non-dumpable (task_dump_owner in fs/proc/base.c).
    facts.entryOwner = try? Syscall.attributes(target.path(.stat)).owner
    facts.sharesUserNamespace = sharesUserNamespace(target)
    facts.yamaScope = yamaScope() ?? 0
    facts.isAncestor = isAncestor(of: facts.target)
    facts.callError = Syscall.readingError(target.livingThread)
    do throws(Errno) { _ = try Descriptor(opening: target.path(.mem)) } catch { facts.fileError = error }
    do throws(Errno) { _ = try Descriptor(opening: target.path(.pagemap)) } catch {
      facts.pageMapError = error
    }
    facts.tracingError = Syscall.tracingError()
    return facts
  }

  private static func sharesUserNamespace(_ target: TargetProcess) -> Bool? {
    guard let own = try? Syscall.readLink(ProcFS.ownPath(.userNamespace)),
      let other = try? Syscall.readLink(target.path(.userNamespace))
    else { return nil }
    return own == other
  }

  /// The ptrace scope of Yama; nil where the kernel has no Yama.
  static func yamaScope() -> Int? {
    guard let bytes = try? ProcFS.read(ProcFS.yamaScope) else { return nil }
    var reader = ByteReader(bytes)
    return Int(clamping: reader.number() ?? 0)
  }

  private static func isAncestor(of status: ProcessStatus) -> Bool {
    var parent = status.parent
    let own = Syscall.ownProcess.rawValue
    // The bound is for a chain that changes while we follow it.
    for _ in 0..<4096 {
      if parent == own { return true }
      guard let id = ProcessID(rawValue: parent), let bytes = try? ProcFS.read(id, .status) else { return false }
      parent = ProcessStatus(parsing: bytes).parent
    }
    return false
  }
}
