import Testing

@testable import MemDump

@Suite struct ByteReaderTests {
  @Test(
    arguments: [
      ("0", 0), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("00012", 12), ("12x", 12),
      ("x", nil),
      ("", nil), ("-1", nil), ("+1", nil), ("99999999999999999999999", nil),
    ] as [(String, UInt64?)]) func readsDecimalNumbers(text: String, number: UInt64?)
  {
    var reader = ByteReader(Array(text.utf8))
    #expect(reader.number() == number)
  }

  @Test(
    arguments: [
      ("ffffffffffffffff", UInt64.max), ("10000000000000000", nil), ("fF", 255), ("0x1", 0), ("g", nil), ("1g", 1),
    ] as [(String, UInt64?)]) func readsHexadecimalNumbers(text: String, number: UInt64?)
  {
    var reader = ByteReader(Array(text.utf8))
    #expect(reader.number(radix: 16) == number)
  }

  @Test func takesLinesWithAndWithoutTheLastNewline() {
    func lines(_ text: String) -> [String] {
      let bytes = Array(text.utf8)
      var reader = ByteReader(bytes)
      var lines: [String] = []
      while let line = reader.takeLine() { lines.append(bytes[line].map { String(Unicode.Scalar($0)) }.joined()) }
      return lines
    }
    #expect(lines("") == [])
    #expect(lines("a") == ["a"])
    #expect(lines("a\n") == ["a"])
    #expect(lines("a\n\nb\n") == ["a", "", "b"])
    #expect(lines("\n") == [""])
  }

  /// Ranges that lie outside of the bytes are as good as empty.
  @Test func staysInsideOfTheBytes() {
    var reader = ByteReader([1, 2, 3], 1..<99)
    #expect(reader.takeByte() == 2)
    #expect(reader.takeByte() == 3)
    #expect(reader.takeByte() == nil)
    #expect(reader.isAtEnd)
    var beyond = ByteReader([1, 2, 3], 5..<9)
    #expect(beyond.isAtEnd && beyond.peek == nil)
    #expect(beyond.takeLine() == nil)
    #expect(beyond.number() == nil)
    let isTaken = beyond.take(1)
    #expect(!isTaken)
  }

  /// Whatever was taken before, there is nothing behind the end, and asking for it is no trap.
  @Test(arguments: [0..<3, 2..<3, 3..<3, 5..<9, -4..<2, -4 ..< -1, 1..<99]) func nothingTrapsBehindTheEnd(
    range: Range<Int>
  ) {
    var reader = ByteReader([0x31, 0x0a, 0x32], range)
    while reader.takeLine() != nil {}
    let rest = Array(reader.take(upTo: 0x0a))
    #expect(rest.isEmpty)
    reader.skipBlanks()
    #expect(reader.isAtEnd && reader.peek == nil)
    #expect(reader.takeByte() == nil)
    #expect(reader.number() == nil)
  }
}
