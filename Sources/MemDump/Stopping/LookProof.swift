/// The proof that a process runs as before a look: what the look did, and how the process was seen before and after.
public struct LookProof: Sendable {
  /// The process that was looked at.
  public var process: ProcessLabel
  /// The mode of the look.
  public var mode: LookMode { choice.mode }
  /// How the mode was chosen.
  public var choice: ModeChoice
  /// The pause of the process; nil in mode live.
  public var pause: Pause?
  /// The instant of the memory, or, in mode live, the start of the look: on the monotonic clock, in nanoseconds.
  public var instant: UInt64
  /// The process as it was seen before.
  public var before: Witness
  /// The process as it was seen after.
  public var after: LaterWitness
  /// The memory that was copied while the process stood still; see ``Capture/readInStop``.
  public var readInStop: [Range<Address>]
  /// The memory that a copy-on-write child kept.
  public var readFromChild: [Range<Address>]
  /// The memory that was read after the process ran again, though a stop was asked for: the budget or the room ran out.
  public var readLive: [Range<Address>]
  /// The number of threads that did not stop, being in uninterruptible sleep.
  public var runningThreadCount: Int
  /// Whether registers were asked for and there was no time for those of all stopped threads.
  public var lacksRegisters = false
  /// Whether the process was left with a child that has ended (a zombie), which neither holder nor memdump took away.
  public var leavesChild: Bool

  /// Whether the process was seen to run as before.
  public var isVerified: Bool { !leavesChild && after.runs(as: before) }
  /// Whether all that was asked for was read in the pause: the memory, and the registers.
  public var fitsPause: Bool { readLive.isEmpty && !lacksRegisters }
  /// The bytes that were read after the process ran again, though a stop was asked for.
  public var readLiveByteCount: UInt64 { readLive.reduce(0) { $0 + $1.byteCount } }
}
