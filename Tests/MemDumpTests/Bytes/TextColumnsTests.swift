@testable import MemDump
import MemDumpTestSupport
import Testing

@Suite struct TextColumnsTests {
  @Test(arguments: [
    ("", 0), ("memdump", 7), ("上游", 4), ("a上b", 4), ("é", 1), ("e\u{301}", 1), ("ｶﾞ", 2), ("Ａ", 2), ("한국", 4),
    ("\u{1112}\u{1161}\u{11ab}", 2), ("…×µ▁█", 5), ("😀", 2), ("\u{3099}", 0), ("か\u{3099}", 2), ("\u{20000}", 2),
    ("\u{303e}\u{303f}\u{3041}", 5), ("\u{2e80}", 2), ("\u{2e7f}", 1), ("\u{3fffd}", 2), ("\u{1100}\u{115f}", 4),
    ("\u{10ffff}", 1),
  ]) func aCharacterHasItsColumns(text: String, columns: Int) {
    #expect(text.columnCount == columns)
    #expect(("ab" + text).dropFirst(2).columnCount == columns)
  }

  @Test func theRangesAreInOrderAndApart() {
    let ranges = WideCharacters.ranges
    #expect(ranges.count % 2 == 0 && ranges.count > 100)
    for index in ranges.indices.dropFirst() {
      #expect(index % 2 == 1 ? ranges[index - 1] <= ranges[index] : ranges[index - 1] + 1 < ranges[index])
    }
  }

  @Test(arguments: [
    ("memdump", 7, "memdump", "memdump"), ("memdump", 6, "memdu…", "…mdump"), ("memdump", 1, "…", "…"),
    ("memdump", 0, "", ""), ("上游服务", 8, "上游服务", "上游服务"), ("上游服务", 7, "上游服…", "…游服务"),
    ("上游服务", 6, "上游…", "…服务"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…", "…e\u{301}"),
  ]) func aTextIsCutBetweenCharacters(text: String, columns: Int, start: String, end: String) {
    #expect(text.cut(to: columns) == start)
    #expect(text.cut(to: columns, keeping: .end) == end)
  }

  @Test func aTextIsBrokenBetweenWords() {
    #expect("as it was".wrapped(to: 9) == ["as it was"])
    #expect("as it was".wrapped(to: 8) == ["as it", "was"])
    #expect("  as it was written".wrapped(to: 10, hanging: 4) == ["  as it", "    was", "    writte", "    n"])
    #expect("上游 服务".wrapped(to: 8) == ["上游", "服务"])
    #expect("abcdefghij kl".wrapped(to: 4) == ["abcd", "efgh", "ij", "kl"])
  }

  @Test func aNumberStaysWithItsUnit() {
    #expect("all of 8.4 MiB in 12.0 ms".wrapped(to: 12) == ["all of", "8.4 MiB in", "12.0 ms"])
    #expect("1 2 3 4 5 6".wrapped(to: 4) == ["1 2", "3 4", "5 6"])
  }

  /// Texts of every kind of character, with words of any length.
  private static func text(_ generator: inout SeededGenerator) -> String {
    let characters: [Character] = [
      " ", " ", " ", "a", "7", ".", "/", "é", "e\u{301}", "上", "游", "ｶ", "한", "…", "😀", "\\", "—", "\u{1f1e9}\u{1f1ea}",
    ]
    return String(
      (0..<Int.random(in: 0...90, using: &generator)).map { _ in
        characters[Int.random(in: characters.indices, using: &generator)]
      })
  }

  @Test func cutTextsFitAndAreTheStartOrTheEnd() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<3000 {
      let text = Self.text(&generator)
      let columns = Int.random(in: 0...60, using: &generator)
      let (start, end) = (text.cut(to: columns), text.cut(to: columns, keeping: .end))
      #expect(start.columnCount <= columns && end.columnCount <= columns)
      if text.columnCount <= columns {
        #expect(start == text && end == text)
      } else if columns > 0 {
        #expect(start.last == "…" && text.hasPrefix(start.dropLast()))
        #expect(end.first == "…" && text.hasSuffix(end.dropFirst()))
        // No room is wasted but for half of a wide character.
        #expect(start.columnCount >= columns - 1 && end.columnCount >= columns - 1)
      }
    }
  }

  @Test func brokenTextsFitAndLoseNothing() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<3000 {
      let text = Self.text(&generator)
      let columns = Int.random(in: 4...60, using: &generator)
      let indent = Int.random(in: 0...12, using: &generator)
      let lines = text.wrapped(to: columns, hanging: indent)
      #expect(lines.allSatisfy { $0.columnCount <= columns }, "\(text)")
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
      if text.columnCount <= columns { #expect(lines == [text]) }
    }
  }
}
