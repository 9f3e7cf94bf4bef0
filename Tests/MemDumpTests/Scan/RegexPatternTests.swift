#if Regex
  import MemDumpTestSupport
  import Testing

  @testable import MemDump

  /// An expression, what stands in memory, and the matches. Characters up to U+00FF are one byte each.
  private typealias Case = (expression: String, text: String, matches: [String])

  @Suite struct RegexPatternTests {
    private static let expressions: [Case] = [
      ("a", "", []),
      ("a", "b", []),
      ("a", "a", ["a"]),
      ("a", "aaa", ["a", "a", "a"]),
      ("a+", "aaa baa", ["aaa", "aa"]),
      ("a+?", "aaa", ["a", "a", "a"]),
      ("a*", "baab", ["aa"]),
      ("a?", "ab", ["a"]),
      ("a{2}", "aaaaa", ["aa", "aa"]),
      ("a{2,3}", "aaaaa", ["aaa", "aa"]),
      ("aba", "ababa", ["aba"]),
      ("[0-9]+", "a12b345", ["12", "345"]),
      ("[^0-9]+", "12ab34", ["ab"]),
      ("\\d+", "x9 80", ["9", "80"]),
      ("\\w+", "a_b-c", ["a_b", "c"]),
      ("\\s+", "a \t\nb", [" \t\n"]),
      ("\\S+", "ab cd", ["ab", "cd"]),
      ("[[:xdigit:]]{4}", "beefg cafe", ["beef", "cafe"]),
      ("user=[a-z]+", "user=bob&user=eve", ["user=bob", "user=eve"]),
      ("key-[0-9]{4}", "key-12 key-1234", ["key-1234"]),
      ("GET /[^ ]*", "GET /a HTTP GET /", ["GET /a", "GET /"]),
      ("foo|bar", "foobar bar", ["foo", "bar", "bar"]),
      ("foo|foobar", "foobar", ["foo"]),
      ("(foo|fo)o", "fooo foo", ["fooo", "foo"]),
      ("(a|b)\\1", "abaabb", ["aa", "bb"]),
      ("(?i)abc", "ABC abc", ["ABC", "abc"]),
      ("(?i:a)b", "Ab AB", ["Ab"]),
      ("a.c", "abc a\nc a\0c a\u{ff}c", ["abc", "a\0c", "a\u{ff}c"]),
      ("(?s)a.c", "a\nc", ["a\nc"]),
      ("a\\.c", "abc a.c", ["a.c"]),
      ("^a", "a a\na", ["a", "a"]),
      ("a$", "a a\na", ["a", "a"]),
      ("^a$", "a\naa\na", ["a", "a"]),
      ("^", "abc", []),
      ("$", "abc", []),
      ("\\Aa", "a\na", ["a"]),
      ("a\\z", "a\na", ["a"]),
      ("a\\Z", "a\na\n", ["a"]),
      ("^a", "\0a", []),
      ("a$", "a\0", []),
      ("\\ba", "a ba -a", ["a", "a"]),
      ("a\\b", "ab a", ["a"]),
      ("\\Ba", "a ba", ["a"]),
      ("(?<=x)a", "a xa", ["a"]),
      ("(?<!x)a", "a xa", ["a"]),
      ("a(?=x)", "a ax", ["a"]),
      ("a(?!x)", "a ax", ["a"]),
      ("(?<=ab|c)d", "abd cd d", ["d", "d"]),
      ("x\\Ka+", "aa xaa", ["aa"]),
      ("(?=a)", "aaa", []),
      ("\\xff", "\u{ff}", ["\u{ff}"]),
      ("\\x00+", "a\0\0b", ["\0\0"]),
      ("[\\x80-\\xff]+", "a\u{80}\u{ff}b", ["\u{80}\u{ff}"]),
      ("[ -~]{4,}", "\u{1}abc\0hello\0", ["hello"]),
      ("\\x02\\x00..\\x0a", "\u{2}\0\u{1f}\u{90}\u{a}", ["\u{2}\0\u{1f}\u{90}\u{a}"]),
      ("\\Qa.b\\E", "aXb a.b", ["a.b"]),
      ("(?x) a  b # a comment", "ab", ["ab"]),
      ("a++b", "aaab", ["aaab"]),
      ("a++a", "aaa", []),
      ("(?>a|ab)c", "abc ac", ["ac"]),
      ("\\((?:[^()]|(?R))*\\)", "(a(b)c) (", ["(a(b)c)"]),
      ("(?<y>\\d{4})-(?<m>\\d\\d)", "2026-11", ["2026-11"]),
      ("\\N+", "ab\ncd", ["ab", "cd"]),
      ("\\R", "a\r\nb\nc", ["\r\n", "\n"]),
      ("\\C", "a\n", ["a", "\n"]),
      ("\\h+", "a \tb", [" \t"]),
      ("a(*SKIP)(*FAIL)|b", "ab", ["b"]),
      ("(*NO_JIT)a+", "aa", ["aa"]),
      ("(*NO_START_OPT)a+", "baa", ["aa"]),
      ("a(?C1)b", "ab", ["ab"]),
      ("\\p{Lu}", "aB", ["B"]),
      ("\\u00", "", []),
    ]

    @Test(arguments: expressions) func anExpressionFindsWhatItMeans(expression: String, text: String, matches: [String])
      throws
    {
      guard !expression.hasPrefix("\\u") else {
        #expect(throws: MemDumpError.self) { try RegexPattern(expression) }
        return
      }
      #expect(try RegexPattern(expression).texts(in: text) == matches)
    }

    @Test func thereAreCasesEnough() { #expect(Self.expressions.count >= 60) }

    private static let inEitherCase: [Case] = [
      ("abc", "ABC abc aBc", ["ABC", "abc", "aBc"]), ("[a-c]+", "ABCD", ["ABC"]), ("\\x41", "a", ["a"]),
      ("(?-i)a", "aA", ["a"]), ("1", "\u{11}", []),
    ]

    @Test(arguments: inEitherCase) func lettersMatchInEitherCaseWhereTold(
      expression: String, text: String, matches: [String]
    ) throws {
      #expect(try RegexPattern(expression, ignoringCase: true).texts(in: text) == matches)
    }

    /// A match with a letter next to it is left out whole: no shorter one takes its place.
    private static let wholeWords: [Case] = [
      ("[0-9]+", "12 a34 56b 7_ 8", ["12", "8"]),
      ("[a-z]+[0-9]", "ab1 ab1c", ["ab1"]),
      ("a|b", "ab", []),
      ("a+", "aa baa", ["aa"]),
      ("[0-9]{2}", "123", ["12"]),
      ("\\.", "a. b .", ["."]),
    ]

    @Test(arguments: wholeWords) func lettersForbidAMatchWhereTold(expression: String, text: String, matches: [String])
      throws
    {
      #expect(try #require(RegexPattern(expression).wholeWord).texts(in: text) == matches)
    }

    private static let mistakes: [(expression: String, offset: Int, message: String)] = [
      ("(a", 2, "missing closing parenthesis"), ("a)", 1, "unmatched closing parenthesis"),
      ("[a", 2, "missing terminating ] for character class"),
      ("*a", 0, "quantifier does not follow a repeatable item"),
      ("a{2,1}", 5, "numbers out of order in {} quantifier"), ("\\", 1, "\\ at end of pattern"),
      ("(*UTF)a", 6, "using UTF is disabled by the application"),
      ("\\1", 1, "reference to non-existent subpattern"),
      ("(?P<", 4, "subpattern name expected"),
    ]

    @Test(arguments: mistakes) func aMistakeIsToldWithItsPlace(expression: String, offset: Int, message: String) throws
    {
      let error = #expect(throws: MemDumpError.self) { try RegexPattern(expression) }
      #expect(error?.code == .badExpression)
      let text = EscapedText(expression.utf8)
      #expect(error?.description == "'\(text)' is not a regular expression: \(message), at byte \(offset).")
    }

    @Test func nothingIsAnExpressionThatFindsNothing() throws {
      #expect(try RegexPattern("").texts(in: "abc") == [])
    }

    @Test(arguments: 1...6) func goesOnWhereAListWasFull(capacity: Int) throws {
      let bytes = Array("a1 b22 c333 d4444 \n".utf8)
      for expression in ["[a-z]", "[0-9]+", ".", "\\w\\K\\d", "(?<=2)."] {
        let pattern = try RegexPattern(expression, cell: 4, longest: 8)
        #expect(pattern.places(in: bytes, capacity: capacity) == pattern.places(in: bytes), "\(expression)")
      }
    }

    /// Up to 4096 bytes a match is seen whole, wherever it begins.
    @Test(arguments: [0, 1, 4095, 4096, 61439, 61440, 65535]) func aMatchOf4096BytesIsSeenWhole(offset: Int) throws {
      var bytes = [UInt8](repeating: 0x2e, count: 3 << 16)
      for start in [offset, offset + 1 << 16] {
        bytes.replaceSubrange(start..<start + 4096, with: [0x3c] + [UInt8](repeating: 0x2d, count: 4094) + [0x3e])
      }
      let pattern = try RegexPattern("<-*>")
      #expect(
        pattern.places(in: bytes, at: 0x7fff_0000_0000)
          == [offset..<offset + 4096, offset + 1 << 16..<offset + 1 << 16 + 4096])
    }

    /// A line without an end has one match in the cell it begins in, cut off, and goes on without another for a while.
    @Test func aLongerMatchIsCutOffBehindItsCell() throws {
      let bytes = [UInt8](repeating: 0x61, count: 200_000)
      #expect(try RegexPattern("a+").places(in: bytes).first == 0..<65536 + 4096)
      #expect(try RegexPattern("^a+$").places(in: bytes) == [])
      #expect(try RegexPattern("^a+$").places(in: Array(bytes[..<60_000])) == [0..<60_000])
    }

    /// What the engine gives up on is told, and what lies further on is found.
    @Test(arguments: ["", "(*NO_JIT)"]) func aCatastropheIsBoundedAndTold(prefix: String) throws {
      let evil = [UInt8](repeating: 0x61, count: 3000)
      let bytes = evil + Array("!\nab!\n".utf8) + [UInt8](repeating: 0x2e, count: 9000) + Array("\naa\n".utf8)
      let memory = try TestMemory([0x10000: bytes])
      for threads in [1, 3] {
        var list = FindingRecorder()
        let scan = Scan(patterns: [try RegexPattern(prefix + "^(a+)+$")], chunk: 1000, threads: threads)
        let summary = try scan.run(memory, into: &list)
        #expect(list.items == [.init(address: 0x10000 + UInt64(bytes.count) - 3, text: "aa")])
        #expect(summary.limitCount == 1)
        #expect(summary.firstLimit == SourceAddress(source: 0, address: Address(0x10000)))
      }
    }

    /// Cells so small that windows end among them: a place is told by the one window that owns it.
    @Test(arguments: [7, 50, 300]) func aLimitIsToldOnceWhateverTheBorders(chunk: Int) throws {
      let pattern = try RegexPattern("(a+)+$", cell: 16, longest: 64)
      let memory = try TestMemory([0x1003: [UInt8](repeating: 0x61, count: 500) + [0x2e]])
      var list = FindingRecorder()
      let whole = try Scan(patterns: [pattern]).run(memory, into: &list)
      let pieces = try Scan(patterns: [pattern], chunk: chunk).run(memory, into: &list)
      #expect(whole.limitCount > 1 && whole.firstLimit?.address == Address(0x1003))
      #expect(pieces == whole)
    }

    @Test func limitsOfSeveralSourcesAddUp() throws {
      var tally = Tally()
      let scan = Scan(patterns: [try RegexPattern("(a+)+$"), try RegexPattern("(a*)*\\n")], threads: 2)
      let bytes = [UInt8](repeating: 0x61, count: 1000) + [0x2e]
      var total = SearchSummary()
      for number in 0..<2 {
        total.add(
          try scan.count(try TestMemory([UInt64(0x2000 - 0x1000 * number): bytes]), number: number, into: &tally))
      }
      #expect(total.limitCount == 2 * (1000 / 4096 + 1))
      #expect(total.firstLimit == SourceAddress(source: 0, address: Address(0x2000)))
    }

    /// Many threads ask one pattern at once.
    @Test func aPatternIsAskedByManyThreads() throws {
      let text = Array(String(repeating: "user=bob1 ", count: 7000).utf8)
      let memory = try TestMemory(Dictionary(uniqueKeysWithValues: (1...24).map { (UInt64($0) << 24 - 35_000, text) }))
      var tally = Tally()
      let scan = Scan(patterns: [try RegexPattern("user=[a-z]+[0-9]")], threads: 8)
      _ = try scan.count(memory, into: &tally)
      #expect(tally.rows().map(\.count) == [24 * 7000])
    }
  }
#endif
