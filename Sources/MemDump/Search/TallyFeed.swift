/// What one thread counts findings with, while others do.
protocol CountingFeed: FindingSink {
  /// Adds the findings that are left.
  mutating func finish()
}

/// The findings that one thread adds to a shared tally, gathered by shard: so a lock is taken, and far memory waited
/// for, once for many findings.
struct TallyFeed: CountingFeed {
  private static let batchCount = 64
  private static let batchByteCount = 1 << 16

  private let tally: SharedTally
  private let grouping: Tally.Grouping
  private var batches = Array(repeating: TallyBatch(), count: Tally.shardCount)
  private var (count, byteCount): (UInt64, UInt64) = (0, 0)
  private var template = TemplateBuffer()
  private var short = InlineArray<16, ShortRun>(repeating: ShortRun())

  init(_ tally: SharedTally) { (self.tally, grouping) = (tally, tally.grouping) }

  /// Counts a finding.
  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    count += 1
    byteCount += finding.byteCount
    switch grouping {
    case .text, .textByBytes:
      guard let short = ShortRun.Text(text) else {
        add(finding, text, example: RawSpan())
        return true
      }
      let slot = short.slot(finding.pattern)
      if !self.short[slot].add(finding, short) {
        add(exchange(&self.short[slot], with: ShortRun(short, finding)))
      }
    case .template:
      var buffer = exchange(&template, with: TemplateBuffer())
      buffer.withTemplate(of: text) { add(finding, $0, example: $1) }
      template = buffer
    }
    return true
  }

  /// Adds the findings that are left.
  mutating func finish() {
    for slot in short.indices {
      add(exchange(&short[slot], with: ShortRun()))
    }
    for shard in batches.indices { flush(shard) }
    tally.add(count, byteCount)
  }

  private mutating func add(_ run: ShortRun) {
    guard run.count > 0 else { return }
    run.text.withBytes { add(run.finding, $0, example: RawSpan(), of: run) }
  }

  private mutating func add(_ finding: Finding, _ text: RawSpan, example: RawSpan, of run: ShortRun? = nil) {
    var item = TallyItem(finding, text, example: example)
    if let run { (item.count, item.byteCount) = (run.count, run.byteCount) }
    let shard = item.key.shard
    batches[shard].append(item, text, example)
    if batches[shard].items.count >= Self.batchCount || batches[shard].texts.count >= Self.batchByteCount {
      flush(shard)
    }
  }

  private mutating func flush(_ shard: Int) {
    guard !batches[shard].items.isEmpty else { return }
    tally.add(batches[shard], to: shard)
    batches[shard].removeAll()
  }
}

/// The findings of two searches in one pass: those of the first have pattern 0, and those of the second the numbers from 1 on.
struct PairedFeed: CountingFeed {
  private var first: TallyFeed
  private var second: TallyFeed

  init(_ first: SharedTally, _ second: SharedTally) {
    (self.first, self.second) = (TallyFeed(first), TallyFeed(second))
  }

  /// Counts a finding in the tally of its search.
  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    guard finding.pattern > 0 else { return first.receive(finding, text: text) }
    var finding = finding
    finding.pattern -= 1
    return second.receive(finding, text: text)
  }

  mutating func finish() {
    first.finish()
    second.finish()
  }
}

/// Findings of one shard, with their texts.
struct TallyBatch {
  private(set) var items: [TallyItem] = []
  /// The text of each finding, followed by the example.
  private(set) var texts: [UInt8] = []

  mutating func append(_ item: TallyItem, _ text: RawSpan, _ example: RawSpan) {
    items.append(item)
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
    if example.byteCount > 0 { unsafe example.withUnsafeBytes { unsafe texts.append(contentsOf: $0) } }
  }

  mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
  }
}
