/// Counts findings by pattern and text, in bounded memory.
///
/// As long as the texts fit the limit, all is exact. Beyond it the lightest texts are forgotten, again and again, and what
/// is left is what a count of everything would have on top: see ``isApproximate``, ``errorBound`` and ``Row/error``.
///
/// It is cut into shards by the hash of a text, so that several threads can add to one tally.
public struct Tally: FindingSink, Sendable {
  /// What is counted as one.
  public enum Grouping: Sendable {
    /// Equal texts, ranked by how often they were found.
    case text
    /// Texts of the same ``TextTemplate``, ranked by how many bytes they have together.
    case template
  }

  /// A text and how often it was found.
  public struct Row: Hashable, Sendable {
    /// The place of the pattern in the scan's list.
    public var pattern: Int
    /// The text, or the template.
    public var text: [UInt8]
    /// Of a template, the text of it that was found first.
    public var example: [UInt8]
    /// How often it was found.
    public var count: UInt64
    /// How many bytes of memory it takes up, all findings together.
    public var byteCount: UInt64
    /// By how much what it is ranked by may be too low, since it may have been forgotten once; 0 where it is exact.
    public var error: UInt64
    /// In how many regions.
    public var regionCount: Int
    /// Where it was found first.
    public var firstAddress: Address
    /// The number of the source it was found first in.
    public var firstSource: Int
  }

  /// What a tally may take up where nothing else is said: 256 MiB.
  public static let standardLimit: UInt64 = 256 << 20
  static let shardCount = 32

  /// What is counted as one.
  public let grouping: Grouping
  /// How many bytes of memory it may take up.
  public let limit: UInt64
  /// How many findings there were.
  public private(set) var total: UInt64 = 0
  /// How many bytes they have together.
  public private(set) var totalByteCount: UInt64 = 0
  private var shards: [TallyShard]
  private var cost: UInt64 = 0
  private var template = TemplateBuffer()

  /// Makes an empty tally.
  ///
  /// - Parameters:
  ///   - grouping: what is counted as one.
  ///   - limit: how many bytes of memory the tally may take up; less where this process may not take twice as much now.
  public init(grouping: Grouping = .text, limit: UInt64 = Self.standardLimit) {
    self.grouping = grouping
    self.limit = MemoryRoom.bounded(limit)
    shards = Array(repeating: TallyShard(grouping), count: Self.shardCount)
  }

  /// How many distinct texts there are; where it is approximate, how many of them are still known.
  public var distinctCount: Int { shards.reduce(0) { $0 + $1.count } }

  /// Whether texts were forgotten.
  public var isApproximate: Bool { errorBound > 0 }

  /// What a text that is not here was found less often than, or as often as, or how many bytes it has at most if it is
  /// bytes that rank; 0 where everything is here.
  public var errorBound: UInt64 { shards.reduce(0) { max($0, $1.bound) } }

  /// Counts a finding.
  public mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    total += 1
    totalByteCount += finding.byteCount
    switch grouping {
    case .text: add(finding, text, example: RawSpan())
    case .template:
      var buffer = exchange(&template, with: TemplateBuffer())
      buffer.withTemplate(of: text) { add(finding, $0, example: text) }
      template = buffer
    }
    return true
  }

  private mutating func add(_ finding: Finding, _ text: RawSpan, example: RawSpan) {
    let item = TallyItem(finding, text, example: example)
    let shard = item.key.shard
    cost += shards[shard].add(item, text, example: example)
    if cost > limit { cost -= shards[shard].trim(to: limit / UInt64(Self.shardCount)) }
  }

  /// Lets several threads add to it while `body` runs.
  package mutating func share<Result, Failure: Error>(
    _ body: (SharedTally) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let shared = SharedTally(shards, limit: limit, cost: cost, grouping)
    shards = []
    defer {
      let sums: SharedTally.Sums
      (shards, sums) = shared.contents
      (total, totalByteCount, cost) = (total + sums.count, totalByteCount + sums.byteCount, sums.cost)
    }
    return try body(shared)
  }

  /// Gives every text there is, in no order.
  package func forEachText(_ body: ([UInt8]) -> Void) {
    for shard in shards {
      for index in 0..<shard.count { body(shard.text(of: index)) }
    }
  }

  /// The texts, heaviest first, those of the same weight in the order of their first address.
  ///
  /// - Parameters:
  ///   - limit: how many at most; nil for all.
  ///   - minimumCount: how often a text must have been found.
  public func rows(limit: Int? = nil, minimumCount: UInt64 = 1) -> [Row] {
    var best: [TallyRank] = []
    // No more are kept than can be among the first ones.
    let most = limit.map { 2 * $0 + 1024 } ?? .max
    for (number, shard) in shards.enumerated() {
      for index in 0..<shard.count where shard.countOf(index) >= minimumCount {
        best.append(shard.rank(index, shard: number))
        if best.count > most { best = Array(best.sorted().prefix(limit ?? .max)) }
      }
    }
    return best.sorted().prefix(limit ?? .max).map { shards[$0.shard].row($0.index) }
  }
}

/// What decides the order of rows.
struct TallyRank: Comparable {
  var weight: UInt64
  var source: UInt32
  var pattern: UInt16
  var address: Address
  var shard: Int
  var index: Int

  static func < (left: TallyRank, right: TallyRank) -> Bool {
    if left.weight != right.weight { return left.weight > right.weight }
    return (left.source, left.address, left.pattern) < (right.source, right.address, right.pattern)
  }
}
