#if Regex

  import MemDumpTestSupport
  import Testing

  @testable import MemDump

  /// An expression of nothing but texts is looked for without the engine: the results are the engine's.
  @Suite struct RegexAlternativesTests {
    @Test(arguments: [
      "a|b", "ab|a", "a|ab", "foo|bar|baz", "10\\.0|x\\|y", "a b| c", "\\(|\\)", "aa|a|aaa", "#|-", "a|a", "\\\\|/",
      "=|,",
    ]) func textsAreTold(expression: String) {
      #expect(RegexAlternatives(expression, ignoringCase: false) != nil)
    }

    @Test(arguments: [
      "", "a", "a|", "|a", "a||b", "a|b*", "a|.", "(a|b)", "a|[b]", "^a|b", "a|b$", "a|\\d", "a|\\x61", "a|b\\",
      "a|\\_",
      "a|b{2}", "a|é", "a|b?", "a|\n", "(?i)a|b", "a|\\Qb", "a|\\1", "(*COMMIT)a|b",
    ]) func whatIsMoreGoesToTheEngine(expression: String) {
      #expect(RegexAlternatives(expression, ignoringCase: false) == nil)
    }

    @Test(arguments: [false, true], [1, 3, 4096]) func theResultsAreTheEngines(ignoringCase: Bool, capacity: Int) throws
    {
      var generator = SeededGenerator(seed: UInt64(capacity))
      let letters = Array("aAbB\\.".utf8)
      var count = 0
      for round in 0..<60 {
        func letter() -> UInt8 { letters[Int.random(in: 0..<letters.count, using: &generator)] }
        let texts = (0..<Int.random(in: 2...(round % 6 == 0 ? 90 : 6), using: &generator)).map { _ in
          (0..<Int.random(in: 1...5, using: &generator)).flatMap { _ in
            let byte = letter()
            return byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ".") ? [UInt8(ascii: "\\"), byte] : [byte]
          }
        }
        let expression = texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "|")
        let fast = try RegexPattern(expression, ignoringCase: ignoringCase, cell: 64, longest: 16)
        let engine = try RegexPattern(
          expression, ignoringCase: ignoringCase, cell: 64, longest: 16, usesLiterals: false)
        #expect(RegexAlternatives(expression, ignoringCase: ignoringCase) != nil)
        let bytes = (0..<500).map { _ in letter() }
        let base = UInt64.random(in: 0..<200, using: &generator)
        let start = Int.random(in: 0..<250, using: &generator)
        for owned in [0..<500, start..<start + 200] {
          let expected = engine.places(in: bytes, at: base, owned: owned, capacity: capacity)
          #expect(fast.places(in: bytes, at: base, owned: owned, capacity: capacity) == expected, "\(expression)")
          count += expected.count
        }
      }
      #expect(count > 1000)
    }

    /// A thousand words, over several cells of the usual size.
    @Test func aThousandWords() throws {
      let words = (0..<1000).map { "w\($0 * 7)x" }
      let expression = words.joined(separator: "|")
      let bytes = Array((0..<12_000).map { "w\($0)x" }.joined(separator: "w").utf8)
      let fast = try RegexPattern(expression)
      let engine = try RegexPattern(expression, cell: 64 << 10, longest: 4096, usesLiterals: false)
      let memory = try TestMemory([0x10007: bytes])
      let expected = try Scan(patterns: [engine]).items(memory)
      #expect(expected.count > 900)
      #expect(try Scan(patterns: [fast], chunk: 5000, threads: 2).items(memory) == expected)
    }
  }

#endif
