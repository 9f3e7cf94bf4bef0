import MemDumpTestSupport
import Testing

@testable import MemDump

/// `--find` of text that is not ASCII, in UTF-16LE.
@Suite struct WideTextPatternTests {
  @Test(arguments: ["Zürich", "上游", "naïve 🦆", "é"], [0, 1]) func findsTextAtEitherParity(
    text: String, parity: Int
  ) throws {
    let pattern = try #require(BytesPattern(text: text)?.wide)
    let bytes = [UInt8](repeating: 7, count: parity) + wide("x") + wide(text) + wide(" \(text)")
    let length = wide(text).count
    #expect(pattern.places(in: bytes).map(\.lowerBound) == [parity + 2, parity + 4 + length])
    let items = try Scan(patterns: [pattern]).items(try TestMemory([0x1000: bytes]))
    #expect(items.map(\.text) == [text, text].map { Array($0.utf8).latin1 })
    #expect(pattern.isWide && pattern.name == text)
  }

  @Test func textInUTF8IsNotWide() throws {
    let pattern = try #require(BytesPattern(text: "Zürich")?.wide)
    #expect(pattern.places(in: Array("Zürich".utf8)) == [])
    #expect(try #require(BytesPattern(text: "Zürich")).places(in: wide("Zürich")) == [])
  }

  /// The low byte of `Ł` (U+0141) is that of `A`: it is no letter of ASCII, and has no other case.
  @Test func caseIsThatOfLettersOfASCIIOnly() throws {
    let pattern = try #require(BytesPattern(text: "zÜŁa", ignoringCase: true)?.wide)
    #expect(pattern.places(in: wide("ZÜŁA zÜŁa züŁa zÜšA")).map(\.lowerBound) == [0, 10])
    let exact = try #require(BytesPattern(text: "zÜŁa")?.wide)
    #expect(exact.places(in: wide("ZÜŁA zÜŁa")).map(\.lowerBound) == [10])
    let other = try #require(BytesPattern(text: "Ł", ignoringCase: true)?.wide)
    #expect(other.places(in: wide("Łš")) == [0..<2])
  }

  @Test func wordsAndWideGoTogether() throws {
    let pattern = try #require(BytesPattern(text: "upé")?.wholeWord?.wide)
    #expect(pattern.places(in: wide("upé upés _upé 1upé2")).map(\.lowerBound) == [0, 30])
    #expect(try #require(BytesPattern(text: "upé")?.wide?.wholeWord).places(in: wide("upés upé")) == [10..<16])
  }

  @Test func aTextThatIsTooLongIsNotSought() {
    let text = "é" + String(repeating: "a", count: 4000)
    #expect(BytesPattern(text: text) != nil && BytesPattern(text: text)?.wide == nil)
  }

  /// Against every place where the units stand, whatever the borders.
  @Test(arguments: [1, 2, 3, 7, 4096], [1, 2]) func noBorderShows(chunk: Int, threads: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk * 10 + threads))
    let words = ["né", "n", "né né", "xné", "éné", "NÉ", "_", " "]
    var bytes: [UInt8] = []
    for _ in 0..<60 {
      bytes += wide(words[Int.random(in: 0..<words.count, using: &generator)])
      if Bool.random(using: &generator) { bytes.append(0x20) }
    }
    let needle = wide("né")
    let expected = (0...(bytes.count - needle.count)).filter { Array(bytes[$0..<$0 + needle.count]) == needle }
    #expect(!expected.isEmpty)
    let memory = try TestMemory([0x7000: bytes], longestRead: Int.random(in: 1...50, using: &generator))
    let pattern = try #require(BytesPattern(text: "né")?.wide)
    let found = try Scan(patterns: [pattern], chunk: chunk, threads: threads).items(memory)
    #expect(found.map(\.address) == expected.map { 0x7000 + UInt64($0) })
  }
}
