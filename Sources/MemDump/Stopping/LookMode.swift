/// The mode of a look: how a process is treated while its memory is read.
public enum LookMode: String, CaseIterable, Sendable {
  /// The process runs on; pages are read one after the other.
  case live
  /// The process stands still for the time of a copy in memory: all bytes are of one instant.
  case stop
  /// The process stands still for a fork: all private memory is of one instant, kept by a copy-on-write child.
  case snapshot

  /// The method that keeps memory of one instant; nil in mode live.
  public var method: Capture.Method? {
    switch self {
    case .live: nil
    case .stop: .copy
    case .snapshot: .child(reserve: SnapshotCheck.reserve)
    }
  }
}
