/// Memory from one address to another of which one thing is said.
struct Stretch<Content> {
  /// The addresses.
  var range: Range<Address>
  /// What is said of them.
  var content: Content
}

extension Stretch: Equatable where Content: Equatable {}
extension Stretch: Hashable where Content: Hashable {}
extension Stretch: Sendable where Content: Sendable {}

extension Array {
  /// Adds a stretch, as a part of the last one where that ends here and says the same. An empty one adds nothing.
  mutating func join<Content: Equatable>(_ stretch: Stretch<Content>) where Element == Stretch<Content> {
    guard !stretch.range.isEmpty else { return }
    if let last, last.range.upperBound == stretch.range.lowerBound, last.content == stretch.content {
      self[count - 1].range = last.range.lowerBound..<stretch.range.upperBound
    } else {
      append(stretch)
    }
  }
}

extension RandomAccessCollection {
  /// The index of the first stretch that ends after an address, of stretches in order; the end index where there is none.
  func index<Content>(endingAfter address: Address) -> Index where Element == Stretch<Content> {
    partitionIndex { $0.range.upperBound > address }
  }
}
