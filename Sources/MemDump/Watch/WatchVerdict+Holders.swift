extension WatchVerdict.Row {
  /// The blocks that a holder has more of for sure, where all that may be of others is new. The shares of holders are those of all
  /// blocks, and what is full, such as a cache, has the most.
  public func growth(of holder: ReferenceSummary.Row) -> UInt64 {
    guard let references else { return 0 }
    return HolderShare(count: holder.count - holder.unsureCount, sampled: references.sampled, all: references.count)
      .certain(ofNew: growth.blockGrowth)
  }

  /// The objects that a holder has more of for sure.
  public func growth(of holder: ObjectHolders.Row) -> UInt64 {
    guard let holders else { return 0 }
    return HolderShare(count: holder.count, sampled: holders.sampled, all: holders.objects.count)
      .certain(ofNew: growth.blockGrowth)
  }

  /// The blocks or objects that there are more of, and that nobody who was found holds for sure.
  public var growthWithoutHolder: UInt64 {
    let (traced, sampled, all): (Int, Int, UInt64)
    if let holders {
      (traced, sampled, all) = (holders.traced + holders.notFollowed, holders.sampled, holders.objects.count)
    } else if let references {
      (traced, sampled, all) = (references.traced, references.sampled, references.count)
    } else {
      return 0
    }
    return HolderShare(count: sampled - traced, sampled: sampled, all: all).certain(ofNew: growth.blockGrowth)
  }

  /// Whether holders were found, of which any may have no more than before.
  public var isHolderOfGrowthUnknown: Bool {
    guard growthWithoutHolder == 0 else { return false }
    if let holders { return !holders.rows.isEmpty && !holders.rows.contains { growth(of: $0) > 0 } }
    guard let rows = references?.rows else { return false }
    return !rows.isEmpty && !rows.contains { growth(of: $0) > 0 }
  }
}
