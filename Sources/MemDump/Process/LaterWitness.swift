/// A process as it was seen when a look at it, or a hold, was over.
public enum LaterWitness: Sendable {
  /// The process lives.
  case seen(Witness)
  /// The process has ended.
  case ended
  /// How the process is could not be seen, for this reason.
  case unseen(MemDumpError)

  init(_ target: TargetProcess) {
    do throws(MemDumpError) { self = .seen(try Witness(target)) } catch {
      self = error.code == .processEnded ? .ended : .unseen(error)
    }
  }

  /// What was seen of a process that lives.
  public var witness: Witness? { if case .seen(let witness) = self { witness } else { nil } }

  /// Whether the process has ended.
  public var isEnd: Bool { if case .ended = self { true } else { false } }

  /// The state of the process in words: as ``Witness/stateName``, or `unknown`.
  public var stateName: String {
    switch self {
    case .seen(let witness): witness.stateName
    case .ended: "ended"
    case .unseen: "unknown"
    }
  }

  /// Whether the process was seen to run as before; see ``Witness/runs(as:)``.
  public func runs(as before: Witness) -> Bool { witness?.runs(as: before) ?? false }
}
