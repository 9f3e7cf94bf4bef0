/// How a process is treated while it is read.
public enum LookMode: String, CaseIterable, Sendable {
  /// It runs on; pages are read one after the other.
  case live
  /// It stands still for the time of a copy in memory: all bytes are of one instant.
  case stop
  /// It stands still for the time of a fork: all private memory is of one instant, kept by a copy-on-write child.
  case snapshot

  /// How memory of one instant is kept; nil where there is no such instant.
  public var method: Capture.Method? {
    switch self {
    case .live: nil
    case .stop: .copy
    case .snapshot: .child(reserve: SnapshotCheck.reserve)
    }
  }
}
