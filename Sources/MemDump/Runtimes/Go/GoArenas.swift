/// What Go's runtime keeps of each arena (`runtime.heapArena`), and the table of them (`runtime.mheap_.arenas`).
struct GoArenas: Sendable {
  /// The bytes of an arena of 64-bit Linux, which is aligned to them and all of the heap (`heapArenaBytes` of malloc.go).
  static let byteCount: UInt64 = 64 << 20

  /// The memory of the table and of what it leads to, in order; empty where no table agrees with the spans.
  private(set) var ranges: [Range<Address>] = []

  /// The table, and how it leads from an address to its span.
  struct Table: Sendable {
    var address: UInt64
    /// The number of the arena at address 0.
    var base: UInt64
    /// Where an arena has the pointers to the spans of its pages.
    var spansOffset: UInt64

    /// Where the description of the span is that has the page of an address; nil where no span has it.
    func span(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
      let number = base &+ address.rawValue / byteCount
      guard let arena = try words.word(at: Address(self.address &+ number &* 8)), arena != 0 else { return nil }
      let slot = address.rawValue % byteCount / GoSpanLayout.pageByteCount * 8
      return try words.word(at: Address(arena &+ spansOffset &+ slot)).flatMap { $0 == 0 ? nil : $0 }
    }
  }

  /// Nil where no table agrees with the spans.
  private(set) var table: Table?

  /// The bytes of the table: an entry for each arena that there can be in 48 bits of addresses.
  private static let tableByteCount: UInt64 = 8 << 22
  /// The number of the arena at address 0, on arm64 and on x86_64, whose addresses have a sign (`arenaBaseOffset`).
  private static let bases: [UInt64] = [0, 1 << 47 / byteCount]
  /// Where an arena has the pointers to the spans of its pages: at its start from Go 1.22 on; behind a bit for each word and
  /// one for each eight of these in 1.20 and 1.21; behind two bits for each word before.
  private static let spansOffsets: [UInt64] = [0, 1 << 20 + 1 << 14, 2 << 20]
  /// The pointers to spans, and what stands behind them: bits for each page.
  private static let spansByteCount: UInt64 = byteCount / GoSpanLayout.pageByteCount * 8
  private static let behindByteCount: UInt64 = 4096
  /// The most spans of one arena that are asked for, and the part of them that has to agree.
  private static let (askedSpans, agreement) = (16, 0.99)

  /// The arena that an address is in.
  static func arena(of address: Address) -> Range<Address> {
    Range(start: Address(address.rawValue & ~(byteCount - 1)), byteCount: byteCount)
  }

  /// Finds the table of the arenas of some spans.
  ///
  /// - Parameters:
  ///   - spans: spans that are in use, in the order of their addresses, with where they are described.
  ///   - image: the program.
  ///   - variables: reads the variables of the program, one after the other.
  ///   - words: reads what they lead to.
  init(
    of spans: [GoSpan], in image: GoImage, _ variables: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) {
    var asked: [UInt64: [GoSpan]] = [:]
    for span in spans where asked[Self.number(of: span), default: []].count < Self.askedSpans {
      asked[Self.number(of: span), default: []].append(span)
    }
    guard let (first, _) = asked.first else { return }
    var found: [Range<Address>] = []
    var known: Table?
    try GoImage.forEachWord(in: image.variables, &variables) { (_, table, _, _) throws(MemDumpError) in
      guard table & (pageSize - 1) == 0, table >> 47 == 0 else { return true }
      for base in Self.bases where image.canHold(table &+ (base + first) * 8) {
        guard let (arenas, offset) = try Self.arenas(asked, table: table, base: base, image, &words) else { continue }
        found = [Range(start: Address(table), byteCount: Self.tableByteCount)] + arenas
        known = Table(address: table, base: base, spansOffset: offset)
        return false
      }
      return true
    }
    (ranges, table) = (found.union(), known)
  }

  private static func number(of span: GoSpan) -> UInt64 { span.range.lowerBound.rawValue / byteCount }

  /// What a table leads to, and where its arenas have the pointers to spans; nil where it is none.
  private static func arenas(
    _ asked: [UInt64: [GoSpan]], table: UInt64, base: UInt64, _ image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> (ranges: [Range<Address>], spansOffset: UInt64)? {
    var (arenas, seen, agreed): ([Range<Address>], Int, Int) = ([], 0, 0)
    var spansOffset: UInt64?
    for (number, spans) in asked {
      guard let arena = try words.word(at: Address(table &+ (base + number) * 8)), image.canHold(arena) else {
        return nil
      }
      for span in spans {
        let slot = span.range.lowerBound.rawValue % byteCount / GoSpanLayout.pageByteCount * 8
        for offset in spansOffset.map({ [$0] }) ?? spansOffsets
        where try words.word(at: Address(arena &+ offset &+ slot)) == span.address.rawValue {
          spansOffset = offset
          agreed += 1
        }
        seen += 1
      }
      guard let offset = spansOffset else { return nil }
      arenas.append(Range(start: Address(arena), byteCount: offset + spansByteCount + behindByteCount))
    }
    guard Double(agreed) >= Double(seen) * agreement, let spansOffset else { return nil }
    return (arenas, spansOffset)
  }
}
