extension WatchVerdict {
  /// The share of the blocks in use above which what filled up is what is to be told.
  private static let share = 0.1
  /// The least growth of which something is said, in bytes.
  private static let leastByteCount: UInt64 = 1 << 20

  /// What the watch comes to, in a word: whether blocks in use grow, have grown, or where else the memory of the heap is;
  /// nil where no heap was walked, or there is too little to tell.
  public var finding: HeapFinding? {
    guard let before = first?.heap?.byteCount, let after = last?.heap?.byteCount, elapsed > 0 else { return nil }
    let sizes = rows.filter { $0.growth.kind == .chunkSize }
    func byteCount(_ trend: Trend) -> UInt64 {
      sizes.reduce(0) { $1.trend == trend ? $0 &+ $1.growth.byteCount : $0 }
    }
    // A table that grew has a new block and an old one less, of other classes: what counts is what there is more of as a whole.
    let growth = after - min(after, before)
    let steady = byteCount(.steady)
    if steady > 0, growth > 0, steady >= min(byteCount(.early), growth - min(growth, steady)) {
      return HeapFinding(
        word: .leak,
        evidence: "blocks in use grew by \(bytes: growth), steadily, to \(bytes: after)",
        remedy:
          "it is no memory that the allocator holds back")
    }
    let filled = min(byteCount(.early), growth)
    if !isGrowing, filled >= Self.leastByteCount, Double(filled) >= Double(after) * Self.share {
      return HeapFinding(
        word: .fills, evidence: "blocks in use grew by \(bytes: filled) at first, and then no more",
        remedy: "where it grows again later, a longer watch tells")
    }
    return accounts.max { $0.parts.sum < $1.parts.sum }?.finding
  }
}
