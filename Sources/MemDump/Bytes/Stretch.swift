/// A range of addresses with one fact that holds for all of the range.
struct Stretch<Content> {
  /// The addresses of the stretch.
  var range: Range<Address>
  /// The fact that holds for the range.
  var content: Content
}

extension Stretch: Equatable where Content: Equatable {}
extension Stretch: Hashable where Content: Hashable {}
extension Stretch: Sendable where Content: Sendable {}

extension Array {
  /// Adds a stretch, or extends the last one where that ends at the new one with equal content. Skips an empty stretch.
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
  /// The index of the first stretch that ends after an address; the end index without one. The stretches are in order.
  func index<Content>(endingAfter address: Address) -> Index where Element == Stretch<Content> {
    partitionIndex { $0.range.upperBound > address }
  }
}
