import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct StringsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var encoding = TextEncoding.ascii
    var shortest = 4
    var memory: String
    /// Offset and text of each run.
    var runs: [(Int, String)]
    var testDescription: String { "\(encoding) \(shortest) \(memory.debugDescription)" }

    init(_ memory: String, _ runs: [(Int, String)], _ encoding: TextEncoding = .ascii, shortest: Int = 4) {
      (self.memory, self.runs, self.encoding, self.shortest) = (memory, runs, encoding, shortest)
    }
  }

  private static let long = String(repeating: "x", count: 63)

  static let ascii: [Case] = [
    Case("", []),
    Case("abc", []),
    Case("abcd", [(0, "abcd")]),
    Case("\0abcd", [(1, "abcd")]),
    Case("abcd\0", [(0, "abcd")]),
    Case("abc\0abcd\0ab", [(4, "abcd")]),
    Case("abcd\0efgh", [(0, "abcd"), (5, "efgh")]),
    Case("abcd\0\0\0efghi", [(0, "abcd"), (7, "efghi")]),
    Case("    ", [(0, "    ")]),
    Case("\t\t\t\t", [(0, "\t\t\t\t")]),
    Case("a\tb ", [(0, "a\tb ")]),
    Case("a\nbcdef", [(2, "bcdef")]),
    Case("abcd\r\nefgh", [(0, "abcd"), (6, "efgh")]),
    Case("~~~~\u{7f}", [(0, "~~~~")]),
    Case("\u{1f}    \u{7f}", [(1, "    ")]),
    Case("abcd\u{80}efgh", [(0, "abcd"), (5, "efgh")]),
    Case("abc\u{ff}def", []),
    Case("\u{b}\u{c}abcd", [(2, "abcd")]),
    Case("\u{8}abcd\u{a}", [(1, "abcd")]),
    Case("caf\u{c3}\u{a9} au lait", [(5, " au lait")]),
    Case("a", [(0, "a")], shortest: 1),
    Case("\0a\0b", [(1, "a"), (3, "b")], shortest: 1),
    Case("a\0bc\0def", [(2, "bc"), (5, "def")], shortest: 2),
    Case("abcd\0abcde", [(5, "abcde")], shortest: 5),
    Case("abcdef\0abcdefg", [(7, "abcdefg")], shortest: 7),
    Case(long, [], shortest: 64),
    Case(long + "y", [(0, long + "y")], shortest: 64),
    Case(long + "yz", [(0, long + "yz")], shortest: 64),
    Case("\0" + long + "yz\0", [], shortest: 66),
    Case("\0" + long + long + "\0" + long, [(1, long + long)], shortest: 100),
    Case(String(repeating: "\0", count: 62) + "abcd", [(62, "abcd")]),
    Case(String(repeating: "\0", count: 61) + "abcd\0", [(61, "abcd")]),
    Case(String(repeating: "ab\0", count: 100), []),
    Case(String(repeating: "ab\0", count: 3), [(0, "ab"), (3, "ab"), (6, "ab")], shortest: 2),
    Case("a\0b\0c\0d\0", []),
  ]

  static let utf8: [Case] = [
    Case("abcd", [(0, "abcd")], .utf8),
    Case("caf\u{c3}\u{a9}", [(0, "caf\u{c3}\u{a9}")], .utf8),
    Case("ca\u{c3}\u{a9}", [], .utf8),
    Case("\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}", [], .utf8),
    Case(
      "\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}", [(0, "\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}")],
      .utf8),
    Case("abcd\u{c3}", [(0, "abcd")], .utf8),
    Case("abcd\u{c3}efgh", [(0, "abcd"), (5, "efgh")], .utf8),
    Case("\u{a9}abcd", [(1, "abcd")], .utf8),
    Case("abcd\u{c3}\u{a9}\u{a9}efgh", [(0, "abcd\u{c3}\u{a9}"), (7, "efgh")], .utf8),
    Case("abcd\u{c1}\u{a9}", [(0, "abcd")], .utf8),
    Case("abcd\u{e0}\u{9f}\u{bf}", [(0, "abcd")], .utf8),
    Case("abcd\u{e0}\u{a0}\u{80}", [(0, "abcd\u{e0}\u{a0}\u{80}")], .utf8),
    Case("abcd\u{ed}\u{a0}\u{80}", [(0, "abcd")], .utf8),
    Case("abcd\u{ed}\u{9f}\u{bf}", [(0, "abcd\u{ed}\u{9f}\u{bf}")], .utf8),
    Case("abcd\u{f0}\u{8f}\u{bf}\u{bf}", [(0, "abcd")], .utf8),
    Case("abcd\u{f0}\u{9f}\u{98}\u{80}", [(0, "abcd\u{f0}\u{9f}\u{98}\u{80}")], .utf8),
    Case("abcd\u{f4}\u{90}\u{80}\u{80}", [(0, "abcd")], .utf8),
    Case("abcd\u{f4}\u{8f}\u{bf}\u{bf}", [(0, "abcd\u{f4}\u{8f}\u{bf}\u{bf}")], .utf8),
    Case("abcd\u{f5}\u{80}\u{80}\u{80}", [(0, "abcd")], .utf8),
    Case("abcd\u{c2}\u{9b}efgh", [(0, "abcd"), (6, "efgh")], .utf8),
    Case("abcd\u{e2}\u{80}\u{8f}efgh", [(0, "abcd"), (7, "efgh")], .utf8),
    Case("abcd\u{ef}\u{bb}\u{bf}efgh", [(0, "abcd"), (7, "efgh")], .utf8),
  ]

  static let utf16: [Case] = [
    Case("abcd", [], .utf16),
    Case("a\0b\0c\0d\0", [(0, "abcd")], .utf16),
    Case("a\0b\0c\0d", [], .utf16),
    Case("a\0b\0c\0d\0e", [(0, "abcd")], .utf16),
    Case("\0a\0b\0c\0d\0", [(1, "abcd")], .utf16),
    Case("a\0b\0c\0\0\0d\0", [], .utf16),
    Case("a\0b\0c\0d\0\0e\0f\0g\0h\0", [(0, "abcd"), (9, "efgh")], .utf16),
    Case("xa\0b\0c\0d\0y", [(1, "abcd")], .utf16),
    Case("a\0b\0c\0d\0e\u{1}f\0g\0h\0i\0", [(0, "abcd"), (10, "fghi")], .utf16),
    Case("\t\0 \0~\0a\0", [(0, "\t ~a")], .utf16),
    Case("\u{7f}\0a\0b\0c\0", [], .utf16),
    Case("a\0", [(0, "a")], .utf16, shortest: 1),
    Case("\0a", [], .utf16, shortest: 1),
    Case("\0\0\0\0\0\0\0\0", [], .utf16, shortest: 1),
  ]

  @Test(arguments: ascii + utf8 + utf16) func findsWhatItShall(sample: Case) throws {
    let bytes = latin1(sample.memory)
    guard !bytes.isEmpty else { return }
    for (chunk, threads) in [(1 << 20, 1), (1, 1), (7, 1), (64, 1), (5, 3)] {
      var list = FindingRecorder()
      let strings = Strings(
        encoding: sample.encoding, shortest: sample.shortest, chunk: chunk, threads: threads, longest: 4096,
        blockByteCount: 16)
      let summary = try strings.run(TestMemory([0x1000: bytes]), into: &list)
      #expect(
        list.items == sample.runs.map { FindingRecorder.Item(address: 0x1000 + UInt64($0.0), text: $0.1) },
        "chunk \(chunk), \(threads) threads")
      #expect(summary.byteCount == UInt64(bytes.count))
      #expect(summary.findingCount == UInt64(sample.runs.count))
    }
  }

  @Test func thereAreManyCases() { #expect(Self.ascii.count + Self.utf8.count + Self.utf16.count >= 60) }

  /// The kernel and what is printed agree on each character of Unicode: nothing that is found is escaped, and the other way
  /// round.
  @Test func everyCharacterThatIsFoundIsPrintedAsItIs() throws {
    var memory: [UInt8] = []
    var expected: [UInt64] = []
    for value in UInt32(0x80)...0x10ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let bytes = Array(String(Character(scalar)).utf8)
      if EscapedText(bytes).description.utf8.elementsEqual(bytes) { expected.append(UInt64(memory.count)) }
      memory += bytes + [0]
    }
    var list = FindingRecorder()
    _ = try Strings(encoding: .utf8, shortest: 1).run(TestMemory([0: memory]), into: &list)
    #expect(list.items.map(\.address) == expected)
  }

  @Test func aRunGoesOnOverAdjacentRegionsAndIsOfTheFirst() throws {
    let memory = try TestMemory([
      0x1000: Array("..abc".utf8), 0x1005: Array("def\0ghij".utf8), 0x2000: Array("klmn".utf8),
    ])
    var list = FindingRecorder()
    _ = try Strings().run(memory, number: 3, into: &list)
    #expect(list.items.map(\.text) == ["..abcdef", "ghij", "klmn"])
    #expect(list.findings.map(\.region) == [0, 1, 2])
    #expect(list.findings.map(\.byteCount) == [8, 4, 4])
    #expect(list.findings.allSatisfy { $0.source == 3 && $0.pattern == 0 })
  }

  @Test func whatIsNotSelectedIsABoundary() throws {
    let memory = try TestMemory([0x1000: Array("abcdefghijkl".utf8)])
    var list = FindingRecorder()
    _ = try Strings().run(
      memory, ranges: [Range(0x1001, 0x1005), Range(0x1006, 0x1008), Range(0x1008, 0x100a)], into: &list)
    #expect(list.items.map(\.text) == ["bcde", "ghij"])
  }

  @Test(arguments: [1, 2, 8]) func ofALongRunTheFirstBytesAreKeptAndAllAreCounted(threads: Int) throws {
    let long = [UInt8](repeating: 0x41, count: 100_000)
    let memory = try TestMemory([0x1000: long + [0] + Array("tail".utf8)])
    let strings = Strings(
      encoding: .ascii, shortest: 4, chunk: 1000, threads: threads, longest: Strings.longestText, blockByteCount: 4096)
    var list = FindingRecorder()
    _ = try strings.run(memory, into: &list)
    #expect(list.items.map(\.text.utf8.count) == [Strings.longestText, 4])
    #expect(list.findings.map(\.byteCount) == [100_000, 4])
    var tally = Tally()
    _ = try strings.count(memory, into: &tally)
    #expect(tally.rows().map(\.byteCount) == [100_000, 4])
    #expect(tally.rows().first?.text == Array(long.prefix(Strings.longestText)))
  }

  /// Where the text ends in the middle of a character, that is left out.
  @Test(arguments: 0..<4) func aLongTextIsCutBetweenCharacters(shift: Int) throws {
    let text = String(repeating: "x", count: shift) + String(repeating: "\u{1f600}", count: 2000)
    var list = FindingRecorder()
    _ = try Strings(encoding: .utf8, chunk: 77).run(TestMemory([0: Array(text.utf8)]), into: &list)
    #expect(list.findings.map(\.byteCount) == [UInt64(text.utf8.count)])
    #expect(list.items.first?.text == Array(text.utf8.prefix(shift + (4096 - shift) / 4 * 4)).latin1)
  }

  @Test(arguments: [1, 3]) func aSinkMayEndIt(threads: Int) throws {
    let memory = try TestMemory([0x1000: Array("aaaa\0bbbb\0cccc\0dddd".utf8)])
    var list = FindingRecorder(limit: 2)
    let strings = Strings(
      encoding: .ascii, shortest: 4, chunk: 4, threads: threads, longest: 4096, blockByteCount: 4)
    let summary = try strings.run(memory, into: &list)
    #expect(list.items.map(\.text) == ["aaaa", "bbbb"])
    #expect(summary.isPartial)
  }

  @Test(arguments: [1, 3]) func itEndsWhenItIsTold(threads: Int) throws {
    let memory = try TestMemory([0x1000: [UInt8](repeating: 0x41, count: 1 << 16)])
    let control = WorkControl()
    control.stop()
    let strings = Strings(
      encoding: .ascii, shortest: 4, chunk: 16, threads: threads, longest: 4096, blockByteCount: 16)
    var (list, tally) = (FindingRecorder(), Tally())
    #expect(try strings.run(memory, into: &list, control: control).isPartial)
    #expect(try strings.count(memory, into: &tally, control: control).isPartial)
    #expect(list.items.count <= 1 && tally.total <= 1)
  }
}
