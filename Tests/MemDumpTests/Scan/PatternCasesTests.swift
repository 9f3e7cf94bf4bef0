import ScanReferences
import Testing

@testable import MemDump

/// Every table of cases, by the pattern and by its reference.
@Suite struct PatternCasesTests {
  /// How many cases of each pattern are written down, its options included.
  @Test func theTablesAreLongAndSayNothingTwice() {
    for pattern in Patterns.all {
      let tables = PatternCases.all.filter { $0.pattern.name == pattern.name }
      #expect(tables.map(\.cases.count).reduce(0, +) >= (pattern is IPv4Port ? 150 : 60), "\(pattern.name)")
      for table in tables { #expect(Set(table.cases.map(\.text)).count == table.cases.count, "\(table.pattern)") }
      // Where the kernel itself knows --word; what WholeWordPattern adds has its own tests.
      let knowsWords = pattern.wholeWord.map { !($0 is WholeWordPattern) } ?? false
      #expect(tables.count >= (knowsWords ? 2 : 1), "\(pattern.name): --word has a table of its own")
    }
  }

  @Test(arguments: PatternCases.all) func findsWhatTheRuleSays(of table: PatternCases) {
    for (text, matches) in table.cases {
      let bytes = latin1(text)
      let found = table.pattern.places(in: bytes).map { table.text(of: Array(bytes[$0])) }
      #expect(found == matches.split(separator: " ").map(String.init), "\(text.debugDescription)")
    }
  }

  @Test(arguments: PatternCases.all) func theReferenceAgreesWithTheTable(of table: PatternCases) {
    for (text, matches) in table.cases {
      let bytes = latin1(text)
      let found = table.reference.matches(in: bytes).map { table.text(of: Array(bytes[$0])) }
      #expect(found == matches.split(separator: " ").map(String.init), "\(text.debugDescription)")
    }
  }

  /// The kernels look at 64 bytes and more at once, and at windows that begin with an anchor; a case must come out the same
  /// wherever in them it lies.
  @Test(arguments: PatternCases.all) func findsItAtEveryPlaceOfAVector(of table: PatternCases) {
    let (filler, step) = table.isBinary ? (UInt8(0), 4) : (UInt8(ascii: " "), 7)
    for (index, example) in table.cases.enumerated() {
      let bytes = latin1(example.text)
      let matches = table.reference.matches(in: bytes)
      for start in table.isBinary ? [""] : ["", "        1111.1111:1", "a-a@a://a]:1"] {
        for count in stride(from: 1 + index % step, to: 130, by: step) {
          let before = Array(start.utf8) + [UInt8](repeating: filler, count: count)
          let all = before + bytes + [UInt8](repeating: 0, count: 200)
          let expected =
            table.isBinary
            ? table.reference.matches(in: all)
            : matches.map { $0.lowerBound + before.count..<$0.upperBound + before.count }
          #expect(table.pattern.places(in: all) == expected, "\(example.text.debugDescription) behind \(before.latin1)")
        }
      }
    }
  }

  /// All cases one behind the other.
  private static func joined(_ table: PatternCases) -> [UInt8] {
    var bytes: [UInt8] = []
    for (text, _) in table.cases {
      bytes += latin1(text)
      repeat { bytes.append(table.isBinary ? 0 : 0x20) } while bytes.count % 4 != 0
    }
    return bytes
  }

  /// A walk gives `reach` bytes on both sides of an anchor and no more: they must be enough for any decision.
  @Test(arguments: PatternCases.all) func noDecisionNeedsMoreThanTheReach(of table: PatternCases) {
    let bytes = Self.joined(table)
    let reach = table.pattern.reach
    var places: [Range<Int>] = []
    for anchor in bytes.indices {
      let start = max(0, anchor - reach)
      let visible = Array(bytes[start..<min(bytes.count, anchor + reach + 1)])
      let owned = anchor - start..<anchor - start + 1
      places += table.pattern.places(in: visible, at: UInt64(start), owned: owned).map {
        $0.lowerBound + start..<$0.upperBound + start
      }
    }
    #expect(places == table.reference.matches(in: bytes))
  }

  @Test(arguments: PatternCases.all) func goesOnWhereAListWasFull(of table: PatternCases) {
    let bytes = Self.joined(table)
    let expected = table.reference.matches(in: bytes)
    #expect(expected.count >= 4)
    for capacity in [1, 2, 3, 7, expected.count, expected.count + 1] {
      #expect(table.pattern.places(in: bytes, capacity: capacity) == expected, "capacity \(capacity)")
    }
  }

  /// An anchor belongs to exactly one of two calls, wherever between them the border is.
  @Test(arguments: PatternCases.all) func anchorsBelongToOneCallOnly(of table: PatternCases) {
    let bytes = Self.joined(table)
    let expected = table.reference.matches(in: bytes)
    for border in stride(from: 0, through: bytes.count, by: bytes.count / 500 + 1) {
      let first = table.pattern.places(in: bytes, owned: 0..<border)
      let second = table.pattern.places(in: bytes, owned: border..<bytes.count)
      #expect(first + second == expected, "border at \(border)")
    }
  }
}
