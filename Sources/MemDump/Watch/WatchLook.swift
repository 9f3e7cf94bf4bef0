/// One look of a watch, in figures: nothing of the memory itself is kept.
public struct WatchLook: Sendable {
  /// Which look at the process it is, counted from 1.
  public var number: Int
  /// When it was, on the monotonic clock, in nanoseconds.
  public var instant: UInt64
  /// What the process took up; nil where the kernel did not tell.
  public var footprint: Footprint?
  /// The blocks of the heap in use; nil where there is none that can be walked.
  public var heap: Growth.Amount?
  /// How many bytes of the map are called `[heap]`.
  public var heapRegionByteCount: UInt64
  /// All socket addresses together.
  public var addresses: Growth.Amount
  /// How many distinct socket addresses there were.
  public var distinctAddressCount: UInt64
  /// The pause; nil in mode live.
  public var pause: Pause?
  /// How many bytes did not fit the pause and were read while the process ran.
  public var readLiveByteCount: UInt64
  /// Whether the process was seen to run as before.
  public var isVerified: Bool
  /// Whether there were too many texts to count all exactly.
  public var isApproximate: Bool
  /// How long it took to count what was seen, in nanoseconds, while the process ran.
  public var analysisTime: UInt64

  /// What the heap has in use, or the size of `[heap]` where it cannot be walked.
  public var heapByteCount: UInt64 { heap?.byteCount ?? heapRegionByteCount }

  init(number: Int, _ look: ProcessLook, _ profile: MemoryProfile, startedAt started: UInt64) {
    (self.number, instant, footprint, pause) = (number, look.instant, look.before.footprint, look.pause)
    heap = (profile.heap?.used).map { Growth.Amount(count: $0.count, byteCount: $0.byteCount) }
    heapRegionByteCount = look.source.regions.filter { $0.kind == .heap }.reduce(0) { $0 + $1.byteCount }
    (addresses, distinctAddressCount) = (profile.addresses, profile.distinctAddressCount)
    readLiveByteCount = look.readLive.reduce(0) { $0 + $1.byteCount }
    (isVerified, isApproximate) = (look.isVerified, profile.isApproximate)
    analysisTime = Syscall.monotonicTime - started
  }
}
