/// The numbers of a search: how much memory was looked at, and how much was found.
public struct SearchSummary: Hashable, Sendable {
  /// The number of bytes that were looked at.
  public var byteCount: UInt64 = 0
  /// The number of bytes of untouched memory, which hold nothing.
  public var absentByteCount: UInt64 = 0
  /// The number of bytes that could not be read, or were left alone.
  public var unreadByteCount: UInt64 = 0
  /// The number of findings.
  public var findingCount: UInt64 = 0
  /// The number of places at which a regular expression gave up, because to decide would have taken too long.
  public var limitCount: UInt64 = 0
  /// The first place at which a regular expression gave up.
  public var firstLimit: SourceAddress?
  /// Whether the search ended before all memory was looked at.
  public var isPartial = false

  /// Makes the summary of a search that has not begun.
  public init() {}

  /// Adds the summary of another part of the search.
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
  /// The number of the source, as given to the search.
  public var source: Int
  /// The address in the source.
  public var address: Address

  /// Orders by source, then by place in memory.
  public static func < (left: SourceAddress, right: SourceAddress) -> Bool {
    (left.source, left.address) < (right.source, right.address)
  }
}
