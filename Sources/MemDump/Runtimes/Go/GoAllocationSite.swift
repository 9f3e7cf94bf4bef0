/// A place in a Go program that allocates, with what it allocated and what of that is in use: estimated from the samples that the
/// runtime keeps.
public struct GoAllocationSite: Sendable {
  /// The calls that led to the allocation, the innermost first.
  public var frames: [GoFrame]
  /// The objects in use, and their bytes.
  public var usedCount: UInt64
  /// The bytes of the objects in use.
  public var usedByteCount: UInt64
  /// The objects that were ever allocated.
  public var allocatedCount: UInt64
  /// The bytes of the objects that were ever allocated.
  public var allocatedByteCount: UInt64

  /// The calls without what the runtime does to allocate, as pprof shows them; all of those that are the runtime's alone.
  public var ownFrames: ArraySlice<GoFrame> {
    let own = frames.drop(while: \.isRuntime)
    return own.isEmpty ? frames[...] : own
  }
  /// The innermost of these.
  public var caller: GoFrame? { ownFrames.first }
}

/// The heap profile that a Go program keeps of itself: the same that its own `pprof` gives.
public struct GoAllocationProfile: Sendable {
  /// The sites, those with most bytes in use first.
  public internal(set) var sites: [GoAllocationSite] = []
  /// The bytes of allocations of which one is sampled, on average (`runtime.MemProfileRate`).
  public internal(set) var rate: UInt64 = 512 << 10
  /// Whether the program itself told the rate; otherwise it is that of Go where nobody changes it.
  public internal(set) var isRateKnown = false
  /// The bytes in use of the samples themselves.
  public internal(set) var sampledByteCount: UInt64 = 0

  /// The bytes in use of all sites.
  public var usedByteCount: UInt64 { sites.reduce(0) { $0 &+ $1.usedByteCount } }

  /// The profile for pprof and flame graphs, of the types that Go's own profiles have.
  public var profile: Profile {
    var profile = Profile([.allocObjects, .allocSpace, .inuseObjects, .inuseSpace], mainType: 3)
    for site in sites {
      profile.add(
        site.ownFrames.reversed().map { Profile.Frame($0) },
        [site.allocatedCount, site.allocatedByteCount, site.usedCount, site.usedByteCount])
    }
    return profile
  }
}
