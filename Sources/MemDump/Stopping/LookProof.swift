/// What a look at a process did to it, and how the process was seen before and after: the proof that it runs as before.
public struct LookProof: Sendable {
  /// The process.
  public var process: ProcessLabel
  /// How it was treated.
  public var mode: LookMode
  /// The pause; nil in mode live.
  public var pause: Pause?
  /// When the memory was so, or, in mode live, when the look began: on the monotonic clock, in nanoseconds.
  public var instant: UInt64
  /// The process before.
  public var before: Witness
  /// The process after; nil where it has ended.
  public var after: Witness?
  /// What was copied while the process stood still; see ``Capture/readInStop``.
  public var readInStop: [Range<Address>]
  /// What a copy-on-write child kept.
  public var readFromChild: [Range<Address>]
  /// What was read after the process ran again, though a stop was asked for: the budget or the room ran out.
  public var readLive: [Range<Address>]
  /// Threads that did not stop, being in uninterruptible sleep.
  public var runningThreadCount: Int
  /// Whether the process was left with a child that has ended (a zombie): both of us who could take it away have failed.
  public var leavesChild: Bool

  /// Whether the process was seen to run as before.
  public var isVerified: Bool { !leavesChild && after.map { $0.runs(as: before) } ?? false }
  /// Whether all that was read after a stop was of its instant.
  public var fitsPause: Bool { readLive.isEmpty }
  /// How many bytes were read after the process ran again, though a stop was asked for.
  public var readLiveByteCount: UInt64 { readLive.reduce(0) { $0 + $1.byteCount } }
}
