/// One look of a watch, in figures: nothing of the memory itself is kept.
public struct WatchLook: Sendable {
  /// Which look at the process it is, counted from 1.
  public var number: Int
  /// The blocks of the heap in use; nil where there is none that can be walked.
  public var heap: Growth.Amount?
  /// How many bytes of the map are called `[heap]`.
  public var heapRegionByteCount: UInt64
  /// All socket addresses together.
  public var addresses: Growth.Amount
  /// How many distinct socket addresses there were.
  public var distinctAddressCount: UInt64
  /// How the process was looked at, and how it ran once all was counted.
  public var proof: LookProof
  /// Whether there were too many texts to count all exactly.
  public var isApproximate: Bool
  /// How long it took to count what was seen, in nanoseconds, while the process ran.
  public var analysisTime: UInt64

  /// When the look was, on the monotonic clock, in nanoseconds.
  public var instant: UInt64 { proof.instant }
  /// What the process took up; nil where the kernel did not tell.
  public var footprint: Footprint? { proof.before.footprint }

  /// What the heap has in use, or the size of `[heap]` where it cannot be walked, in bytes.
  public var heapByteCount: UInt64 { heap?.byteCount ?? heapRegionByteCount }

  init(
    number: Int, _ proof: LookProof, _ profile: MemoryProfile, heapRegions regions: [MemoryRegion],
    startedAt started: UInt64
  ) {
    (self.number, self.proof) = (number, proof)
    heap = (profile.heap?.used).map { Growth.Amount(count: $0.count, byteCount: $0.byteCount) }
    heapRegionByteCount = regions.filter { $0.kind == .heap }.reduce(0) { $0 + $1.byteCount }
    (addresses, distinctAddressCount) = (profile.addresses, profile.distinctAddressCount)
    isApproximate = profile.isApproximate
    analysisTime = Syscall.monotonicTime - started
  }
}
