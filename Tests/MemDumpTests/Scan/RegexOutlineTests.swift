#if Regex

  import MemDumpTestSupport
  import Testing

  @testable import MemDump

  /// The literal that every match has: what is told of expressions, and that the results are the engine's.
  @Suite struct RegexOutlineTests {
    @Test(arguments: [
      ("user=[a-z]+", "user=", ""), ("[a-z]+@[a-z]+", "@", "az"), ("[^a]@", "@", "b\n"), ("a*b@#c", "b@#c", "a"),
      ("a?@", "@", "a"), ("ab+c@", "c@", "ab"), ("x{2}@@", "@@", "x"), ("x{0}ab", "ab", "x"),
      ("(foo|b.r)+#", "#", "fobr x"),
      ("(?:a(b|c))?;;", ";;", "abc"), ("\\d{1,3}\\.\\d", ".", "09"), ("\\w\\s\\S!", "!", "a_9 \t\u{ff}"),
      ("\\x41\\n\\t@", "A\n\t@", ""), ("^ab$", "ab", ""), ("\\bab\\B", "ab", ""), ("a++b?#", "#", "ab"),
      ("[\\w.-]+@", "@", "a_.-"), ("[a\\-z]@", "@", "a-z"), (".#", "#", "a\0\u{ff}"), ("a#?b~", "b~", "a#"),
      ("[ -~]*=", "=", " ~"),
    ]) func theLiteralIsTold(expression: String, literal: String, before: String) throws {
      let outline = try #require(RegexOutline(expression, ignoringCase: false))
      #expect(outline.literal == Array(literal.utf8))
      for byte in before.unicodeScalars.map({ UInt8($0.value) }) { #expect(outline.before.contains(byte)) }
      if before.isEmpty { #expect(outline.before == ByteSet()) }
    }

    @Test func whatCannotStandBeforeIsTold() throws {
      let outline = try #require(RegexOutline("[a-c]+(d|[^\\x00-\\x7f])*\\d?@", ignoringCase: false))
      #expect(outline.before == ByteSet { "abcd0123456789".utf8.contains($0) || $0 > 0x7f })
      let either = try #require(RegexOutline("[a-c]+@", ignoringCase: true))
      #expect(either.before == ByteSet { "abcABC".utf8.contains($0) })
      let negated = try #require(RegexOutline("[^a-z]@", ignoringCase: true))
      #expect(negated.before == ByteSet { !$0.isLetter })
      #expect(try #require(RegexOutline(".@", ignoringCase: false)).before == ByteSet { $0 != 10 })
    }

    @Test(arguments: [
      "", "a|b@", "(?i)a@", "(?<x>a)@", "(?=a)@", "(?!a)@", "(?<=a)@", "(?>a)@", "(a)\\1@", "a\\K@", "\\Qa\\E@",
      "(*NO_JIT)a@",
      "a{,3}@", "a{x}@", "a{1@", "[[:alpha:]]@", "[]a]@", "[^]a]@", "[a-\\d]@", "[\\d-z]@", "[\\ba]@", "[a", "(a@",
      "a)@",
      "\\x4@", "\\x{40}@", "\\x+1@", "\\_@", "\\h@", "\\R@", "\\C@", "\\N@", "\\A@", "\\G@", "\\cA@", "\\041@", "@\\",
      "*@", "a**@",
      "^*@", "]@", "}@", "a?", "[a-z]+", ".*", "(@)", "@*", "@?", "@{0,3}", "[@]", "(?#c)@", "(?|a)@", "(?R)@",
      "\\p{L}@",
      "((((((((((((((((((a))))))))))))))))))@",
    ]) func ofWhatIsMoreNothingIsTold(expression: String) {
      #expect(RegexOutline(expression, ignoringCase: false) == nil)
    }

    private static func expression(_ generator: inout SeededGenerator, depth: Int = 0) -> String {
      let atoms = [
        "a", "b", "@", "@", "a@b", ".", "[ab]", "[^a]", "[^@]", "\\w", "\\d", "\\s", "\\@", "[a-z1]", "^", "$", "\\b",
        "\\x40",
      ]
      let quantifiers = ["*", "+", "?", "{2}", "{0,2}", "{1,}", "+?", "*+", "{0}"]
      return (0..<Int.random(in: 1...5, using: &generator)).map { _ in
        var part = atoms[Int.random(in: 0..<atoms.count, using: &generator)]
        if depth < 2, Int.random(in: 0..<5, using: &generator) == 0 {
          let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            expression(&generator, depth: depth + 1)
          }
          part = "(\(parts.joined(separator: "|")))"
        }
        guard !["^", "$", "\\b"].contains(part), Int.random(in: 0..<3, using: &generator) == 0 else { return part }
        return part + quantifiers[Int.random(in: 0..<quantifiers.count, using: &generator)]
      }.joined()
    }

    @Test(arguments: [false, true]) func theResultsAreTheEngines(ignoringCase: Bool) throws {
      var generator = SeededGenerator(seed: ignoringCase ? 7 : 8)
      let letters = Array("aaAbbBB11 \nxyz".utf8)
      var (told, count) = (0, 0)
      for _ in 0..<(isFullRun ? 20_000 : 600) {
        let expression = Self.expression(&generator)
        if RegexOutline(expression, ignoringCase: ignoringCase) == nil { continue }
        told += 1
        let fast = try RegexPattern(expression, ignoringCase: ignoringCase, cell: 2048, longest: 64)
        let engine = try RegexPattern(
          expression, ignoringCase: ignoringCase, cell: 2048, longest: 64, usesLiterals: false)
        let share = [70, 400, 5000][told % 3]
        let bytes = (0..<6000).map { _ in
          Int.random(in: 0..<share, using: &generator) == 0
            ? UInt8(ascii: "@") : letters[Int.random(in: 0..<letters.count, using: &generator)]
        }
        let base = UInt64.random(in: 0..<5000, using: &generator)
        let start = Int.random(in: 0..<2500, using: &generator)
        for owned in [0..<6000, start..<start + 3000] {
          // Where the engine gives up, there may be more with a literal: it has less to try.
          var matches = MatchList(capacity: 6000)
          var from = owned.lowerBound
          engine.scan(bytes.span.bytes, base: Address(base), from: &from, to: owned.upperBound, into: &matches)
          guard matches.limits.isEmpty else { continue }
          let expected = engine.places(in: bytes, at: base, owned: owned, capacity: 100)
          #expect(fast.places(in: bytes, at: base, owned: owned, capacity: 100) == expected, "\(expression)")
          count += expected.count
        }
      }
      #expect(told > 100 && count > 10_000)
    }

    /// Over several cells of the usual size, by threads.
    @Test(arguments: ["[a-z]+@[a-z.]+", ".*@", "(x|y)*@+[a-z]?", "[^@]@[ab]?"]) func overCells(expression: String)
      throws
    {
      var generator = SeededGenerator(seed: 3)
      let letters = Array("abcxyz. \n0".utf8)
      let bytes = (0..<400_000).map { _ in
        Int.random(in: 0..<800, using: &generator) == 0
          ? UInt8(ascii: "@") : letters[Int.random(in: 0..<letters.count, using: &generator)]
      }
      let memory = try TestMemory([0x10007: bytes])
      let engine = try RegexPattern(expression, cell: 64 << 10, longest: 4096, usesLiterals: false)
      let expected = try Scan(patterns: [engine]).items(memory)
      #expect(expected.count > 100)
      #expect(try Scan(patterns: [RegexPattern(expression)], chunk: 50_000, threads: 2).items(memory) == expected)
    }
  }

#endif
