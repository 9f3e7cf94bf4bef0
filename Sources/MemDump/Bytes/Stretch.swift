/// Memory from one address to another of which one thing is said.
struct Stretch<Content>: Spanning {
  /// The addresses.
  var range: Range<Address>
  /// The fact that holds for the range.
  var content: Content
}

extension Stretch: Equatable where Content: Equatable {}
extension Stretch: Hashable where Content: Hashable {}
extension Stretch: Sendable where Content: Sendable {}

/// What can be said of a stretch so that it can be cut and put together again.
protocol StretchContent: Hashable, Sendable {
  /// What is said of the same memory from so many bytes further on: a place moves along, all else stays as it is.
  func moved(by byteCount: UInt64) -> Self
}

extension StretchContent {
  func moved(by byteCount: UInt64) -> Self { self }
}

extension Stretch where Content: StretchContent {
  /// What is said of its part from an address on.
  func content(at address: Address) -> Content { content.moved(by: address - range.lowerBound) }

  /// The part of it that is inside a range.
  func clamped(to limits: Range<Address>) -> Stretch {
    let part = range.clamped(to: limits)
    return Stretch(range: part, content: content(at: part.lowerBound))
  }
}

extension Array {
  /// Adds a stretch, as a part of the last one where that ends here and says the same. An empty one adds nothing.
  mutating func join<Content: StretchContent>(_ stretch: Stretch<Content>) where Element == Stretch<Content> {
    guard !stretch.range.isEmpty else { return }
    if let last, last.range.upperBound == stretch.range.lowerBound,
      last.content(at: stretch.range.lowerBound) == stretch.content
    {
      self[count - 1].range = last.range.lowerBound..<stretch.range.upperBound
    } else {
      append(stretch)
    }
  }
}
