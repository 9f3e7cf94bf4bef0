import Testing

@testable import MemDump

@Suite struct EscapedTextTests {
  @Test(arguments: [
    ("", ""), ("plain text, 1.2.3.4:80!", "plain text, 1.2.3.4:80!"), ("~ \\ \"", "~ \\\\ \""),
    ("a\\x0ab", "a\\\\x0ab"), ("\\", "\\\\"), ("grün", "grün"),
    ("日本語", "日本語"), ("😀", "😀"), ("\u{a0}", "\u{a0}"), ("\u{10fffd}", "\u{10fffd}"),
    // Control bytes: move the cursor, colour, end a line, ring.
    ("\0", "\\x00"), ("\u{7}", "\\x07"), ("\u{8}", "\\x08"), ("\t", "\\x09"), ("\n", "\\x0a"), ("\r", "\\x0d"),
    ("\u{1b}[2J", "\\x1b[2J"), ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"), ("\u{1f}", "\\x1f"), ("\u{7f}", "\\x7f"),
    ("a\nb", "a\\x0ab"), ("\r\n", "\\x0d\\x0a"),
    // C1: CSI and OSC in one character, next line.
    ("\u{80}", "\\u{80}"), ("\u{85}", "\\u{85}"), ("\u{9b}31m", "\\u{9b}31m"), ("\u{9d}", "\\u{9d}"),
    ("\u{9f}", "\\u{9f}"),
    // The direction of the text.
    ("\u{202a}", "\\u{202a}"), ("\u{202b}", "\\u{202b}"), ("\u{202c}", "\\u{202c}"), ("\u{202d}", "\\u{202d}"),
    ("a\u{202e}gpj.exe", "a\\u{202e}gpj.exe"), ("\u{2066}", "\\u{2066}"), ("\u{2067}", "\\u{2067}"),
    ("\u{2068}", "\\u{2068}"), ("\u{2069}", "\\u{2069}"), ("\u{200e}", "\\u{200e}"), ("\u{200f}", "\\u{200f}"),
    ("\u{61c}", "\\u{61c}"),
    // What no one can see, and what ends a line.
    ("\u{200b}", "\\u{200b}"), ("\u{200d}", "\\u{200d}"), ("\u{2028}", "\\u{2028}"), ("\u{2029}", "\\u{2029}"),
    ("\u{2060}", "\\u{2060}"), ("\u{feff}", "\\u{feff}"), ("\u{ad}", "\\u{ad}"), ("\u{e0041}", "\\u{e0041}"),
    // Their neighbours.
    ("\u{200a}", "\u{200a}"), ("\u{2010}", "\u{2010}"), ("\u{202f}", "\u{202f}"), ("\u{ac}", "\u{ac}"),
  ]) func leavesWhatCanBeSeenAndEscapesTheRest(text: String, escaped: String) {
    #expect(EscapedText(text.utf8).description == escaped)
  }

  @Test(
    arguments: [
      ([0x80], "\\x80"), ([0xff], "\\xff"), ([0xfe, 0xff], "\\xfe\\xff"), ([0xc3], "\\xc3"), ([0xc3, 0x28], "\\xc3("),
      ([0x61, 0xe2, 0x82], "a\\xe2\\x82"), ([0xe2, 0x82, 0x41], "\\xe2\\x82A"),
      ([0xf0, 0x9f, 0x98], "\\xf0\\x9f\\x98"),
      // Overlong: another way to write NUL, ESC and the slash.
      ([0xc0, 0x80], "\\xc0\\x80"), ([0xc0, 0x9b], "\\xc0\\x9b"), ([0xc1, 0xbf], "\\xc1\\xbf"),
      ([0xe0, 0x80, 0xaf], "\\xe0\\x80\\xaf"), ([0xf0, 0x80, 0x80, 0xaf], "\\xf0\\x80\\x80\\xaf"),
      ([0xe0, 0x82, 0x9b], "\\xe0\\x82\\x9b"),
      // Surrogates, and what is above the last character.
      ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xed, 0xb0, 0x80], "\\xed\\xb0\\x80"),
      ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"), ([0xf5, 0x80, 0x80, 0x80], "\\xf5\\x80\\x80\\x80"),
      ([0xf8, 0x88, 0x80, 0x80, 0x80], "\\xf8\\x88\\x80\\x80\\x80"),
      // What is fine after what is not.
      ([0xff, 0xc3, 0xa9], "\\xffé"), ([0xc3, 0xc3, 0xa9], "\\xc3é"),
    ] as [([UInt8], String)]) func escapesBytesThatAreNoUTF8(bytes: [UInt8], escaped: String)
  {
    #expect(EscapedText(bytes).description == escaped)
  }

  /// Two sequences of bytes never look alike, and each can be had again.
  @Test(arguments: 1...8) func theBytesCanBeHadAgain(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces: [[UInt8]] =
      ["\\", "x", "0a", "u{", "200b", "}", "é", "\n", "\u{200b}"].map { Array($0.utf8) } + [[0xff]]
    for _ in 0..<400 {
      let bytes = (0..<Int.random(in: 0..<9, using: &generator)).flatMap { _ in
        pieces.randomElement(using: &generator) ?? []
      }
      #expect(EscapedText.bytes(of: EscapedText(bytes).description) == bytes)
    }
  }

  @Test(arguments: [
    ("\\012", "\\012"), ("a\\", "a\\"), ("\\x0", "\\x0"), ("\\xg0", "\\xg0"), ("\\x+1", "\\x+1"), ("\\u{}", "\\u{}"),
    ("\\u{110000}", "\\u{110000}"), ("\\u{d800}", "\\u{d800}"), ("\\u{1234567}", "\\u{1234567}"), ("\\u41", "\\u41"),
    ("C:\\dir", "C:\\dir"), ("\\x41\\u{42}\\\\", "AB\\"),
  ]) func aBackslashThatBeginsNoEscapeStaysOne(text: String, meaning: String) {
    #expect(EscapedText.bytes(of: text) == Array(meaning.utf8))
  }

  @Test func aSpanIsEscapedLikeItsBytes() {
    let bytes: [UInt8] = [0x61, 0x1b, 0xff]
    let text = EscapedText(bytes.span.bytes).description
    #expect(text == "a\\x1b\\xff")
  }

  /// Whatever the bytes are, what comes out is one line without anything that a terminal obeys.
  @Test(arguments: 1...8) func nothingHarmfulPasses(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let starts: [UInt8] = [0x1b, 0x9b, 0xc2, 0xe2, 0xef, 0xf3, 0x80, 0xa0, 0xae, 0x41, 0x00, 0x0a, 0x7f, 0xd8, 0x9c]
    for _ in 0..<400 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? starts[Int.random(in: 0..<starts.count, using: &generator)] : UInt8.random(in: 0...255, using: &generator)
      }
      let scalars = EscapedText(bytes).description.unicodeScalars
      #expect(
        scalars.allSatisfy { scalar in
          let category = scalar.properties.generalCategory
          let turns = scalar.properties.isBidiControl
          return category != .control && category != .lineSeparator && category != .paragraphSeparator && !turns
        }, "\(bytes)")
    }
  }

  /// Two different texts of printable ASCII stay different, and nothing is lost; only a backslash is doubled.
  @Test func printableASCIIStaysAsItIs() {
    let text = String(decoding: Array(UInt8(0x20)..<0x7f), as: UTF8.self)
    #expect(EscapedText(text.utf8).description == text.replacing("\\", with: "\\\\"))
  }

  /// What is plain is printed without a look at each byte.
  @Test func aTextIsPlainWhereItStaysAsItIs() {
    for count in 1...17 {
      for place in 0..<count {
        for byte in UInt8.min ... .max {
          var bytes = [UInt8](repeating: 0x20, count: count)
          bytes[place] = byte
          let isSame = EscapedText(bytes).description.utf8.elementsEqual(bytes) && byte < 0x80
          let isPlain = EscapedText.isPlain(bytes.span.bytes)
          #expect(isPlain == isSame, "\(byte) at \(place) of \(count)")
        }
      }
    }
  }
}
