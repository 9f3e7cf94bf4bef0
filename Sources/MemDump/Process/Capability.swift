/// A capability that memdump has a use for, by its number in <linux/capability.h>; see capabilities(7).
public enum Capability: UInt64, CaseIterable, Sendable {
  case readAnyFile = 2
  case signalAnyProcess = 5
  case trace = 19
  case schedule = 23
  case exceedLimits = 24
  case monitor = 38
  case checkpoint = 40

  /// The name by which the kernel, setcap(8) and containers know the capability.
  public var name: String {
    switch self {
    case .readAnyFile: "CAP_DAC_READ_SEARCH"
    case .signalAnyProcess: "CAP_KILL"
    case .trace: "CAP_SYS_PTRACE"
    case .schedule: "CAP_SYS_NICE"
    case .exceedLimits: "CAP_SYS_RESOURCE"
    case .monitor: "CAP_PERFMON"
    case .checkpoint: "CAP_CHECKPOINT_RESTORE"
    }
  }

  /// The bit of the capability in a set of them.
  var bit: UInt64 { 1 << rawValue }
}
