import SystemPackage

/// What the machine that memdump runs on offers it and denies it, by trial where a trial harms nobody. Looks at no process
/// but our own.
public struct Host: Sendable {
  /// The facts, in the order in which a person would want to know them.
  public let facts: [HostFact]

  /// The oldest kernel that memdump was tried on.
  private static let oldestKernel: (UInt64, UInt64) = (5, 10)
  /// The memory below which copies of a process are small, in bytes.
  private static let roomForCopy: UInt64 = 256 << 20

  /// Asks the host.
  public init() {
    let status = (try? ProcFS.read(ProcFS.ownPath(.status))).map(ProcessStatus.init(parsing:))
    let capabilities: [Capability] = [
      .trace, .readAnyFile, .signalAnyProcess, .checkpoint, .monitor, .schedule, .exceedLimits,
    ]
    facts =
      [
        Self.kernel(ProcFS.kernelName(), ProcFS.kernelVersion()),
        Self.fact(.readCall, Syscall.readingError(Syscall.ownProcess)),
        Self.fact(.memoryFile) { () throws(Errno) in _ = try Descriptor(opening: ProcFS.ownPath(.mem)) },
        Self.pageScan(),
        Self.fact(.processFile) { () throws(Errno) in _ = try Syscall.processFile(Syscall.ownProcess) },
        Self.fact(.trace, Syscall.tracingError()), Self.filter(status),
        Self.yama(Access.yamaScope(), isCapable: status?.has(.trace)),
      ] + capabilities.map { HostFact(.capability($0), status?.has($0)) } + [
        Self.realTime(), Self.lockdown(try? ProcFS.read(Self.lockdownFile)),
        Self.memory(MemoryRoom.available(), limit: MemoryRoom.limit()?.available),
        Self.events(PerfAccess.problem(), paranoia: PerfAccess.paranoia),
        Self.regex(),
      ]
  }

  /// Whether memory of processes of our own user can be read.
  public var canRead: Bool { offers(.yama) && (offers(.readCall) || offers(.memoryFile)) }

  /// Whether processes of our own user can be stopped.
  public var canStop: Bool { canRead && offers(.trace) }

  private func offers(_ subject: HostFact.Subject) -> Bool {
    facts.contains { $0.subject == subject && $0.isOffered == true }
  }

  private static func fact(_ subject: HostFact.Subject, _ error: Errno?) -> HostFact {
    HostFact(subject, error == nil, error.map { "\($0)" } ?? "")
  }

  private static func fact(_ subject: HostFact.Subject, _ attempt: () throws(Errno) -> Void) -> HostFact {
    do throws(Errno) {
      try attempt()
      return fact(subject, nil)
    } catch { return fact(subject, error) }
  }

  static func kernel(_ name: [UInt8], _ version: (UInt64, UInt64)) -> HostFact {
    HostFact(.kernel, version == (0, 0) ? nil : version >= oldestKernel, EscapedText(name).description)
  }

  private static func pageScan() -> HostFact {
    do throws(Errno) {
      return HostFact(.pageScan, try PageMap(Syscall.ownProcess).canScan)
    } catch { return HostFact(.pageScan, nil, "\(error)") }
  }

  private static func filter(_ status: ProcessStatus?) -> HostFact {
    HostFact(.noFilter, status.map { $0.seccomp == 0 }, status?.seccomp == 2 ? "a filter" : "")
  }

  /// Without Yama the kernel lets a process trace others of its user.
  static func yama(_ scope: Int?, isCapable: Bool?) -> HostFact {
    guard let scope else { return HostFact(.yama, true, "no Yama") }
    let allows: Bool? =
      switch scope {
      case 0: true
      case 1, 2: isCapable
      default: false
      }
    return HostFact(.yama, allows, "ptrace_scope \(scope)")
  }

  private static func realTime() -> HostFact {
    let isPermitted = Syscall.outrankOthers()
    if isPermitted { Syscall.standBack() }
    return HostFact(.realTime, isPermitted)
  }

  private static let lockdownFile: FilePath = "/sys/kernel/security/lockdown"

  /// The kernel puts the mode that holds in brackets, as in `none [integrity] confidentiality`.
  static func lockdown(_ text: [UInt8]?) -> HostFact {
    guard let text, let open = text.firstIndex(of: UInt8(ascii: "[")) else { return HostFact(.noLockdown, nil) }
    let mode = EscapedText(text[(open + 1)...].prefix { $0 != UInt8(ascii: "]") }).description
    return HostFact(.noLockdown, mode == "none", mode)
  }

  static func memory(_ room: UInt64?, limit: UInt64?) -> HostFact {
    guard let room else { return HostFact(.memory, nil) }
    let left = limit.map { "\(ByteSize($0)) left by a control group" } ?? "no limit of a control group"
    return HostFact(.memory, room >= roomForCopy, "\(ByteSize(room)); \(left)")
  }

  static func events(_ problem: EventProblem?, paranoia: Int?) -> HostFact {
    HostFact(.events, problem == nil, problem?.reason ?? paranoia.map { "perf_event_paranoid \($0)" } ?? "")
  }

  private static func regex() -> HostFact {
    HostFact(.regex, RegexPattern.engine != nil, RegexPattern.engine ?? "")
  }
}
