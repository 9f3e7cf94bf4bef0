/// What spans some addresses.
protocol Spanning {
  /// The addresses.
  var range: Range<Address> { get }
}

extension RandomAccessCollection where Element: Spanning {
  /// The index of the first element that ends after an address, of elements in order; the end index where there is none.
  func firstIndex(endingAfter address: Address) -> Index { partitionIndex { $0.range.upperBound > address } }

  /// The index of the element that holds an address, of elements in order; nil where none does.
  func index(holding address: Address) -> Index? {
    let index = firstIndex(endingAfter: address)
    return index < endIndex && self[index].range.contains(address) ? index : nil
  }

  /// A range cut where elements in order begin and end, each part with its element; nil where there is none.
  func parts(of range: Range<Address>) -> [Stretch<Element?>] {
    var parts: [Stretch<Element?>] = []
    cut(range) { parts.append(Stretch(range: $0, content: $1)) }
    return parts
  }

  fileprivate func cut(_ range: Range<Address>, _ body: (Range<Address>, Element?) -> Void) {
    guard !range.isEmpty else { return }
    var reached = range.lowerBound
    for element in self[firstIndex(endingAfter: range.lowerBound)...] {
      guard element.range.lowerBound < range.upperBound else { break }
      let part = element.range.clamped(to: range)
      if reached < part.lowerBound { body(reached..<part.lowerBound, nil) }
      body(part, element)
      reached = part.upperBound
    }
    if reached < range.upperBound { body(reached..<range.upperBound, nil) }
  }
}

extension RandomAccessCollection {
  /// A range cut where stretches in order begin and end, with `gap` for what none of them speaks of.
  func parts<Content: StretchContent>(
    of range: Range<Address>, otherwise gap: Content
  ) -> [Stretch<Content>] where Element == Stretch<Content> {
    var parts: [Stretch<Content>] = []
    cut(range) { part, stretch in
      parts.append(Stretch(range: part, content: stretch?.content(at: part.lowerBound) ?? gap))
    }
    return parts
  }
}
