import MemDumpTestSupport
import Testing

@testable import MemDump

/// What is looked for, what stands in memory, and where it is found. Characters up to U+00FF are one byte each.
private typealias Case = (needle: String, text: String, starts: [Int])

@Suite struct BytesPatternTests {
  private static let texts: [Case] = [
    ("a", "", []),
    ("a", "a", [0]),
    ("a", "b", []),
    ("a", "aaa", [0, 1, 2]),
    ("a", "banana", [1, 3, 5]),
    ("a", "A", []),
    ("ab", "ab", [0]),
    ("ab", "a", []),
    ("ab", "ba", []),
    ("ab", "aab", [1]),
    ("ab", "abab", [0, 2]),
    ("ab", "a b", []),
    ("ab", "a\0b", []),
    ("aa", "aaaa", [0, 1, 2]),
    ("aba", "ababa", [0, 2]),
    ("abab", "abababab", [0, 2, 4]),
    ("aab", "aaaab", [2]),
    ("abc", "ab", []),
    ("abc", "xabc", [1]),
    ("abc", "abcx", [0]),
    ("abc", "xabcabcx", [1, 4]),
    ("abc", "\0abc\0", [1]),
    ("abc", "ABC", []),
    ("abc", "abcABCabc", [0, 6]),
    (" ", "a b c", [1, 3]),
    ("  ", "a   b", [1, 2]),
    ("\n", "one\ntwo\n", [3, 7]),
    ("\t\t", "\t\t\t", [0, 1]),
    ("10.0.0.1:80", "10.0.0.1:8080 10.0.0.1:80", [0, 14]),
    ("10.0.0.1:80", "110.0.0.1:80", [1]),
    ("upstream", "the upstream, upstreams", [4, 14]),
    ("password=", "user=x&password=y", [7]),
    ("/etc/passwd", "open(/etc/passwd)", [5]),
    ("GET /", "GET / HTTP/1.1\r\nGET /x", [0, 16]),
    (".", "a.b.", [1, 3]),
    ("*", "a*b", [1]),
    (".*", "a.*b", [1]),
    ("[a]", "a[a]a", [1]),
    ("\\", "a\\b", [1]),
    ("^a", "^a a", [0]),
    ("a$", "a a$", [2]),
    ("(", "((", [0, 1]),
    ("?", "??", [0, 1]),
    ("%s", "%s%d%s", [0, 4]),
    ("\u{1b}[", "\u{1b}[31m", [0]),
    ("\u{7f}", "a\u{7f}", [1]),
    ("0123456789abcdef", "x0123456789abcdefx", [1]),
    ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef", [0]),
    ("0123456789abcdef0123456789abcdef!", "0123456789abcdef0123456789abcdef?", []),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", [1]),
    ("zz", "z z zz z", [4]),
    ("e", "eee\0eee", [0, 1, 2, 4, 5, 6]),
    ("end", "the end", [4]),
    ("the", "the end", [0]),
    ("the end", "the end", [0]),
    ("the end.", "the end", []),
    ("ab", "\u{e1}ab\u{e1}", [1]),
    ("-", "---", [0, 1, 2]),
    ("null", "nul\0l null", [6]),
    ("nginx", "nginxnginx", [0, 5]),
    ("xyxyx", "xyxyxyxyx", [0, 2, 4]),
    ("_", "__", [0, 1]),
  ]

  @Test(arguments: texts) func aTextIsFoundWhereverItStands(needle: String, text: String, starts: [Int]) throws {
    #expect(try #require(BytesPattern(text: needle)).starts(in: text) == starts)
  }

  @Test func thereAreCasesEnough() {
    #expect(Self.texts.count >= 60 && Self.hexadecimals.count >= 60)
  }

  /// A text is UTF-8, as memory mostly is.
  @Test func charactersBeyondASCIIAreTheirBytes() throws {
    let pattern = try #require(BytesPattern(text: "é€"))
    #expect(pattern.places(in: Array("aé€b é€".utf8)) == [1..<6, 8..<13])
    #expect(pattern.starts(in: "\u{e9}") == [])
  }

  private static let inEitherCase: [Case] = [
    ("abc", "ABC", [0]),
    ("ABC", "abc", [0]),
    ("aBc", "AbC abc ABC", [0, 4, 8]),
    ("a1b2", "A1B2", [0]),
    ("z", "Zz", [0, 1]),
    ("a", "\u{c1}A", [1]),
    // These differ from each other by the bit that makes the case of a letter, and are none.
    ("[", "{", []),
    ("@", "`", []),
    ("1", "\u{11}", []),
    ("_", "\u{7f}", []),
    ("~", "^", []),
    (" ", "\0", []),
    ("host: ", "HOST: Host: host:", [0, 6]),
  ]

  @Test(arguments: inEitherCase) func lettersMatchInEitherCaseWhereTold(needle: String, text: String, starts: [Int])
    throws
  {
    #expect(try #require(BytesPattern(text: needle, ignoringCase: true)).starts(in: text) == starts)
  }

  private static let wholeWords: [Case] = [
    ("cat", "cat", [0]),
    ("cat", "cat cat", [0, 4]),
    ("cat", "concat", []),
    ("cat", "cats", []),
    ("cat", "cat_", []),
    ("cat", "_cat", []),
    ("cat", "Zcat catZ", []),
    ("cat", "cat5 5cat", [0, 6]),
    ("cat", "-cat.", [1]),
    ("cat", "\u{e1}cat\u{e1}", [1]),
    ("cat", "\0cat\0", [1]),
    ("cat", "@cat[`cat{", [1, 6]),
    ("aa", "aaaa aa", [5]),
    ("5", "a5 5b 5", [6]),
  ]

  @Test(arguments: wholeWords) func lettersForbidATextWhereTold(needle: String, text: String, starts: [Int]) throws {
    let pattern = try #require(BytesPattern(text: needle)?.wholeWord)
    #expect(pattern.starts(in: text) == starts)
  }

  private static let hexadecimals: [Case] = [
    ("61", "a", [0]),
    ("61", "b", []),
    ("61", "", []),
    ("61", "aaa", [0, 1, 2]),
    ("6162", "ab", [0]),
    ("61 62", "xab", [1]),
    (" 61  62 ", "ab", [0]),
    ("6 1 6 2", "ab", [0]),
    ("00", "\0", [0]),
    ("00", "a\0\0", [1, 2]),
    ("00 00", "\0\0\0", [0, 1]),
    ("ff", "\u{ff}", [0]),
    ("FF", "\u{ff}", [0]),
    ("fF", "\u{ff}", [0]),
    ("fe", "\u{ff}", []),
    ("de ad be ef", "\u{de}\u{ad}\u{be}\u{ef}", [0]),
    ("DEADBEEF", "\u{de}\u{ad}\u{be}\u{ef}", [0]),
    ("de ad be ef", "\u{de}\u{ad}\u{be}", []),
    ("de ad be ef", "\u{de}\u{ad}\u{be}\u{ee}", []),
    ("de ad", "\u{de}\u{de}\u{ad}", [1]),
    ("61 ?? 63", "abc", [0]),
    ("61 ?? 63", "a\0c", [0]),
    ("61 ?? 63", "a\u{ff}c", [0]),
    ("61 ?? 63", "ac", []),
    ("61 ?? 63", "abbc", []),
    ("61 ?? 63", "aac c", [0]),
    ("61 ?? ?? 63", "abbc", [0]),
    ("?? 61", "a", []),
    ("?? 61", "ba", [0]),
    ("?? 61", "aa", [0]),
    ("61 ??", "a", []),
    ("61 ??", "ab", [0]),
    ("61 ??", "aa", [0]),
    ("?? 61 ??", "aaa", [0]),
    ("?? 61 ??", "bab", [0]),
    ("6?", "abo`", [0, 1, 2, 3]),
    ("6?", "pP_", []),
    ("?1", "aAqQ1", [0, 1, 2, 3, 4]),
    ("?1", "bB", []),
    ("6? 6?", "abc", [0, 1]),
    ("6? ?1", "aa", [0]),
    ("6? ?1", "aq", [0]),
    ("6? ?1", "qa", []),
    ("6??1", "aq", [0]),
    ("0? 0?", "\u{1}\u{2}\u{3}", [0, 1]),
    ("?0", "\0 0P", [0, 1, 2, 3]),
    ("8? ??", "\u{80}", []),
    ("8? ??", "\u{80}a", [0]),
    ("7f 45 4c 46", "\u{7f}ELF", [0]),
    ("7f 45 4c 46 02", "\u{7f}ELF\u{1}", []),
    ("7f 45 4c 46 0?", "\u{7f}ELF\u{1}", [0]),
    ("50 4b 03 04", "xPK\u{3}\u{4}", [1]),
    ("1f 8b", "\u{1f}\u{8b}\u{8}", [0]),
    ("02 00 1f 90", "\u{2}\0\u{1f}\u{90}", [0]),
    ("02 00 ?? ?? 0a", "\u{2}\0\u{1f}\u{90}\u{a}", [0]),
    ("02 00 ?? ?? 0a", "\u{2}\0\u{1f}\u{90}\u{b}", []),
    ("30 3? 3?", "0123", [0]),
    ("30 3? 3?", "00123", [0, 1]),
    ("61 61 ?? 61 61", "aaaaaaa", [0, 1, 2]),
    ("20", "a b", [1]),
    ("0a", "a\nb", [1]),
    ("61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61", "aaaaaaaaaaaaaaaaaa", [0, 1]),
    ("e2 82 ac", "\u{e2}\u{82}\u{ac}", [0]),
  ]

  @Test(arguments: hexadecimals) func bytesAreFoundByTheirDigits(digits: String, text: String, starts: [Int]) throws {
    #expect(try #require(BytesPattern(hexadecimal: digits)).starts(in: text) == starts)
  }

  @Test(
    arguments: [
      "", " ", "?", "??", "?? ??", "6", "616", "6g", "0x61", "61,62", "61-62", "\u{ff11}1", "61\n62", "-1", "+1", "é1",
      String(repeating: "61", count: 4097), String(repeating: "??", count: 4096),
    ]) func whatIsNoRowOfBytesIsRefused(digits: String)
  {
    #expect(BytesPattern(hexadecimal: digits) == nil)
  }

  @Test func aTextHasUpTo4096Bytes() throws {
    #expect(BytesPattern(text: "") == nil)
    #expect(BytesPattern(text: String(repeating: "a", count: 4097)) == nil)
    let longest = String(repeating: "ab", count: 2048)
    let pattern = try #require(BytesPattern(text: longest))
    #expect(pattern.starts(in: "b" + longest + "ab" + "a") == [1, 3])
    let masked = try #require(BytesPattern(hexadecimal: "61" + String(repeating: "??", count: 4094) + "62"))
    #expect(masked.starts(in: longest) == [0])
  }

  /// Bytes are no words and no text.
  @Test func wordsAndWideTextAreForTextsOnly() throws {
    let bytes = try #require(BytesPattern(hexadecimal: "61"))
    #expect(bytes.wholeWord == nil && bytes.wide == nil)
    let text = try #require(BytesPattern(text: "a"))
    #expect(text.wholeWord != nil && text.wide?.isWide == true)
  }

  private static let needles = ["6?", "61 62", "?? 61 ?? 62", "62 ?1", "61 61 61", "?2 6? 61 6?", "00 ??"]

  /// Against every place tried by itself, whatever the chunk, the regions and the reads.
  @Test(arguments: needles, [1, 2, 3, 7, 4096]) func noBorderShows(digits: String, chunk: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk))
    let pattern = try #require(BytesPattern(hexadecimal: digits))
    for threads in [1, 2, 5] {
      let bytes = (0..<500).map { _ in Array("abaAB\0".utf8)[Int.random(in: 0..<6, using: &generator)] }
      let expected = ReferenceBytes(hexadecimal: digits).matches(in: bytes)
      #expect(!expected.isEmpty)
      let start = (4 << 20) - UInt64(Int.random(in: 0...500, using: &generator))
      let memory = try TestMemory(
        pieces(of: bytes, at: start, upTo: 40, using: &generator),
        longestRead: Int.random(in: 1...99, using: &generator))
      let items = try Scan(patterns: [pattern], chunk: chunk, threads: threads).items(memory)
      #expect(items.map(\.address) == expected.map { start + UInt64($0.lowerBound) })
    }
  }

  /// Most of untouched memory is not looked at, so none of it has matches; those that reach into it are found.
  @Test(arguments: [1, 3, 64, 4096, 1 << 20], [1, 3]) func noMatchBeginsInUntouchedMemory(chunk: Int, threads: Int)
    throws
  {
    let zeros = try #require(BytesPattern(hexadecimal: "00 00"))
    let mixed = try #require(BytesPattern(hexadecimal: "?? 00 ?? 01"))
    for untouched in [1, 2, 3, 100, 5000, 1 << 21] as [UInt64] {
      let start: UInt64 = (4 << 20) - 50
      let memory = try PatchyMemory(
        start: start, [.bytes([7, 0, 0, 0]), .absent(untouched), .bytes([1, 0, 0, 1]), .absent(untouched)])
      func places(_ pattern: BytesPattern) throws -> [UInt64] {
        try Scan(patterns: [pattern], chunk: chunk, threads: threads).items(memory).map { $0.address - start }
      }
      #expect(try places(zeros) == [1, 2, 3, 5 + untouched])
      #expect(try places(mixed) == (untouched < 3 ? [1 + untouched] : []) + [4 + untouched])
    }
  }
}
