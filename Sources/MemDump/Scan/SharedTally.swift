internal import Synchronization

/// A tally that several threads add to: a lock for each shard.
final class SharedTally: Sendable {
  /// What was added, and what all of it costs.
  struct Sums: Sendable {
    var count: UInt64 = 0
    var byteCount: UInt64 = 0
    var cost: UInt64 = 0
  }

  /// A class, since an array cannot hold a lock.
  private final class Locked: Sendable {
    let shard: Mutex<TallyShard>
    init(_ shard: TallyShard) { self.shard = Mutex(shard) }
  }

  let grouping: Tally.Grouping
  private let limit: UInt64
  private let shards: [Locked]
  private let cost: Atomic<UInt64>
  private let sums = Mutex(Sums())

  init(_ shards: [TallyShard], limit: UInt64, cost: UInt64, _ grouping: Tally.Grouping) {
    self.shards = shards.map(Locked.init)
    (self.limit, self.grouping) = (limit, grouping)
    self.cost = Atomic(cost)
  }

  /// What there is when all threads are done.
  var contents: ([TallyShard], Sums) {
    var sums = sums.withLock { $0 }
    sums.cost = cost.load(ordering: .relaxed)
    return (shards.map { $0.shard.withLock { $0 } }, sums)
  }

  /// Lets `body` add to a shard and return what that cost.
  fileprivate func add(to shard: Int, _ body: (inout TallyShard) -> UInt64) {
    shards[shard].shard.withLock { tally in
      let added = body(&tally)
      let all = cost.wrappingAdd(added, ordering: .relaxed).newValue
      if all > limit { cost.wrappingSubtract(tally.trim(to: limit / UInt64(shards.count)), ordering: .relaxed) }
    }
  }

  fileprivate func add(_ count: UInt64, _ byteCount: UInt64) {
    sums.withLock {
      $0.count += count
      $0.byteCount += byteCount
    }
  }
}

/// What one thread adds to a shared tally, gathered by shard, so that a lock is taken for many findings at once.
struct TallyFeed: FindingSink {
  private struct Batch {
    var findings: [(finding: Finding, key: TallyKey, textLength: Int, exampleLength: Int)] = []
    var texts: [UInt8] = []

    func add(to shard: inout TallyShard) -> UInt64 {
      let texts = unsafe texts.span.bytes
      var added: UInt64 = 0
      var start = 0
      for (finding, key, textLength, exampleLength) in findings {
        let end = start + textLength
        added += shard.add(
          finding, key, texts.extracting(start..<end), example: texts.extracting(end..<end + exampleLength))
        start = end + exampleLength
      }
      return added
    }
  }

  private static let batchCount = 256
  private static let batchByteCount = 1 << 16

  private let tally: SharedTally
  private var batches = Array(repeating: Batch(), count: Tally.shardCount)
  private var (count, byteCount): (UInt64, UInt64) = (0, 0)
  private var template: [UInt8] = []

  init(_ tally: SharedTally) { self.tally = tally }

  /// Counts a finding.
  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    count += 1
    byteCount += finding.byteCount
    switch tally.grouping {
    case .text: add(finding, text, example: RawSpan())
    case .template:
      var template = exchange(&template, with: [])
      TextTemplate.write(text, to: &template)
      unsafe add(finding, template.span.bytes, example: text)
      self.template = template
    }
    return true
  }

  /// Adds what is left.
  mutating func finish() {
    for shard in batches.indices { flush(shard) }
    tally.add(count, byteCount)
  }

  private mutating func add(_ finding: Finding, _ text: RawSpan, example: RawSpan) {
    let key = TallyKey(text, of: finding.pattern)
    let shard = key.shard
    batches[shard].findings.append((finding, key, text.byteCount, example.byteCount))
    unsafe text.withUnsafeBytes { unsafe batches[shard].texts.append(contentsOf: $0) }
    unsafe example.withUnsafeBytes { unsafe batches[shard].texts.append(contentsOf: $0) }
    if batches[shard].findings.count >= Self.batchCount || batches[shard].texts.count >= Self.batchByteCount {
      flush(shard)
    }
  }

  private mutating func flush(_ number: Int) {
    guard !batches[number].findings.isEmpty else { return }
    tally.add(to: number) { shard in batches[number].add(to: &shard) }
    batches[number].findings.removeAll(keepingCapacity: true)
    batches[number].texts.removeAll(keepingCapacity: true)
  }
}
