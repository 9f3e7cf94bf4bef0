extension [Range<Address>] {
  /// The addresses of all ranges, in order and none twice: ranges that overlap or touch are joined.
  package func union() -> [Range<Address>] {
    var joined: [Range<Address>] = []
    for range in sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
  }

  /// Adds a range, as a part of the last one where that ends here.
  mutating func join(_ range: Range<Address>) {
    if let last, last.upperBound == range.lowerBound {
      self[count - 1] = last.lowerBound..<range.upperBound
    } else {
      append(range)
    }
  }

  /// These addresses without those of `others`; both in order.
  func subtracting(_ others: [Range<Address>]) -> [Range<Address>] {
    var rest: [Range<Address>] = []
    for range in self {
      var start = range.lowerBound
      for other in others[others.partitionIndex(where: { $0.upperBound > start })...] {
        guard other.lowerBound < range.upperBound else { break }
        if start < other.lowerBound { rest.append(start..<other.lowerBound) }
        start = Swift.max(start, other.upperBound)
      }
      if start < range.upperBound { rest.append(start..<range.upperBound) }
    }
    return rest
  }

  /// The index of the range that holds `address`, in ranges that are in order; nil without such a range.
  func index(holding address: Address) -> Int? {
    let index = partitionIndex { $0.upperBound > address }
    return index < count && self[index].contains(address) ? index : nil
  }
}

/// Tells of addresses, each no lower than the one before, whether they lie in some ranges: a look costs a step or two.
struct AscendingRanges {
  private let ranges: [Range<Address>]
  private var index = 0

  /// Takes ranges that are in order.
  init(_ ranges: [Range<Address>]) { self.ranges = ranges }

  @inline(__always)
  mutating func contains(_ address: Address) -> Bool {
    while index < ranges.count, ranges[index].upperBound <= address { index &+= 1 }
    return index < ranges.count && ranges[index].lowerBound <= address
  }

  /// The ranges, those joined that lie closer to each other than so many bytes.
  func joined(within distance: UInt64) -> [Range<Address>] {
    ranges.map { $0.lowerBound..<$0.upperBound + distance }.union().map { $0.lowerBound..<$0.upperBound - distance }
  }
}
