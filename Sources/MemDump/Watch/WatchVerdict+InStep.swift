extension WatchVerdict {
  /// The fewest blocks by which classes in step have grown, and how much they may differ: by blocks that were just being made
  /// or given back at a look, and by one in so many.
  private static let (fewest, mostApart, oneIn): (UInt64, UInt64, UInt64) = (50, 2, 100)

  /// The classes of blocks that grow in step, by their places in ``rows``: as many blocks more of each, as of what is made of
  /// one block of each class. Groups of two or more, those of most bytes first.
  public var inStep: [[Int]] {
    let grown = rows.indices.filter { rows[$0].growth.kind == .chunkSize && rows[$0].trend == .steady }
      .map { (row: $0, count: rows[$0].growth.blockGrowth) }
      .filter { $0.count >= Self.fewest }.sorted { ($0.count, $0.row) < ($1.count, $1.row) }
    var groups: [[Int]] = []
    var next = 0
    while next < grown.count {
      // Each differs from the first one by no more, so that a chain of small differences joins nothing.
      let most = grown[next].count + max(Self.mostApart, grown[next].count / Self.oneIn)
      let group = grown[next...].prefix { $0.count <= most }
      if group.count > 1 { groups.append(group.map(\.row).sorted()) }
      next += group.count
    }
    func byteCount(_ group: [Int]) -> UInt64 { group.reduce(0) { $0 &+ rows[$1].growth.byteCount } }
    return groups.sorted { (byteCount($1), $0[0]) < (byteCount($0), $1[0]) }
  }
}

extension Growth {
  /// How many more there are.
  public var blockGrowth: UInt64 { after.count - min(after.count, before.count) }
}
