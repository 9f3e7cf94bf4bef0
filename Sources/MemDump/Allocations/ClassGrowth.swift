/// The growth of the blocks of one size, of all heaps, between two walks over them.
public struct ClassGrowth: Hashable, Sendable {
  /// What each block takes of the heap, in bytes.
  public var footprint: UInt64
  /// The number of blocks in use at the first walk.
  public var before: UInt64
  /// The number of blocks in use at the second walk.
  public var after: UInt64

  /// The growth in blocks; 0 where there are fewer.
  public var count: UInt64 { after - min(after, before) }
  /// The growth in bytes.
  public var byteCount: UInt64 { count.multipliedReportingOverflow(by: footprint).partialValue }

  /// The fewest blocks that count as growth: a walk over a heap in use is not exact.
  static let fewest: UInt64 = 16

  /// The classes that grew, those that grew most first.
  static func all(from before: Heaps, to after: Heaps) -> [ClassGrowth] {
    let known = Dictionary(before.classes.map { ($0.footprint, $0.count) }, uniquingKeysWith: +)
    return after.classes.map { ClassGrowth(footprint: $0.footprint, before: known[$0.footprint] ?? 0, after: $0.count) }
      .filter { $0.count >= fewest }
      .sorted { ($0.byteCount, $1.footprint) > ($1.byteCount, $0.footprint) }
  }
}
