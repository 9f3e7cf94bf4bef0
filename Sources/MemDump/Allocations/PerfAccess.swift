import SystemPackage

/// Whether the kernel gives us events of threads: by trial, on ourselves.
enum PerfAccess {
  /// What keeps us from having events, even of our own threads; nil where nothing does.
  static func problem() -> EventProblem? {
    #if arch(x86_64)
      do throws(Errno) {
        _ = try Syscall.openPerfEvent(
          .execution(of: Syscall.trapAddress), of: Syscall.ownThread, stackByteCount: 8,
          registers: PerfSample.registerMask)
        return nil
      } catch {
        // Somebody has our own registers: a debugger that looks at memdump.
        return error == .noSpace ? nil : problem(error)
      }
    #else
      return .processor
    #endif
  }

  private static func problem(_ error: Errno) -> EventProblem {
    switch error {
    case .noFunction: return .notConfigured
    case .notSupportedOnSocket, .notSupported, .noSuchFileOrDirectory, .operationNotSupportedByDevice:
      return .noBreakpoints
    case .permissionDenied, .notPermitted:
      let own = (try? ProcFS.read(ProcFS.ownPath(.status))).map(ProcessStatus.init(parsing:))
      // Filters say EPERM, and the level EACCES.
      if error == .notPermitted, own?.seccomp == 2 { return .ownFilter }
      if let level = paranoia, level > 2, own?.has(.monitor) != true { return .paranoid(level) }
      return .refused(error)
    default: return .refused(error)
    }
  }

  /// The level of kernel.perf_event_paranoid; nil where the kernel has no events.
  static var paranoia: Int? {
    guard let bytes = try? ProcFS.read(ProcFS.perfParanoia) else { return nil }
    var reader = ByteReader(bytes)
    // Below 0 everything is allowed.
    return reader.take(UInt8(ascii: "-")) ? -1 : reader.number().map { Int(clamping: $0) }
  }

  /// Whether page faults count that the kernel has for a thread, as in read(2).
  static let countsKernel: Bool =
    (try? Syscall.openPerfEvent(
      .pageFault(excludingKernel: false), of: Syscall.ownThread, stackByteCount: 8,
      registers: PerfSample.registerMask)) != nil

  /// The error for an event of a process that could not be opened.
  static func error(_ error: Errno, _ target: TargetProcess) -> MemDumpError {
    if let problem = problem() { return MemDumpError(.events(target.label, problem)) }
    switch error {
    case .permissionDenied, .notPermitted:
      return MemDumpError(.events(target.label, Access.problem(target).map { .access($0) } ?? .otherRights))
    case .noSuchProcess: return target.end
    case .tooManyOpenFiles: return MemDumpError(.events(target.label, .files))
    default: return MemDumpError(.events(target.label, .refused(error)))
    }
  }
}
