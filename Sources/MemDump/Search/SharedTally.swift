internal import Synchronization

/// A tally that several threads add to at once, with a lock for each shard.
package final class SharedTally: Sendable {
  /// The number of findings, their bytes, and the memory that the tally takes up, in bytes.
  struct Sums: Sendable {
    var count: UInt64 = 0
    var byteCount: UInt64 = 0
    var cost: UInt64 = 0
  }

  /// A shard with its lock: a class, since an array cannot hold a lock.
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

  /// The shards and the sums, once all threads are done.
  var contents: ([TallyShard], Sums) {
    var sums = sums.withLock { $0 }
    sums.cost = cost.load(ordering: .relaxed)
    return (shards.map { $0.shard.withLock { $0 } }, sums)
  }

  /// Adds findings to a shard.
  func add(_ batch: TallyBatch, to shard: Int) {
    shards[shard].shard.withLock { tally in
      let added = tally.add(batch)
      let all = cost.wrappingAdd(added, ordering: .relaxed).newValue
      if all > limit { cost.wrappingSubtract(tally.trim(to: limit / UInt64(shards.count)), ordering: .relaxed) }
    }
  }

  /// Adds to the number of findings and to that of their bytes.
  func add(_ count: UInt64, _ byteCount: UInt64) {
    sums.withLock {
      $0.count += count
      $0.byteCount += byteCount
    }
  }
}
