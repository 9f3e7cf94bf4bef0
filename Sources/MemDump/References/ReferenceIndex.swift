/// An index of the words that lead to a place in memory: for each 512 bytes, up to 32 words that lead into them.
///
/// The index takes 5 bytes for each 512 bytes of memory, and 5 for each such word: together no more than a third of the
/// memory. Only the values of words count here; who follows a word judges what the word is worth.
struct ReferenceIndex: Sendable {
  /// The number of words that a bucket spans.
  private static let bucketWords = 64
  /// The most words kept for a bucket: a block that all lead to would take all room, and one word is mostly enough.
  private static let mostInBucket: UInt8 = 32

  /// The memory that was looked at, and that words lead to.
  let space: WordSpace
  /// The start of each bucket's words in `words`; one more than there are buckets.
  private var starts: [UInt32]
  private var counts: [UInt8]
  /// Which buckets have words where ways end.
  private var rooted: Bits
  private var words: [UInt32] = []
  /// The word of the bucket that each of `words` leads to, so that most need not be read.
  private var targets: [UInt8] = []

  /// Goes over the memory, twice.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - space: the part of the memory that is indexed.
  ///   - map: tells the memory where ways end, whose words are kept before all others.
  init(
    _ source: any MemorySource, _ space: WordSpace, _ map: PlaceMap, _ control: WorkControl
  ) throws(MemDumpError) {
    let bucketCount = space.wordCount / Self.bucketWords + 1
    var counts = [UInt8](repeating: 0, count: bucketCount)
    var starts = [UInt32](repeating: 0, count: bucketCount + 1)
    self.space = space
    rooted = Bits(count: bucketCount)
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
    var targets = [UInt8](repeating: 0, count: words.count)
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
        targets[Int(index)] = UInt8(truncatingIfNeeded: target % Self.bucketWords)
        counts[bucket] += 1
      }
    }
    let roots = map.roots
    try keep(roots)
    for bucket in 0..<bucketCount where counts[bucket] > 0 { rooted.insert(bucket) }
    try keep(space.ranges.subtracting(roots))
    (self.counts, self.starts, self.words, self.targets) = (counts, starts, words, targets)
  }

  /// The bucket of an address; nil where the address is outside the indexed memory.
  func bucket(of address: Address) -> Int? {
    var hint = 0
    return space.number(of: address, hint: &hint).map { $0 / Self.bucketWords }
  }

  /// Whether words of the memory where ways end lead into a bucket.
  func hasRoots(_ bucket: Int) -> Bool { rooted.contains(bucket) }

  /// The addresses of words that led into a part of a bucket, those in the preferred memory first.
  func places(in bucket: Int, leadingInto range: ClosedRange<Address>) -> [Address] {
    var places: [Address] = []
    let start = space.address(of: bucket * Self.bucketWords)
    // Of a bucket that lies in two ranges, all words are looked at.
    let isOne = space.address(of: min(space.wordCount, (bucket + 1) * Self.bucketWords) - 1) - start < 512
    let low = isOne && range.lowerBound > start ? (range.lowerBound - start) / 8 : 0
    let high = isOne ? (range.upperBound - start) / 8 : .max
    for index in Int(starts[bucket])..<Int(starts[bucket]) + Int(counts[bucket])
    where UInt64(targets[index]) >= low && UInt64(targets[index]) <= high {
      places.append(space.address(of: Int(words[index])))
    }
    return places
  }
}
