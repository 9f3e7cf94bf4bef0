/// What a search went over.
public struct SearchSummary: Hashable, Sendable {
  /// Bytes that were looked at.
  public var byteCount: UInt64 = 0
  /// Bytes of untouched memory, which hold nothing.
  public var absentByteCount: UInt64 = 0
  /// Bytes that could not be read, or were left alone.
  public var unreadByteCount: UInt64 = 0
  /// How many findings there were.
  public var findingCount: UInt64 = 0
  /// How many places a regular expression gave up at, because to decide would have taken too long.
  public var limitCount: UInt64 = 0
  /// The first of them.
  public var firstLimit: SourceAddress?
  /// Whether it ended before everything was looked at.
  public var isPartial = false

  /// Nothing so far.
  public init() {}

  /// Adds what another part of the search went over.
  public mutating func add(_ other: SearchSummary) {
    byteCount += other.byteCount
    absentByteCount += other.absentByteCount
    unreadByteCount += other.unreadByteCount
    findingCount += other.findingCount
    limitCount += other.limitCount
    firstLimit = [firstLimit, other.firstLimit].compactMap(\.self).min()
    isPartial = isPartial || other.isPartial
  }
}

/// An address in one of several sources.
public struct SourceAddress: Hashable, Comparable, Sendable {
  /// The number of the source, as the search was told.
  public var source: Int
  /// The address in it.
  public var address: Address

  /// Orders by source, then by place in memory.
  public static func < (left: SourceAddress, right: SourceAddress) -> Bool {
    (left.source, left.address) < (right.source, right.address)
  }
}
