/// What stretches of memory are for that the map alone does not tell, found one after the other: what was claimed first
/// stays.
struct UseMap {
  /// The stretches, in order and none twice.
  private(set) var stretches: [Stretch<FootprintUse>] = []
  private var taken: [Range<Address>] = []

  /// Claims ranges for a use, from the page that each begins in to the page that it ends in.
  mutating func claim(_ ranges: [Range<Address>], for use: FootprintUse) {
    let pages = ranges.map { $0.lowerBound.pageStart..<$0.upperBound.pageEnd }.union()
    let free = pages.subtracting(taken)
    if free.isEmpty { return }
    taken = (taken + free).union()
    stretches = (stretches + free.map { Stretch(range: $0, content: use) }).sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
  }
}
