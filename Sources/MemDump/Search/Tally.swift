/// A count of findings by pattern and text, in bounded memory.
///
/// As long as the texts fit the limit, all is exact. Beyond the limit the lightest texts are forgotten, and the rest is
/// what a count of everything would have on top: see ``isApproximate``, ``errorBound`` and ``Row/error``.
///
/// A tally is cut into shards by the hash of a text, so that several threads can add to one tally.
public struct Tally: FindingSink, Sendable {
  /// What findings are counted as one.
  public enum Grouping: Sendable {
    /// Equal texts, ranked by how often they were found.
    case text
    /// Texts of the same ``TextTemplate``, ranked by how many bytes the texts have together.
    case template
    /// Equal texts, ranked by how many bytes their findings take up together, which may be what holds the texts.
    case textByBytes
  }

  /// A text and how often the text was found.
  public struct Row: Hashable, Sendable {
    /// The place of the pattern in the scan's list.
    public var pattern: Int
    /// The text, or the template.
    public var text: [UInt8]
    /// For a template, the text of one finding: of any with the same chance, so that it is one as most are. The same
    /// memory gives the same one, however many threads there are.
    public var example: [UInt8]
    /// The number of findings of the text.
    public var count: UInt64
    /// The bytes of memory that all findings of the text take up together.
    public var byteCount: UInt64
    /// By how much the number that ranks the text may be too low, if the text was forgotten once; 0 if exact.
    public var error: UInt64
    /// The number of regions that hold the text.
    public var regionCount: Int
    /// The address of the first finding.
    public var firstAddress: Address
    /// The number of the source of the first finding.
    public var firstSource: Int
    /// The numbers of the other sources that hold the text, in order.
    public var otherSources: [Int] = []
    /// The numbers of all sources that hold the text, in order.
    public var sources: [Int] { [firstSource] + otherSources }
  }

  /// The limit of a tally where no other is given, in bytes: 256 MiB.
  public static let standardLimit: UInt64 = 256 << 20
  static let shardCount = 32

  /// What findings are counted as one.
  public let grouping: Grouping
  /// The most memory that the tally may take up, in bytes.
  public let limit: UInt64
  /// The number of all findings.
  public private(set) var total: UInt64 = 0
  /// The bytes of all findings together.
  public private(set) var totalByteCount: UInt64 = 0
  private(set) var shards: [TallyShard]
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

  /// The number of distinct texts; in an approximate tally, of those that are still known.
  public var distinctCount: Int { shards.reduce(0) { $0 + $1.count } }

  /// Whether texts were forgotten.
  public var isApproximate: Bool { errorBound > 0 }

  /// The most findings that a text which is not in the tally can have had, or the most bytes if bytes rank; 0 where
  /// every text is in the tally.
  public var errorBound: UInt64 { shards.reduce(0) { max($0, $1.bound) } }

  /// Counts a finding.
  public mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    total += 1
    totalByteCount += finding.byteCount
    switch grouping {
    case .text, .textByBytes: add(finding, text, example: RawSpan())
    case .template:
      var buffer = exchange(&template, with: TemplateBuffer())
      buffer.withTemplate(of: text) { add(finding, $0, example: $1) }
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

  /// Lets several threads add to the tally while `body` runs.
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

  /// Calls `body` with every text, in no order.
  package func forEachText(_ body: ([UInt8]) -> Void) {
    for shard in shards {
      for index in 0..<shard.count { body(shard.text(of: index)) }
    }
  }
}
