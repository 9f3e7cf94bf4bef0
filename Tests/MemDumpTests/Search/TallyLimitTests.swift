import MemDumpTestSupport
import Testing

@testable import MemDump

/// A tally that has to forget: what it says of itself must hold.
@Suite struct TallyLimitTests {
  private static let limit: UInt64 = 1 << 20

  /// Counts texts one by one, or through the feeds of some threads. Returns what there really is.
  private static func count(
    _ texts: [String], into tally: inout Tally, threads: Int = 1
  ) -> [String: (count: UInt64, byteCount: UInt64)] {
    var truth: [String: (count: UInt64, byteCount: UInt64)] = [:]
    for text in texts {
      let old = truth[text] ?? (0, 0)
      truth[text] = (old.count + 1, old.byteCount + UInt64(text.utf8.count))
    }
    func add<Sink: FindingSink>(_ texts: some Sequence<(offset: Int, element: String)>, to sink: inout Sink) {
      for (index, text) in texts {
        let bytes = Array(text.utf8)
        let finding = Finding(
          pattern: 0, address: Address(UInt64(index)), region: 0, source: 0, byteCount: UInt64(bytes.count))
        _ = try? sink.receive(finding, text: bytes.span.bytes)
      }
    }
    if threads == 1 {
      add(texts.enumerated(), to: &tally)
    } else {
      tally.share { shared in
        Syscall.concurrently(threads) { thread in
          var feed = TallyFeed(shared)
          add(texts.enumerated().filter { $0.offset % threads == thread }, to: &feed)
          feed.finish()
        }
      }
    }
    return truth
  }

  /// What Lossy Counting promises, for each text.
  private static func check(_ tally: Tally, _ truth: [String: (count: UInt64, byteCount: UInt64)]) {
    var seen: Set<String> = []
    for row in tally.rows() {
      let text = row.text.latin1
      seen.insert(text)
      guard let (count, byteCount) = truth[text] else {
        Issue.record("\(text) was never counted")
        continue
      }
      let (weight, real) = tally.grouping == .text ? (row.count, count) : (row.byteCount, byteCount)
      #expect(weight <= real && real <= weight + row.error, "\(text)")
      #expect(row.error <= tally.errorBound)
      #expect(row.count <= count && row.byteCount <= byteCount)
    }
    for (text, real) in truth where !seen.contains(text) {
      #expect((tally.grouping == .text ? real.count : real.byteCount) <= tally.errorBound, "\(text) was forgotten")
    }
  }

  private static func texts(_ count: Int, using generator: inout SeededGenerator) -> [String] {
    (0..<count).map { index in
      // A few are frequent, and some of these come late only.
      let rank = Int.random(in: 0..<10, using: &generator)
      if rank < 2 { return "frequent-\(Int.random(in: 0..<5, using: &generator))" }
      if rank == 2, index > count / 2 { return "late-\(Int.random(in: 0..<3, using: &generator))" }
      return "rare-\(Int.random(in: 0..<1_000_000_000, using: &generator))"
    }
  }

  @Test(arguments: [1, 2, 5], [Tally.Grouping.text, .template]) func theBoundsHold(
    threads: Int, grouping: Tally.Grouping
  ) {
    var generator = SeededGenerator(seed: UInt64(threads))
    var texts = Self.texts(60_000, using: &generator)
    // Templates must differ too.
    if grouping == .template { texts = texts.map { $0.map { $0.isNumber ? Self.letter($0) : String($0) }.joined() } }
    var tally = Tally(grouping: grouping, limit: Self.limit)
    let truth = Self.count(texts, into: &tally, threads: threads)
    #expect(tally.isApproximate)
    #expect(tally.total == 60_000)
    #expect(tally.distinctCount < truth.count / 2)
    Self.check(tally, truth)
    let first = Set(tally.rows(limit: 8).map(\.text.latin1))
    let heaviest = truth.sorted { left, right in
      grouping == .text ? left.value.count > right.value.count : left.value.byteCount > right.value.byteCount
    }.prefix(8).map(\.key)
    #expect(first == Set(heaviest), "the late ones too")
  }

  private static func letter(_ digit: Character) -> String {
    String(UnicodeScalar(UInt8(ascii: "g") + UInt8(digit.wholeNumberValue ?? 0)))
  }

  /// The bound does not grow beyond what the room makes necessary: about twice the weight over the number of entries.
  @Test func theBoundIsSmall() {
    var tally = Tally(limit: Self.limit)
    _ = Self.count((0..<200_000).map { "text number \($0)" }, into: &tally)
    let entries = Self.limit / 200
    #expect(tally.errorBound >= 1)
    #expect(tally.errorBound <= 4 * 200_000 / entries, "\(tally.errorBound)")
  }

  @Test(arguments: [1, 4]) func belowTheLimitAllIsExact(threads: Int) {
    var tally = Tally(limit: 16 << 20)
    let texts = (0..<50_000).map { "text \($0 % 40_000)" }
    let truth = Self.count(texts, into: &tally, threads: threads)
    #expect(!tally.isApproximate)
    #expect(tally.errorBound == 0)
    #expect(tally.distinctCount == 40_000)
    let rows = tally.rows()
    #expect(rows.allSatisfy { $0.error == 0 && $0.count == truth[$0.text.latin1]?.count })
    #expect(rows.map(\.firstAddress.rawValue) == Array(0..<40_000), "first those counted twice, which lie first")
  }

  /// Long texts fill it as well as many do.
  @Test func longTextsAreBoundedToo() {
    var tally = Tally(limit: Self.limit)
    let pad = String(repeating: "x", count: 4000)
    let truth = Self.count((0..<2000).map { "\($0) \(pad)" } + Array(repeating: "y", count: 50), into: &tally)
    #expect(tally.isApproximate)
    #expect(tally.distinctCount * 6000 <= Int(Self.limit))
    Self.check(tally, truth)
  }

  /// One text in very many regions must not fill memory unseen.
  @Test func regionsOfATextAreBoundedToo() {
    var tally = Tally(limit: Self.limit)
    let text = Array("text".utf8)
    for region in 0..<100_000 {
      let finding = Finding(pattern: 0, address: Address(UInt64(region)), region: region, source: 0, byteCount: 4)
      _ = tally.receive(finding, text: text.span.bytes)
    }
    #expect(tally.isApproximate)
    #expect(tally.total == 100_000)
  }

  @Test func theFirstRowsAreThoseOfAllRows() {
    var generator = SeededGenerator(seed: 3)
    var tally = Tally()
    _ = Self.count((0..<30_000).map { _ in "t\(Int.random(in: 0..<9000, using: &generator))" }, into: &tally)
    let rows = tally.rows()
    for limit in [0, 1, 7, 1000, 5000] { #expect(Array(tally.rows(limit: limit)) == Array(rows.prefix(limit))) }
  }
}
