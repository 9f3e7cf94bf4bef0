internal import Synchronization

extension Tally {
  /// Rows of a tally in order, each made when it is asked for: of millions, none takes more than the tally itself and four bytes.
  public struct Rows: RandomAccessCollection, Sendable {
    fileprivate let shards: [Shard]
    fileprivate let places: [Place]

    /// A shard that is not copied when it is asked for: each copy is one more user of all that the shard has, which threads would
    /// wait for each other to note.
    fileprivate final class Shard: Sendable {
      private let table: TallyShard

      init(_ table: TallyShard) { self.table = table }

      func rank(_ index: UInt32) -> TallyRank { table.rank(Int(index)) }
      func row(_ index: Int) -> Row { table.row(index) }
      func figures(_ index: Int) -> (pattern: UInt16, figures: TallyFigures)? { table.figures(index) }
      func prepare(_ index: Int) { table.prepare(index) }
    }

    /// Where a row is: the number of a shard and that of an entry there, in four bytes.
    fileprivate struct Place {
      private let bits: UInt32

      init(_ shard: Int, _ index: UInt32) { bits = UInt32(truncatingIfNeeded: shard * mostInShard) | index }

      var shard: Int { Int(bits) / mostInShard }
      var index: Int { Int(bits) % mostInShard }
    }

    /// The most entries of a shard that there is room for.
    static let mostInShard = 1 << 27

    /// The first index, 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { places.count }
    /// The row at an index.
    public subscript(index: Int) -> Row { shards[places[index].shard].row(places[index].index) }
  }

  /// The texts, heaviest first, those of the same weight in the order of their first address.
  ///
  /// - Parameters:
  ///   - limit: the largest number of rows; nil for all.
  ///   - minimumCount: how often a text must have been found.
  public func rows(limit: Int? = nil, minimumCount: UInt64 = 1) -> Rows {
    let orders = Mutex([[UInt32]](repeating: [], count: shards.count))
    let next = Atomic<Int>(0)
    Syscall.concurrently(distinctCount < 4096 ? 1 : min(Syscall.processorCount, shards.count)) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < shards.count else { break }
        let order = shards[number].order(limit: limit, minimumCount: minimumCount)
        orders.withLock { $0[number] = order }
      }
    }
    return Rows(orders.withLock { $0 }, of: shards.map(Rows.Shard.init), limit: limit ?? .max)
  }
}

extension Tally.Rows {
  /// Puts the rows of all shards in one order.
  fileprivate init(_ orders: [[UInt32]], of shards: [Shard], limit: Int) {
    var places: [Place] = []
    places.reserveCapacity(Swift.min(limit, orders.reduce(0) { $0 + $1.count }))
    var heads = orders.indices.filter { !orders[$0].isEmpty }.map {
      (rank: shards[$0].rank(orders[$0][0]), shard: $0, next: 1)
    }
    // A heap: no row comes before the one that stands at half of its place.
    func sink(_ start: Int) {
      var place = start
      while true {
        var least = place
        for child in [2 * place + 1, 2 * place + 2] where child < heads.count {
          if heads[child].rank < heads[least].rank { least = child }
        }
        if least == place { return }
        heads.swapAt(place, least)
        place = least
      }
    }
    for place in heads.indices.reversed() { sink(place) }
    while let (_, shard, next) = heads.first, places.count < limit {
      places.append(Place(shard, orders[shard][next - 1]))
      if next < orders[shard].count {
        // What comes soon is in no cache.
        if next + 4 < orders[shard].count { shards[shard].prepare(Int(orders[shard][next + 4])) }
        heads[0] = (shards[shard].rank(orders[shard][next]), shard, next + 1)
      } else {
        heads[0] = heads[heads.count - 1]
        heads.removeLast()
      }
      sink(0)
    }
    (self.shards, self.places) = (shards, places)
  }
}

extension Tally.Rows {
  /// For each pattern that there is, the rows with the largest numbers and the longest text; nil where a text has bytes that are
  /// not printed as they are, so that its length tells not how wide it is.
  public var widest: [Tally.Row]? {
    var found: [(pattern: UInt16, most: TallyFigures, rows: TallyFigures)] = []
    for (number, place) in places.enumerated() {
      if number + 8 < places.count { shards[places[number + 8].shard].prepare(places[number + 8].index) }
      guard let (pattern, figures) = shards[place.shard].figures(place.index) else { return nil }
      if found.last?.pattern != pattern {
        // The one of this pattern comes last.
        if let index = found.firstIndex(where: { $0.pattern == pattern }) {
          found.swapAt(index, found.count - 1)
        } else {
          found.append((pattern, figures, TallyFigures(repeating: UInt64(number))))
        }
      }
      let last = found.count - 1
      let isWider = figures .> found[last].most
      found[last].most.replace(with: figures, where: isWider)
      found[last].rows.replace(with: TallyFigures(repeating: UInt64(number)), where: isWider)
    }
    let numbers = found.flatMap { found in TallyFigures.scalarRange.map { Int(found.rows[$0]) } }
    return Set(numbers).sorted().map { self[$0] }
  }
}

/// The numbers of a row, and the length of its text: the count, the bytes, the regions, the first address, the length, and zeros.
typealias TallyFigures = SIMD8<UInt64>

extension TallyFigures {
  fileprivate static var scalarRange: Range<Int> { 0..<scalarCount }
}

extension Tally.Rows: Equatable {
  /// Whether the rows are the same, wherever they are.
  public static func == (left: Tally.Rows, right: Tally.Rows) -> Bool { left.elementsEqual(right) }
}

extension TallyShard {
  /// The entries in the order of their rows.
  ///
  /// - Parameters:
  ///   - limit: the largest number of them; nil for all.
  ///   - minimumCount: how often a text must have been found.
  func order(limit: Int?, minimumCount: UInt64) -> [UInt32] {
    var best: [TallyRank] = []
    // No more are kept than can be among the first ones.
    let most = limit.map { 2 * min($0, 1 << 40) + 1024 } ?? .max
    for index in entries.indices.prefix(Tally.Rows.mostInShard) where entries[index].count >= minimumCount {
      best.append(rank(index))
      if best.count > most { best = Array(best.sorted().prefix(limit ?? .max)) }
    }
    best.sort()
    return best.prefix(limit ?? .max).map(\.index)
  }
}

/// The weight of a row, and what decides the order of rows of the same weight.
struct TallyRank: Comparable {
  var weight: UInt64
  var address: Address
  var source: UInt32
  var index: UInt32
  var pattern: UInt16

  static func < (left: TallyRank, right: TallyRank) -> Bool {
    if left.weight != right.weight { return left.weight > right.weight }
    if left.source != right.source { return left.source < right.source }
    return left.address != right.address ? left.address < right.address : left.pattern < right.pattern
  }
}
