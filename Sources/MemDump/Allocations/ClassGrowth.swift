/// The growth of the blocks of one size between two walks over the heap.
public struct ClassGrowth: Hashable, Sendable {
  /// What each block takes of the heap, in bytes.
  public var footprint: UInt64
  /// The number of blocks in use at the first walk, and at the second.
  public var before: UInt64
  public var after: UInt64

  /// The growth in blocks, and in bytes; 0 where there are fewer.
  public var count: UInt64 { after - min(after, before) }
  public var byteCount: UInt64 { count.multipliedReportingOverflow(by: footprint).partialValue }

  /// The fewest blocks that count as growth: a walk over a heap in use is not exact.
  static let fewest: UInt64 = 16

  /// The classes that grew, those that grew most first.
  static func all(from before: HeapSummary, to after: HeapSummary) -> [ClassGrowth] {
    let known = Dictionary(before.classes.map { ($0.footprint, $0.count) }, uniquingKeysWith: +)
    return after.classes.map { ClassGrowth(footprint: $0.footprint, before: known[$0.footprint] ?? 0, after: $0.count) }
      .filter { $0.count >= fewest }
      .sorted { ($0.byteCount, $1.footprint) > ($1.byteCount, $0.footprint) }
  }
}

/// How much of a growth the survivors of a path make. Pure.
struct GrowthShare: Equatable {
  /// In thousandths, at most 1,000.
  var thousandths: UInt64
  /// Whether that is at least half, with survivors enough to say so.
  var isMost: Bool
  /// Whether there are far more survivors of all paths than the blocks became more, so that most of them are freed later.
  var isChurn: Bool

  /// The fewest survivors that a path is named for.
  static let fewest = 5
  /// How many times the growth all survivors may be, beyond chance.
  private static let mostTimes = 2.0

  /// - Parameters:
  ///   - survived: the survivors of the path, and of all paths with blocks of that size, each with the time in which they
  ///     could be seen, in nanoseconds.
  ///   - growth: the blocks that there are more of.
  ///   - elapsed: the time in which they became more, in nanoseconds.
  init(
    of path: (survived: Int, watched: UInt64), among all: [(survived: Int, watched: UInt64)], growth: UInt64,
    elapsed: UInt64
  ) {
    func projected(_ count: Double, _ watched: UInt64) -> Double {
      watched == 0 ? 0 : count * Double(elapsed) / Double(watched)
    }
    let own = projected(Double(path.survived), path.watched)
    let sum = all.reduce(0) { $0 + projected(Double($1.survived), $1.watched) }
    // Two standard deviations of counted events below what was seen.
    let least = all.reduce(0) { sum, part in
      sum + projected(max(0, Double(part.survived) - 2 * Double(part.survived).squareRoot()), part.watched)
    }
    isChurn = least > Self.mostTimes * Double(growth)
    let whole = max(sum, Double(growth))
    thousandths = whole > 0 ? UInt64(min(1, own / whole) * 1000) : 0
    isMost = thousandths >= 500 && path.survived >= Self.fewest && !isChurn && growth > 0
  }
}
