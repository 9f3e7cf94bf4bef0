import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct TextTemplateTests {
  static let cases: [(String, String)] = [
    ("", ""),
    ("no digits", "no digits"),
    ("10.1.2.3:8080", "#.#.#.#:#"),
    ("event-17 user=4", "event-# user=#"),
    ("event-9 user=123456", "event-# user=#"),
    ("session:9f8e7d6c5b4a3f2e", "session:H"),
    ("session:9F8E7D6C5B4A3F2E", "session:H"),
    ("12345678", "#"),
    ("1234567890123456789012345678901234567890", "#"),
    ("deadbeef", "deadbeef"),
    ("deadbee1", "H"),
    ("1234567a", "H"),
    ("123456a", "#a"),
    ("abc1def", "abc#def"),
    ("feedface12345678", "H"),
    ("xfeedface12345678x", "xHx"),
    ("0x7ffd1234abcd", "#xH"),
    ("0x1f", "#x#f"),
    ("-7.5e10", "-#.#e#"),
    ("123e4567-e89b-12d3-a456-426614174000", "H"),
    ("pod-123e4567-e89b-12d3-a456-426614174000-x", "pod-H-x"),
    ("12345678-1234-1234-1234-123456789012", "H"),
    ("123e4567-e89b-12d3-a456-4266141740001", "H-e#b-#d#-a#-#"),
    ("123e4567-e89b-12d3-a456-42661417400", "H-e#b-#d#-a#-#"),
    ("0123e4567-e89b-12d3-a456-426614174000", "H-e#b-#d#-a#-#"),
    ("2026-11-24T12:00:01Z", "#-#-#T#:#:#Z"),
    ("a1b2", "a#b#"),
    ("v1", "v#"),
    ("\u{c3}\u{a9}1", "\u{c3}\u{a9}#"),
    ("1 2\t3", "# #\t#"),
  ]

  @Test(arguments: cases.indices) func theTemplateOfATextIsAsTheRuleHasIt(index: Int) {
    let (text, template) = Self.cases[index]
    #expect(TextTemplate.template(of: latin1(text)).latin1 == template)
    #expect(ReferenceStrings.template(of: latin1(text)).latin1 == template)
  }

  /// Of every short text over a few bytes: where it is told to be the only one with its template, no other one has it.
  @Test func theOnlyTextOfATemplateIsTheOnlyOne() {
    let alphabet = Array("ag1#H-".utf8)
    var texts: [[UInt8]] = [[]]
    for length in 1...6 {
      texts += texts.filter { $0.count == length - 1 }.flatMap { text in alphabet.map { text + [$0] } }
    }
    var (templates, only): ([[UInt8]: Int], [[UInt8]]) = ([:], [])
    for text in texts {
      var template = text
      let (count, isOnly) = unsafe ScanKernel.writeTemplate(text.span.bytes, to: &template)
      #expect(Array(template[..<count]) == ReferenceStrings.template(of: text), "\(text.latin1)")
      templates[Array(template[..<count]), default: 0] += 1
      if isOnly { only.append(text) }
    }
    // Those of nothing but letters, and no more.
    #expect(only.count == (0...6).reduce(0) { $0 + 1 << $1 })
    #expect(only.allSatisfy { templates[$0] == 1 })
  }

  /// The text that is kept once is its own example, also where other texts only look like their templates.
  @Test(arguments: [1, 3]) func everyTemplateHasAnExample(threads: Int) throws {
    var text: [UInt8] = []
    for number in 0..<3000 {
      text += "no number at all, as in most texts of a program".utf8 + [0] + "short one".utf8 + [0]
      text += (number == 7 ? "event #" : "event \(number)").utf8 + [0]
      text += (number == 9 ? "job H of it" : "job 1abcdef\(number) of it").utf8 + [0]
    }
    var tally = Tally(grouping: .template)
    _ = try Strings(threads: threads).count(TestMemory([0x1000: text]), into: &tally)
    let rows = tally.rows()
    #expect(
      Set(rows.map(\.text.latin1)) == [
        "no number at all, as in most texts of a program", "short one", "event #", "job H of it",
      ])
    #expect(rows.allSatisfy { $0.count == 3000 && TextTemplate.template(of: $0.example) == $0.text })
    #expect(rows.filter { $0.example == $0.text }.count == 2)
  }

  @Test func aMillionLinesAreAFewRows() throws {
    var tally = Tally(grouping: .template)
    var text: [UInt8] = []
    for index in 0..<10_000 {
      text += "GET /user/\(index) took \(index % 97) ms".utf8 + [0]
      text += "job 1\(String(0xabcd_0000 + index, radix: 16)) ok".utf8 + [0]
    }
    text += "a single long line, of which there is one only".utf8
    _ = try Strings().count(TestMemory([0x1000: text]), into: &tally)
    let rows = tally.rows()
    #expect(rows.map(\.text.latin1).prefix(2) == ["GET /user/# took # ms", "job H ok"])
    #expect(rows.first.map { TextTemplate.template(of: $0.example) } == rows.first?.text)
    #expect(rows.prefix(2).map(\.count) == [10_000, 10_000])
    #expect(rows.reduce(0) { $0 + $1.byteCount } == tally.totalByteCount)
    #expect(!tally.isApproximate)
  }

  /// What is found first is often one of its kind; and the same memory gives the same example.
  @Test(arguments: [1, 3]) func theExampleIsOneAsMostAre(threads: Int) throws {
    var text: [UInt8] = []
    for index in 0..<10_000 { text += (index == 0 ? "session 0 of 0" : "session 4711 of 9000").utf8 + [0] }
    var examples: Set<String> = []
    for _ in 0..<3 {
      var tally = Tally(grouping: .template)
      _ = try Strings(threads: threads).count(TestMemory([0x1000: text]), into: &tally)
      examples.formUnion(tally.rows().map(\.example.latin1))
    }
    #expect(examples == ["session 4711 of 9000"])
  }
}
