#if Regex
  import MemDumpTestSupport
  import Testing

  @testable import MemDump

  /// The scan for expressions against the plain one: no boundary may show but those of cells.
  @Suite struct ReferenceRegexTests {
    private static let expressions = [
      "a+", "ab*", "[ab]{3}", "^.+$", "a.*b", "(?s)a.*?b", "\\bab?\\b", "(?<=a)b", "(?<!a)b+", "b(?=a)", "a$", "^b",
      "\\Aa+", "b\\z", "a\\Kb", "(a|b)\\1", "(ab|a)(b|ba)?", "[^\\n]+", "\\Ga", "\\n", "\\x00+", "(?<=\\n|a)b",
    ]

    private static func text(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
      let alphabet = Array("aaabbb \n.\0".utf8)
      return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    }

    /// Cells so small that each text has many, cut into regions and read in pieces of any size.
    @Test(arguments: expressions, [1, 5, 64, 1 << 20]) func noBorderShows(expression: String, chunk: Int) throws {
      var generator = SeededGenerator(seed: UInt64(chunk))
      for (cell, longest) in [(1, 1), (8, 2), (16, 9), (64, 16), (1 << 16, 4096)] {
        let bytes = Self.text(Int.random(in: 1...300, using: &generator), using: &generator)
        let start = (4 << 20) - Int.random(in: 0...300, using: &generator)
        let pattern = try RegexPattern(expression, cell: cell, longest: longest)
        let expected = try ReferenceRegex(expression, cell: cell, longest: longest).matches(in: bytes, at: start).map {
          FindingRecorder.Item(address: UInt64(start + $0.lowerBound), text: Array(bytes[$0]).latin1)
        }
        let memory = try TestMemory(
          pieces(of: bytes, at: UInt64(start), upTo: 60, using: &generator),
          longestRead: Int.random(in: 1...99, using: &generator))
        for threads in [1, 2, 8] {
          let scan = Scan(patterns: [pattern], chunk: chunk, threads: threads)
          #expect(try scan.items(memory) == expected, "cells of \(cell), \(threads) threads")
          var tally = Tally()
          _ = try scan.count(memory, into: &tally)
          #expect(tally.total == UInt64(expected.count))
        }
      }
    }

    /// The same with the true size of a cell, around its borders.
    @Test(arguments: ["a+b", "(?s)b.*?a", "^[^\\n]+$", "\\bb+"], [4096, 70_000, 1 << 20])
    func noBorderShowsInTrueCells(expression: String, chunk: Int) throws {
      var generator = SeededGenerator(seed: UInt64(chunk) + 1)
      let bytes = Self.text(150_000, using: &generator)
      let start = (16 << 20) - 70_123
      let expected = try ReferenceRegex(expression, cell: 1 << 16, longest: 4096).matches(in: bytes, at: start)
      #expect(!expected.isEmpty)
      let memory = try TestMemory(pieces(of: bytes, at: UInt64(start), upTo: 40_000, using: &generator))
      for threads in [1, 3] {
        let items = try Scan(patterns: [try RegexPattern(expression)], chunk: chunk, threads: threads).items(memory)
        #expect(items.map(\.address) == expected.map { UInt64(start + $0.lowerBound) })
      }
    }

    /// Where memory is not mapped, a run ends; what is behind the gap is not seen, and lines end there.
    @Test(arguments: [1, 7, 4096]) func aGapIsABorder(chunk: Int) throws {
      let memory = try TestMemory([0x1000: Array("xab".utf8), 0x2000: Array("ab".utf8), 0x2002: Array("ab".utf8)])
      func items(_ expression: String) throws -> [UInt64] {
        try Scan(patterns: [try RegexPattern(expression)], chunk: chunk).items(memory).map(\.address)
      }
      #expect(try items("ab") == [0x1001, 0x2000, 0x2002])
      #expect(try items("(ab)+") == [0x1001, 0x2000])
      #expect(try items("^ab") == [0x2000])
      #expect(try items("ab$") == [0x1001, 0x2002])
      #expect(try items("(?<=b)ab") == [0x2002])
    }
  }
#endif
