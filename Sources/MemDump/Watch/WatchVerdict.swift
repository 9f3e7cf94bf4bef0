public import SystemPackage

/// What a watch came to for one process.
public struct WatchVerdict: Sendable {
  /// Something that there is more of.
  public struct Row: Sendable {
    /// What, and how much.
    public var growth: Growth
    /// How it grew.
    public var trend: Trend
    /// What stands in the chunks of that size; nil where it is not chunks, or nothing is recognised.
    public var sample: ContentSample?
    /// Who holds the chunks of that size; nil where it was not looked for: of what does not grow, and without a last look.
    public var references: ReferenceSummary?
  }

  /// The process.
  public let target: TargetProcess
  /// The first look; nil where there was none.
  public internal(set) var first: WatchLook?
  /// The last look.
  public internal(set) var last: WatchLook?
  /// What there is more of at the last look than at the first one, most bytes first in each kind.
  public internal(set) var rows: [Row] = []
  /// How many bytes all chunk sizes that there are more of grew by together.
  public internal(set) var heapGrowth: UInt64 = 0
  /// Whose heap it has besides the one that is walked, or instead.
  public internal(set) var allocators: [AllocatorRecognition] = []
  /// How often the process was made to stand still.
  public internal(set) var pauseCount = 0
  /// How long that was in all, in nanoseconds.
  public internal(set) var pauseTime: UInt64 = 0
  /// How long it was at most, in nanoseconds.
  public internal(set) var longestPause: UInt64 = 0
  /// Whether the process was seen to run as before after each look.
  public internal(set) var isVerified = true
  /// Whether each look fitted its pause.
  public internal(set) var fitsPause = true
  /// The dump that a trigger took.
  public internal(set) var dump: FilePath?
  /// Whether the process ended, or ran another program, before the watch was over.
  public internal(set) var hasEnded = false
  /// Whether the watch was told to end before it was over.
  public internal(set) var isPartial = false
  /// What failed.
  public internal(set) var errors: [MemDumpError] = []

  init(_ target: TargetProcess) { self.target = target }

  /// Whether something grows.
  public var isGrowing: Bool { rows.contains { $0.trend.isGrowing } }

  /// The time from the first look to the last one, in nanoseconds.
  public var elapsed: UInt64 {
    guard let first, let last, last.instant > first.instant else { return 0 }
    return last.instant - first.instant
  }

  /// How many bytes a second a growth is.
  public func perSecond(_ byteCount: UInt64) -> UInt64 {
    elapsed == 0 ? 0 : UInt64(Double(byteCount) / (Double(elapsed) / 1e9))
  }

  /// How much of what the heap grew by is of one chunk size, in thousandths; nil of anything else.
  public func share(of row: Row) -> UInt64? {
    guard row.growth.kind == .chunkSize, heapGrowth > 0 else { return nil }
    return UInt64(Double(row.growth.byteCount) / Double(heapGrowth) * 1000)
  }
}
