/// Where the words are that lead to a place in memory: for each 512 bytes, up to 32 words that lead into them.
///
/// It takes 5 bytes for each 512 bytes of memory, and 4 for each such word: together no more than 26 % of the memory. What
/// a word is worth is for the one to see who follows it; here nothing but its value counts.
struct ReferenceIndex: Sendable {
  /// How many words a bucket spans.
  private static let bucketWords = 64
  /// What of a bucket is kept: a block that all lead to would take all room otherwise, and one of them is enough mostly.
  private static let mostInBucket: UInt8 = 32

  /// The memory that was looked at, and that words lead to.
  let space: WordSpace
  /// Where the words of each bucket begin in `words`; one more than there are buckets.
  private var starts: [UInt32]
  private var counts: [UInt8]
  private var words: [UInt32] = []

  /// Goes over memory, twice.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - space: which of it.
  ///   - preferred: whose words are kept before all others.
  init(
    _ source: any MemorySource, _ space: WordSpace, preferring preferred: [Range<Address>], _ control: ScanControl
  ) throws(MemDumpError) {
    let bucketCount = space.wordCount / Self.bucketWords + 1
    var counts = [UInt8](repeating: 0, count: bucketCount)
    var starts = [UInt32](repeating: 0, count: bucketCount + 1)
    self.space = space
    guard let lowest = space.ranges.first?.lowerBound.rawValue, let end = space.ranges.last?.upperBound.rawValue else {
      (self.counts, self.starts) = (counts, starts)
      return
    }
    var hint = 0
    try WordSpace.forEachWord(of: source, in: space.ranges, within: lowest...end, control) { word, _ in
      guard let target = space.number(of: Address(word), hint: &hint) else { return }
      let bucket = target / Self.bucketWords
      if counts[bucket] < Self.mostInBucket { counts[bucket] += 1 }
    }
    for bucket in 0..<bucketCount { starts[bucket + 1] = starts[bucket] + UInt32(counts[bucket]) }
    var words = [UInt32](repeating: 0, count: Int(starts[bucketCount]))
    // A process that runs on may have other words by now; what there was room for before is the limit.
    counts = [UInt8](repeating: 0, count: bucketCount)
    var sourceHint = 0
    func keep(_ parts: [Range<Address>]) throws(MemDumpError) {
      try WordSpace.forEachWord(of: source, in: parts, within: lowest...end, control) { word, place in
        guard let target = space.number(of: Address(word), hint: &hint) else { return }
        let bucket = target / Self.bucketWords
        let index = starts[bucket] + UInt32(counts[bucket])
        guard index < starts[bucket + 1], let number = space.number(of: place, hint: &sourceHint) else { return }
        words[Int(index)] = UInt32(truncatingIfNeeded: number)
        counts[bucket] += 1
      }
    }
    try keep(preferred)
    try keep(space.ranges.subtracting(preferred))
    (self.counts, self.starts, self.words) = (counts, starts, words)
  }

  /// The bucket of an address; nil where it is not of this memory.
  func bucket(of address: Address) -> Int? {
    var hint = 0
    return space.number(of: address, hint: &hint).map { $0 / Self.bucketWords }
  }

  /// Where the words are that led into a bucket.
  func places(in bucket: Int) -> [Address] {
    let start = Int(starts[bucket])
    return words[start..<start + Int(counts[bucket])].map { space.address(of: Int($0)) }
  }
}

extension [Range<Address>] {
  /// These addresses without those of `others`; both in order.
  func subtracting(_ others: [Range<Address>]) -> [Range<Address>] {
    var rest: [Range<Address>] = []
    for range in self {
      var start = range.lowerBound
      for other in others[others.partitionIndex(where: { $0.upperBound > start })...] {
        guard other.lowerBound < range.upperBound else { break }
        if start < other.lowerBound { rest.append(start..<other.lowerBound) }
        start = Swift.max(start, other.upperBound)
      }
      if start < range.upperBound { rest.append(start..<range.upperBound) }
    }
    return rest
  }
}
