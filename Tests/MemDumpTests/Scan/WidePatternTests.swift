import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

@Suite struct WidePatternTests {
  /// A text that is wide, and the matches in it.
  private static let texts: [(pattern: String, text: String, matches: String)] = [
    ("ipv4-port", "10.0.0.1:80", "10.0.0.1:80"),
    ("ipv4-port", "x 10.0.0.1:80,10.0.0.2:81", "10.0.0.1:80 10.0.0.2:81"),
    ("ipv4-port", "1.2.3.4.5:80", ""),
    ("ipv4-port", "256.1.1.1:80", ""),
    ("ipv4-port", "é10.0.0.1:80€", "10.0.0.1:80"),
    ("ipv4-port", "\u{130}10.0.0.1:80\u{3000}", "10.0.0.1:80"),
    ("ipv4-port", "１10.0.0.1:80", "10.0.0.1:80"),
    ("ipv4", "at 10.1.2.3.", "10.1.2.3"),
    ("ipv4", "v1.2.3.4.5", ""),
    ("ipv6-port", "[2001:DB8::1]:443", "[2001:db8::1]:443"),
    ("ipv6-port", "[2001:DB8::1] :443", ""),
    ("host-port", "db.example.org:5432", "db.example.org:5432"),
    ("host-port", "12:30:00", ""),
    ("url", "see https://example.org/a?b=c, and", "https://example.org/a?b=c"),
    ("url", "https://example.org/ä", "https://example.org/"),
    ("url", "://x", ""),
    ("email", "<someone@example.org>", "someone@example.org"),
    ("email", "someone@example", ""),
    ("uuid", "{123e4567-e89b-12d3-a456-426614174000}", "123e4567-e89b-12d3-a456-426614174000"),
    ("uuid", "123e4567-e89b-12d3-a456-42661417400", ""),
  ]

  @Test(arguments: texts, [0, 1]) func findsTextAtEitherParity(
    of chosen: (pattern: String, text: String, matches: String), parity: Int
  ) throws {
    let pattern = try #require(Patterns.pattern(named: chosen.pattern).wide)
    let bytes = [UInt8](repeating: 0, count: parity) + wide(chosen.text)
    for padding in [[], [0], [0x41], [0x41, 0]] as [[UInt8]] {
      let memory = try TestMemory([0x1000: bytes + padding])
      let items = try Scan(patterns: [pattern]).items(memory)
      // A unit that follows is part of the text.
      guard padding != [0x41, 0] || chosen.pattern == "ipv4-port" else { continue }
      #expect(items.map(\.text).joined(separator: " ") == chosen.matches)
    }
  }

  @Test func tellsWhereAMatchBeginsAndHowLongItIs() throws {
    let pattern = try #require(IPv4Port().wide)
    let bytes = [7] + wide("a1.2.3.4:80") + [7, 7] + wide("1.2.3.4:80")
    #expect(pattern.places(in: bytes, at: 0x1000) == [3..<23, 25..<45])
    #expect(pattern.places(in: bytes, at: 0x1001) == [3..<23, 25..<45])
  }

  /// The bytes of ASCII are no units, and units are no ASCII.
  @Test func textInBytesIsNotWide() throws {
    let pattern = try #require(IPv4Port().wide)
    #expect(pattern.places(in: Array("10.0.0.1:80 10.0.0.1:80".utf8)) == [])
    #expect(IPv4Port().places(in: wide("10.0.0.1:80")) == [])
  }

  /// Big-endian text is that of the other parity, one unit less at the front.
  @Test func bigEndianTextIsSeenFromItsSecondByteOn() throws {
    let pattern = try #require(BytesPattern(text: "bcd")?.wide)
    #expect(pattern.places(in: [0] + wide("abcd")) == [3..<9])
  }

  @Test func whatIsNoTextIsNotWide() {
    #expect(SocketAddress().wide == nil && SocketAddress().wholeWord == nil)
    for pattern in Patterns.all where pattern.name != "sockaddr" {
      #expect(pattern.wide?.isWide == true && !pattern.isWide)
      #expect(pattern.wide?.name == pattern.name)
    }
  }

  @Test func wordsAndWideGoTogether() throws {
    let text = wide("a1.2.3.4:80 5.6.7.8:90é")
    let pattern = try #require(IPv4Port().wholeWord?.wide)
    #expect(pattern.places(in: text) == [24..<44])
    #expect(try #require(IPv4Port().wide?.wholeWord).places(in: text) == [24..<44])
    let find = try #require(BytesPattern(text: "cat")?.wholeWord?.wide)
    #expect(find.places(in: wide("cats cat")) == [10..<16])
  }

  @Test(arguments: 1...5) func goesOnWhereAListWasFull(capacity: Int) throws {
    let pattern = try #require(BytesPattern(text: "a")?.wide)
    let bytes = wide("abaaa") + [0x61] + wide("aaba") + [0x61, 0, 0]
    let whole = pattern.places(in: bytes)
    #expect(whole.count == 8)
    #expect(whole.map(\.lowerBound) == whole.map(\.lowerBound).sorted())
    #expect(pattern.places(in: bytes, capacity: capacity) == whole)
  }

  @Test func losesNothingWhereMatchesAreDense() throws {
    let pattern = try #require(BytesPattern(text: "a")?.wide)
    let bytes = [0] + wide(String(repeating: "a", count: 100_000))
    #expect(pattern.places(in: bytes).map(\.lowerBound) == (0..<100_000).map { 2 * $0 + 1 })
  }

  /// Against the reference over units that were made bytes in the plainest way, whatever the borders.
  @Test(arguments: [1, 2, 3, 7, 64, 4096], [1, 2, 5]) func noBorderShows(chunk: Int, threads: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk * threads))
    for pattern in [IPv4Port(), IPv4Port(wantsWholeWord: true)] {
      let bytes = mixture(using: &generator)
      let start = (4 << 20) - UInt64(Int.random(in: 0...bytes.count, using: &generator))
      let reference = IPv4PortReference(wantsWholeWord: pattern.wantsWholeWord)
      let expected = ReferenceWide(bytes).matches { reference.matches(in: $0) }.map { start + UInt64($0.lowerBound) }
      #expect(!expected.isEmpty)
      let memory = try TestMemory(
        pieces(of: bytes, at: start, upTo: 40, using: &generator),
        longestRead: Int.random(in: 1...99, using: &generator))
      let scan = Scan(patterns: [try #require(pattern.wide)], chunk: chunk, threads: threads)
      #expect(try scan.items(memory).map(\.address) == expected)
    }
  }

  /// Wide texts at both parities, and bytes between them.
  private func mixture(using generator: inout SeededGenerator) -> [UInt8] {
    let texts = ["1.2.3.4:80", "255.254.253.252:65535", "1.2.3.4:5.6.7.8:90", "256.1.1.1:1", "x9.9.9.9:9", ":", "1."]
    return (0..<40).flatMap { _ in
      let text = wide(texts[Int.random(in: 0..<texts.count, using: &generator)])
      let rest = [UInt8](repeating: 0x20, count: Int.random(in: 0...3, using: &generator))
      return text + (Bool.random(using: &generator) ? rest : [])
    }
  }

  /// Each pattern at once, in bytes and wide, in the order of addresses.
  @Test(arguments: [1, 64, 4096]) func allPatternsGoTogether(chunk: Int) throws {
    let texts = "10.1.2.3:80 [::1]:443 http://a.b/ me@x.org db.org:52 123e4567-e89b-12d3-a456-426614174000 "
    let bytes = Array(texts.utf8) + [0] + wide(texts)
    let patterns = Patterns.all + Patterns.all.compactMap(\.wide)
    var list = FindingRecorder()
    let memory = try TestMemory([0x1001: bytes])
    _ = try Scan(patterns: patterns, chunk: chunk).run(memory, into: &list)
    let plain = list.findings.filter { !patterns[$0.pattern].isWide }
    let wide = list.findings.filter { patterns[$0.pattern].isWide }
    #expect(plain.count == 7 && wide.count == 7)
    for (one, other) in zip(plain, wide) {
      #expect(patterns[one.pattern].name == patterns[other.pattern].name)
      #expect(2 * (one.address - Address(0x1001)) + UInt64(texts.utf8.count) + 1 == other.address - Address(0x1001))
    }
  }

  #if Regex
    @Test(arguments: [1, 64, 4096]) func expressionsFindWideText(chunk: Int) throws {
      let pattern = try #require(RegexPattern("user=[a-z]+$").wide)
      let memory = try TestMemory([0xffff: wide("user=bob\nuser=eve\nuser=é") + [0]])
      let items = try Scan(patterns: [pattern], chunk: chunk).items(memory)
      #expect(items.map(\.text) == ["user=bob", "user=eve"])
      #expect(items.map(\.address) == [0xffff, 0x10011])
    }

    @Test func limitsAreToldAtTheirPlace() throws {
      let pattern = try #require(RegexPattern("(a+)+$").wide)
      let text = wide(String(repeating: "a", count: 300) + ".")
      var list = FindingRecorder()
      let summary = try Scan(patterns: [pattern], chunk: 100).run(try TestMemory([0x1003: text]), into: &list)
      #expect(summary.limitCount == 1 && summary.firstLimit?.address == Address(0x1003))
    }
  #endif

  /// The kernel, with vectors and without, against the rule.
  @Test func unitsBecomeBytes() {
    let units = (0...0xffff).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    for count in [0, 1, 2, 15, 16, 31, 32, 33, 63, 65, 127, 0x10000] {
      var narrow: [UInt8] = []
      ScanKernel.narrow(units.span.bytes.extracting(first: 2 * count), into: &narrow)
      #expect(narrow == (0..<count).map { $0 < 0x80 ? UInt8($0) : 0x80 })
    }
  }
}
