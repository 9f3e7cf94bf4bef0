/// The way from an address of Go's heap to its span, and the number of the collection that is swept, while the program goes on.
struct GoSpanMap: Sendable {
  private let layout: GoSpanLayout
  private let table: GoArenas.Table
  /// Where the number is that each collection counts up by 2 (`runtime.mheap_.sweepgen`).
  private let generationPlace: Address

  /// How far before the list of spans the number is looked for, in bytes, and how many collections may have come since the spans
  /// were read.
  private static let (distance, latest): (UInt64, UInt32) = (32, 64)

  /// Finds the number, which stands close before the list of spans; nil where no number there is that of the spans, or two are.
  init?(
    _ layout: GoSpanLayout, _ table: GoArenas.Table, _ generation: UInt32, before list: Address,
    _ words: inout WordCache
  ) throws(MemDumpError) {
    (self.layout, self.table) = (layout, table)
    words.forget()
    var places: [Address] = []
    for distance in stride(from: 4, through: Self.distance, by: 4) where generation > 0 && list.rawValue > distance {
      guard let number = try Self.number(at: list - distance, &words), number % 2 == 0 else { continue }
      if number >= generation, number - generation <= Self.latest * 2 { places.append(list - distance) }
    }
    guard let place = places.first, places.count == 1 else { return nil }
    generationPlace = place
  }

  /// The number of the collection that is being swept, or was swept last; nil where it is not known.
  func generation(_ words: inout WordCache) throws(MemDumpError) -> UInt32? {
    try Self.number(at: generationPlace, &words)
  }

  /// The span that an address lies in now; nil where none does.
  func span(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> GoSpan? {
    guard let place = try table.span(holding: address, &words), place & 7 == 0, place >> 47 == 0 else { return nil }
    let span = layout.span(try GoSpanLayout.read(place, &words), at: Address(place))
    return span.flatMap { $0.range.contains(address) ? $0 : nil }
  }

  private static func number(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt32? {
    let word = try words.word(at: Address(place.rawValue & ~7))
    return word.map { UInt32(truncatingIfNeeded: $0 >> ((place.rawValue & 4) * 8)) }
  }
}
