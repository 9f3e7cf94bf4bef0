/// One look of a watch, in figures: nothing of the memory itself is kept.
public struct WatchLook: Sendable {
  /// The number of the look at the process, counted from 1.
  public var number: Int
  /// The amount of blocks in use, of all heaps; nil where no heap can be walked.
  public var heap: Growth.Amount?
  /// Whether a collector tells what is in use, and had not run yet.
  public var isUncollected: Bool
  /// Whether the process is a 32-bit one, whose heap is not walked.
  public var isNarrow: Bool
  /// The size of the regions called `[heap]`, in bytes.
  public var heapRegionByteCount: UInt64
  /// The amount of all socket addresses together.
  public var addresses: Growth.Amount
  /// The number of distinct socket addresses.
  public var distinctAddressCount: UInt64
  /// The proof of how the process was looked at, and how it ran once all was counted.
  public var proof: LookProof
  /// Whether there were too many texts to count all exactly.
  public var isApproximate: Bool
  /// The time to count the memory of the look, in nanoseconds, while the process ran.
  public var analysisTime: UInt64

  /// The instant of the look, on the monotonic clock, in nanoseconds.
  public var instant: UInt64 { proof.instant }
  /// The memory that the process took up; nil where the kernel did not tell.
  public var footprint: Footprint? { proof.before.footprint }

  /// The bytes that the heap has in use, or the size of `[heap]` where that cannot be walked.
  public var heapByteCount: UInt64 { heap?.byteCount ?? heapRegionByteCount }

  init(
    number: Int, _ proof: LookProof, _ profile: MemoryProfile, in regions: [MemoryRegion],
    startedAt started: UInt64
  ) {
    (self.number, self.proof) = (number, proof)
    heap = profile.heaps.used.map { Growth.Amount(count: $0.count, byteCount: $0.byteCount) }
    isUncollected = profile.heaps.all.contains(where: \.isUncollected)
    isNarrow = regions.areNarrow
    heapRegionByteCount = regions.filter { $0.kind == .heap }.reduce(0) { $0 + $1.byteCount }
    (addresses, distinctAddressCount) = (profile.addresses, profile.distinctAddressCount)
    isApproximate = profile.isApproximate
    analysisTime = Syscall.monotonicTime - started
  }
}
