/// The literal that every match of a regular expression has, by which most memory is passed over without the engine.
@safe final class RegexLiteral: Sendable {
  /// A search of the engine for each of more places than one in so many bytes would take longer than one over all.
  private static let leastDistance = 64
  private let before: ByteSet
  private let searches: LiteralSearches

  /// Nil where the outline of an expression tells of no literal.
  init?(_ expression: String, ignoringCase: Bool) {
    guard let outline = RegexOutline(expression, ignoringCase: ignoringCase) else { return nil }
    let masks: [UInt8] = outline.literal.map { ignoringCase && $0.isLetter ? 0xdf : 0xff }
    guard let kernel = LiteralKernel([Literal(outline.literal, mask: masks)]) else { return nil }
    (before, searches) = (outline.before, LiteralSearches(kernel))
  }

  /// The places where matches may begin: from where the bytes begin that may stand before a literal, to the literal. In order, none over
  /// another; nil where that would be no help.
  func begins(in subject: RawSpan) -> [Range<Int>]? {
    searches.withSearch { search in
      search.run(subject, from: 0, to: subject.byteCount)
      guard search.places.count <= subject.byteCount / Self.leastDistance else { return nil }
      var begins: [Range<Int>] = []
      for place in search.places {
        let place = Int(place.offset)
        var start = place
        let end = begins.last?.upperBound ?? 0
        while start > end, before.contains(unsafe subject.unsafeLoad(fromByteOffset: start - 1, as: UInt8.self)) {
          start -= 1
        }
        if start == end, let last = begins.indices.last {
          begins[last] = begins[last].lowerBound..<place + 1
        } else {
          begins.append(start..<place + 1)
        }
      }
      return begins
    }
  }
}
