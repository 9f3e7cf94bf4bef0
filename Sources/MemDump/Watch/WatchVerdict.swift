public import SystemPackage

/// The verdict of a watch on one process.
public struct WatchVerdict: Sendable {
  /// A row of a verdict: a subject of which there is more.
  public struct Row: Sendable {
    /// The growth of the subject.
    public var growth: Growth
    /// The trend of the growth.
    public var trend: Trend
    /// The content of chunks of the size; nil for other subjects, or where nothing is recognised.
    public var sample: ContentSample?
    /// The holders of chunks of the size; nil where not looked for: for what does not grow, and without a last look.
    public var references: ReferenceSummary?
    /// The holders of the objects of the type; nil where not looked for.
    public var holders: ObjectHolders?
  }

  /// The process that was watched.
  public let target: TargetProcess
  /// The first look; nil where the process was never looked at.
  public internal(set) var first: WatchLook?
  /// The last look; nil where the process was never looked at.
  public internal(set) var last: WatchLook?
  /// The rows: growths from the first to the last look, most bytes first in each kind.
  public internal(set) var rows: [Row] = []
  /// The bytes by which all chunk sizes that grew did so together.
  public internal(set) var heapGrowth: UInt64 = 0
  /// The allocators of the process besides the one whose heap is walked, or instead.
  public internal(set) var allocators: [AllocatorRecognition] = []
  /// Where the resident bytes of each heap were at the last look, those of most in use first.
  public internal(set) var accounts: [HeapAccount] = []
  /// The number of pauses of the process.
  public internal(set) var pauseCount = 0
  /// The length of all pauses, in nanoseconds.
  public internal(set) var pauseTime: UInt64 = 0
  /// The length of the longest pause, in nanoseconds.
  public internal(set) var longestPause: UInt64 = 0
  /// How the mode of the last look was chosen; nil before the first.
  public internal(set) var choice: ModeChoice?
  /// Whether the process was seen to run as before after each look.
  public internal(set) var isVerified = true
  /// Whether each look fitted its pause.
  public internal(set) var fitsPause = true
  /// The dump that a trigger took; nil for none.
  public internal(set) var dump: FilePath?
  /// Whether the process ended, or ran another program, before the watch was over.
  public internal(set) var hasEnded = false
  /// Whether it did so by running another program.
  public internal(set) var isReplaced = false
  /// Whether the watch was told to end before it was over.
  public internal(set) var isPartial = false
  /// The errors of the looks and the dump.
  public internal(set) var errors: [MemDumpError] = []

  init(_ target: TargetProcess) { self.target = target }

  /// Whether some row grows.
  public var isGrowing: Bool { rows.contains { $0.trend.isGrowing } }

  /// The time from the first look to the last one, in nanoseconds.
  public var elapsed: UInt64 {
    guard let first, let last, last.instant > first.instant else { return 0 }
    return last.instant - first.instant
  }

  /// The growth of some bytes over the watch as a rate, in bytes a second.
  public func perSecond(_ byteCount: UInt64) -> UInt64 {
    elapsed == 0 ? 0 : UInt64(Double(byteCount) / (Double(elapsed) / 1e9))
  }

  /// The share of one chunk size in the growth of all sizes that grew, in thousandths; nil for other subjects, and where
  /// the heap as a whole did not grow.
  public func share(of row: Row) -> UInt64? {
    guard row.growth.kind == .chunkSize, row.trend != .shifted, heapGrowth > 0 else { return nil }
    return UInt64(Double(row.growth.byteCount) / Double(heapGrowth) * 1000)
  }
}
