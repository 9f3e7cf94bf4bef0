import MemDumpTestSupport
import Testing

@testable import MemDump

/// What a tally tells of many rows without making them, and rows that are told where another finding comes first.
@Suite struct TallyRowsTests {
  private static func receive(
    _ texts: [(text: [UInt8], pattern: Int, address: UInt64, source: Int, region: Int)], into tally: inout Tally
  ) {
    for text in texts {
      let finding = Finding(
        pattern: text.pattern, address: Address(text.address), region: text.region, source: text.source,
        byteCount: UInt64(text.text.count))
      _ = tally.receive(finding, text: text.text.span.bytes)
    }
  }

  /// Texts of 1 to 60 bytes: those of 24 and fewer stand in an entry, longer ones do not.
  private static func texts(
    _ count: Int, using random: inout SeededGenerator
  ) -> [(text: [UInt8], pattern: Int, address: UInt64, source: Int, region: Int)] {
    (0..<count).map { _ in
      let length = Int.random(in: 1...60, using: &random)
      let number = Int.random(in: 0..<40, using: &random)
      let text = (0..<length).map { UInt8(ascii: "a") + UInt8(($0 * 7 + number) % 26) }
      return (
        text, Int.random(in: 0..<3, using: &random), UInt64.random(in: 0..<1 << 40, using: &random),
        Int.random(in: 0..<3, using: &random), Int.random(in: 0..<4, using: &random)
      )
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func theWidestRowsAreAmongTheWidest(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var tally = Tally()
    Self.receive(Self.texts(4000, using: &random), into: &tally)
    for limit in [nil, 10, 1] as [Int?] {
      let rows = tally.rows(limit: limit)
      let widest = try #require(rows.widest)
      for pattern in Set(rows.map(\.pattern)) {
        func most(_ rows: some Sequence<Tally.Row>, _ figure: (Tally.Row) -> UInt64) -> UInt64? {
          rows.filter { $0.pattern == pattern }.map(figure).max()
        }
        let figures: [(Tally.Row) -> UInt64] = [
          { $0.count }, { $0.byteCount }, { UInt64($0.regionCount) }, { $0.firstAddress.rawValue },
          { UInt64($0.text.count) },
        ]
        for figure in figures { #expect(most(rows, figure) == most(widest, figure)) }
      }
      #expect(widest.count <= 15)
    }
  }

  @Test func whatIsNotPrintedAsItIsTellsNoWidth() {
    for text in ["größe", "a\nb", "back\\slash", String(repeating: "x", count: 30) + "\u{7f}"] {
      var tally = Tally()
      Self.receive([(Array("plain".utf8), 0, 1, 0, 0), (Array(text.utf8), 0, 2, 0, 0)], into: &tally)
      #expect(tally.rows().widest == nil)
    }
    #expect(Tally().rows().widest == [])
  }

  /// Findings come in any order: what is told of them is what a list of them tells.
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func theFirstFindingIsTheFirst(seed: UInt64) {
    var random = SeededGenerator(seed: seed &+ 100)
    let texts = Self.texts(3000, using: &random)
    var tally = Tally()
    Self.receive(texts, into: &tally)
    struct Key: Hashable {
      var text: [UInt8]
      var pattern: Int
    }
    let truth = Dictionary(grouping: texts) { Key(text: $0.text, pattern: $0.pattern) }
    let rows = tally.rows()
    #expect(rows.count == truth.count)
    for row in rows {
      let found = truth[Key(text: row.text, pattern: row.pattern)] ?? []
      let first = found.min { ($0.source, $0.address) < ($1.source, $1.address) }
      #expect(row.count == UInt64(found.count) && row.byteCount == UInt64(found.count * row.text.count))
      #expect(row.firstAddress.rawValue == first?.address && row.firstSource == first?.source)
      #expect(row.regionCount == Set(found.map { $0.source * 10 + $0.region }).count)
      #expect(row.sources == Set(found.map(\.source)).sorted())
    }
  }
}
