import MemDumpTestSupport
import Testing

@testable import MemDump

/// `--word`, pattern by pattern: no letter and no `_` stands right next to a match.
@Suite struct WholeWordPatternTests {
  private static let texts: [(pattern: String, text: String, matches: String)] = [
    ("ipv4-port", "a1.2.3.4:80 1.2.3.4:80b _1.2.3.4:80 1.2.3.4:80", "1.2.3.4:80"),
    ("ipv4", "v1.2.3.4 1.2.3.4x 5.6.7.8", "5.6.7.8"),
    ("ipv6-port", "[::1]:80x [::2]:80_ [::3]:80", "[::3]:80"),
    ("host-port", "a.org:80x a.org:81_ a.org:82", "a.org:82"),
    ("uuid", "g123e4567-e89b-12d3-a456-426614174000", ""),
    ("uuid", "-123e4567-e89b-12d3-a456-426614174000-", "123e4567-e89b-12d3-a456-426614174000"),
    ("url", "_http://a.b/ http://c.d/", "http://c.d/"),
    ("url", "http://a/bftp://c.d/", "bftp://c.d/"),
    ("url", "http://a/bhttp://c.d/", ""),
    ("url", "(http://a.b/x_y)", "http://a.b/x_y"),
    // Letters and _ are part of an address, so none is ever next to one.
    ("email", "_x@a.org, y@b.org.", "_x@a.org y@b.org"),
  ]

  @Test(arguments: texts) func noLetterIsNextToAMatch(pattern: String, text: String, matches: String) throws {
    let pattern = try #require(Patterns.pattern(named: pattern).wholeWord)
    #expect(pattern.texts(in: text).joined(separator: " ") == matches)
  }

  @Test func everyTextPatternKnowsWords() {
    for pattern in Patterns.all { #expect((pattern.wholeWord == nil) == (pattern.name == "sockaddr")) }
  }

  @Test func aListMayBeFullOfWhatIsLeftOut() throws {
    let pattern = try #require(BytesPattern(text: "a")?.wholeWord)
    #expect(pattern.places(in: Array("aaaaaaaaaa a aaa a".utf8), capacity: 2) == [11..<12, 17..<18])
  }

  /// The neighbour of a match that ends where the pattern's reach does.
  @Test(arguments: [1, 2, 3]) func theNeighbourIsWithinReach(chunk: Int) throws {
    let pattern = try #require(BytesPattern(text: "ab")?.wholeWord)
    let memory = try TestMemory([0x1000: Array("abab ab xab ab.".utf8)])
    #expect(try Scan(patterns: [pattern], chunk: chunk).items(memory).map(\.address) == [0x1005, 0x100c])
  }
}
