extension [MemoryRegion] {
  /// The regions of a newer map, which was read without usage, with the usage of this one: to ask the kernel for usage
  /// costs a walk over all page tables, and between two maps borders move, for mappings grow at either end, are joined
  /// and cut.
  ///
  /// Each region here hands its usage to the one of the same name in the newer map that has most of its addresses, so
  /// that nothing counts twice. The flags go to all that lie there: what was said of a device stays true.
  func usage(for newer: [MemoryRegion]) -> [MemoryRegion] {
    var regions = newer
    for old in self {
      guard let usage = old.usage else { continue }
      var most: (index: Int, byteCount: UInt64)?
      var index = newer.firstIndex(endingAfter: old.range.lowerBound)
      while index < newer.count, newer[index].range.lowerBound < old.range.upperBound {
        regions[index].usage = (regions[index].usage ?? Usage()).adding(flags: usage.flags)
        let shared = newer[index].range.clamped(to: old.range).byteCount
        if newer[index].isSameThing(as: old), shared > most?.byteCount ?? 0 { most = (index, shared) }
        index += 1
      }
      if let most { regions[most.index].usage = regions[most.index].usage?.adding(amountsOf: usage) }
    }
    return regions
  }

  private typealias Usage = MemoryRegion.Usage
}

extension MemoryRegion {
  fileprivate func isSameThing(as other: MemoryRegion) -> Bool {
    kind == other.kind && inode == other.inode && name == other.name
      && permissions.contains(.shared) == other.permissions.contains(.shared)
  }
}

extension MemoryRegion.Usage {
  fileprivate func adding(flags more: Set<String>) -> Self {
    var sum = self
    // Most have one region's alone: a union has every flag hashed.
    if sum.flags.isEmpty { sum.flags = more } else { sum.flags.formUnion(more) }
    return sum
  }

  fileprivate func adding(amountsOf other: Self) -> Self {
    var sum = self
    sum.resident &+= other.resident
    sum.proportional &+= other.proportional
    sum.privateDirty &+= other.privateDirty
    sum.sharedDirty &+= other.sharedDirty
    sum.anonymous &+= other.anonymous
    sum.anonymousHuge &+= other.anonymousHuge
    sum.swap &+= other.swap
    return sum
  }
}
