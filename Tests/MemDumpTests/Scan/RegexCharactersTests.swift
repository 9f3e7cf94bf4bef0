import Testing

@testable import MemDump

/// What of an expression cannot be found in text of two bytes a character.
@Suite struct RegexCharactersTests {
  @Test(arguments: [
    "上", "é", #"\x{4e0a}"#, #"\x{80}"#, #"\xff"#, #"a\x80"#, #"\o{200}"#, #"\377"#, #"\200"#, #"\N{U+4e0a}"#,
    #"\\\xff"#,
    #"[\x{20}-\x{ff}]"#,
  ]) func aByteBeyondASCIIIsSeen(expression: String) { #expect(RegexPattern.goesBeyondASCII(expression)) }

  @Test(arguments: [
    "", "user=[a-z]+", #"\x41"#, #"\x{41}"#, #"\x{7f}"#, #"\\x{4e0a}"#, #"\\xff"#, #"\1"#, #"\20"#, #"\101"#,
    #"\o{101}"#, #"\N"#, #"\x"#,
    #"\x{"#, #"\x{}"#, #"\x{zz}"#, "\\", #"\d\w\s"#,
  ]) func allElseIsNone(expression: String) { #expect(!RegexPattern.goesBeyondASCII(expression)) }
}
