/// What of its memory a process itself wrote: the one definition of that, with its two cases.
public enum OwnWriting: Sendable {
  /// Private writable memory.
  case privateMemory
  /// The same, and anonymous shared memory.
  case withSharedMemory

  /// Whether a region is of that memory.
  public func includes(_ region: MemoryRegion) -> Bool {
    guard !region.isDevice, region.kind != .kernel else { return false }
    let isPrivate = region.permissions.contains(.write) && !region.permissions.contains(.shared)
    return isPrivate || (self == .withSharedMemory && region.kind == .shared)
  }

  /// The regions of a map that are of that memory, in its order.
  public func regions(in map: [MemoryRegion]) -> [MemoryRegion] { map.filter(includes) }

  /// Their ranges.
  public func ranges(in map: [MemoryRegion]) -> [Range<Address>] { regions(in: map).map(\.range) }
}
