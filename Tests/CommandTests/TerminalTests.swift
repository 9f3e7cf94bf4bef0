import MemDump
import MemDumpTestSupport
import Testing

/// What a terminal shows, and what a pipe gets in its place.
@Suite struct TerminalTests {
  private let directory: TemporaryDirectory
  private let words: [String]

  private static let url = "http://example.org/" + String(repeating: "ab", count: 40)

  init() throws {
    directory = try TemporaryDirectory()
    let text = "\0\0\0\0\(Self.url)\0上游\0上游\010.1.2.3:8080\0"
    try directory.write(Array(text.utf8), to: "sample.raw")
    words = ["scan", "sample.raw", "--find", "上游", "--pattern", "url", "--pattern", "ipv4-port"]
  }

  /// What a terminal of so many columns shows; times are the same in every run.
  private func show(_ words: [String], columns: Int, _ environment: [String: String] = [:]) throws -> String {
    let result = try PseudoTerminal(columns: columns).run(words, environment: environment, directory: directory.path)
    return result.text.replacing(#/[0-9.]+( |\n  )(µs|ms|s) \(0 MB/s\)/#) { "TIME\($0.1)(RATE)" }
  }

  private static func bold(_ titles: String...) -> String {
    titles.map { "\u{1b}[1m\($0)\u{1b}[0m" }.joined(separator: "  ")
  }

  @Test func eightyColumnsHaveRoomForAllOfATable() throws {
    let rows = """
          2        1   0x68  上游       上游
          1        1    0x4  url        http://example.org/ababababababababababababab…
          1        1   0x76  ipv4-port  10.1.2.3:8080
      4 findings, 3 distinct, 132 B scanned in TIME (RATE)
      Next: memdump scan sample.raw --find '上游' --each --context 32

      """
    let titles = "COUNT  REGIONS  FIRST  PATTERN    TEXT\n"
    #expect(try show(words, columns: 80, ["NO_COLOR": "1"]) == titles + rows)
    let bold = Self.bold("COUNT", "REGIONS", "FIRST", "PATTERN") + "    " + Self.bold("TEXT") + "\n"
    #expect(try show(words, columns: 80) == bold + rows)
  }

  @Test func fortyColumnsHaveRoomForWhatMatters() throws {
    let rows = """
          2   0x68  上游       上游
          1    0x4  url        http://example…
          1   0x76  ipv4-port  10.1.2.3:8080
        (no room here for REGIONS)
      4 findings, 3 distinct, 132 B scanned in
        TIME (RATE)
      Next: memdump scan sample.raw --find '上游' --each --context 32

      """
    #expect(try show(words, columns: 40, ["NO_COLOR": "1"]) == "COUNT  FIRST  PATTERN    TEXT\n" + rows)
    let bold = Self.bold("COUNT", "FIRST", "PATTERN") + "    " + Self.bold("TEXT") + "\n"
    #expect(try show(words, columns: 40) == bold + rows)
  }

  @Test func aPipeGetsAllOfIt() throws {
    let result = try Tool.run(
      words, environment: ["COLUMNS": "40", "TERM": "xterm"], directory: directory.path)
    #expect(
      result.text == """
        COUNT  REGIONS  FIRST  PATTERN    TEXT
            2        1   0x68  上游       上游
            1        1    0x4  url        \(Self.url)
            1        1   0x76  ipv4-port  10.1.2.3:8080

        """)
    #expect(result.errorOutput() == "4 findings, 3 distinct, 132 B scanned in TIME (RATE)\n")
  }

  @Test func proseGoesOnUnderItsStart() throws {
    let shown = try show(["scan", "--list"], columns: 40, ["NO_COLOR": "1"])
    #expect(
      shown.hasPrefix(
        """
        PATTERN    FINDS
        ipv4-port  IPv4 address and port as
                     text: 10.1.2.3:8080
        sockaddr   socket address in memory
                     (sockaddr_in, sockaddr_in6,
                     sockaddr_un)

        """))
    #expect(shown.hasSuffix("  (no room here for WIDE, WORD)\n"))
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func factsGoOnUnderTheirStart() throws {
    let target = try FixtureProcess("--known")
    let words = ["dump", "\(target.pid)", "--region", try target.region("known").lowerBound.description, "-o", "a.raw"]
    let shown = try show(words, columns: 40, ["NO_COLOR": "1"])
    #expect(
      shown.contains(
        """
          pause     none: the process ran on,
                    pages were read one after
                    the other

        """), "\(shown)")
    #expect(shown.hasSuffix("\n  manifest  a.raw.json\nNext: memdump scan a.raw\n"))
  }

  /// Of any width, no line is longer than the terminal is wide but the one to copy; and nothing is lost but by `…`.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func linesOfAnyWidthFit() throws {
    let target = try FixtureProcess("--known", "--memfd", "--allocations", "1024:500:20")
    let commands = [
      ["regions", "\(target.pid)"], ["regions", "\(target.pid)", "--all"], ["scan", "\(target.pid)", "--top", "5"],
      ["heap", "\(target.pid)"], ["status", "\(target.pid)"], ["refs", "\(target.pid)", "--size", "1040"],
      ["strings", "\(target.pid)", "--template", "--top", "5"],
      ["diff", "sample.raw", "\(target.pid)", "--min-growth", "1"],
    ]
    for words in commands {
      for columns in [24, 31, 40, 57, 80, 120] {
        let lines = try show(words, columns: columns, ["TERM": "dumb"]).split(separator: "\n")
        #expect(lines.count > 2, "\(words)")
        #expect(lines.filter { columnCount($0) > columns && !$0.hasPrefix("Next: ") } == [], "\(words) in \(columns)")
      }
    }
  }

  /// The columns of a line that has no other wide characters than ideographs.
  private func columnCount(_ line: some StringProtocol) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ((0x2e80..<0xa000).contains($1.value) ? 2 : 1) }
  }

  @Test func anErrorFits() throws {
    let lines = try show(["scan", "./there-is-no-such-file.raw"], columns: 40).split(separator: "\n")
    #expect(lines.count > 1 && lines[0] == "memdump: cannot open")
    #expect(lines.allSatisfy { columnCount($0) <= 40 } && lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
  }

  /// The lines of a watch come one by one, in columns as wide as from the start; the curve has what room is left.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aWatchFits() throws {
    let target = try FixtureProcess("--allocations", "1024:500:20")
    let words = ["watch", "\(target.pid)", "--every", "200ms", "--count", "3"]
    let heads = [
      80: [
        "  (no room here for DISTINCT)",
        "    TIME         RSS        HEAP      CHUNKS   SOCKADDRS     PAUSE  RSS TREND",
      ],
      40: [
        "  (no room here for DISTINCT, SOCKADDRS,", "    CHUNKS, RSS TREND, PAUSE)", "    TIME         RSS        HEAP",
      ],
    ]
    for (columns, head) in heads {
      let lines = try show(words, columns: columns, ["NO_COLOR": "1"]).split(separator: "\n").map(String.init)
      #expect(Array(lines.prefix(head.count)) == head)
      #expect(lines[head.count].hasPrefix("   0.0 s  "))
      if columns == 80 { #expect(lines[head.count].hasSuffix("  ▁")) }
      #expect(lines.filter { columnCount($0) > columns } == [])
      #expect(lines.contains { $0.contains("\(target.pid) (target-process) ") })
    }
  }

  @Test func theWidthIsThatOfCOLUMNSOrOfTheWindow() throws {
    func rooms(_ columns: Int, _ told: String) throws -> Bool {
      try show(words, columns: columns, ["COLUMNS": told]).contains("no room here")
    }
    #expect(try rooms(40, ""))
    #expect(try !rooms(40, "80"))
    #expect(try rooms(80, "40"))
    for nonsense in ["0", "-1", "12", "1000000", "wide", "99999999999999999999"] { #expect(try rooms(40, nonsense)) }
    // A terminal that does not know its width.
    #expect(try !rooms(0, ""))
  }

  @Test(arguments: [
    ([:], [], true), (["NO_COLOR": "1"], [], false), (["TERM": "dumb"], [], false), (["TERM": ""], [], false),
    (["NO_COLOR": "1"], ["--color", "always"], true), ([:], ["--color", "never"], false),
    ([:], ["--json", "--color", "always"], false),
  ]) func emphasisIsForTerminalsThatWantIt(environment: [String: String], more: [String], isShown: Bool) throws {
    #expect(try show(words + more, columns: 80, environment).contains("\u{1b}") == isShown)
  }

  @Test func aPipeIsEmphasisedWhereThatIsAskedFor() throws {
    func run(_ more: String...) throws -> String {
      try Tool.run(words + more, environment: ["TERM": "xterm"], directory: directory.path).text
    }
    let plain = try run()
    #expect(!plain.contains("\u{1b}"))
    #expect(try run("--color", "auto") == plain)
    let emphasised = try run("--color", "always")
    #expect(emphasised.contains(Self.bold("COUNT")))
    #expect(emphasised.replacing(#/\x1b\[[0-9;]*m/#, with: "") == plain)
    #expect(try !run("--color", "always", "--json").contains("\u{1b}"))
  }

  /// Whatever a target holds, the only sequences are those of the tool.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func noTargetColoursATerminal() throws {
    let target = try FixtureProcess("--memfd", "--hostile-file", "--name", ") R 1 (\u{1b}[2J")
    try directory.write(Array("\0\u{1b}[31mred 10.0.0.1:80\u{7}\u{9b}5m\0".utf8), to: "hostile.raw")
    for words in [
      ["regions", "\(target.pid)", "--all"], ["status", "\(target.pid)"], ["strings", "hostile.raw", "-n", "3"],
    ] {
      let shown = try show(words + ["--color", "always"], columns: 80)
      let rest = shown.replacing(#/\x1b\[(0|1|33|1;31)m/#, with: "")
      #expect(!rest.utf8.contains { $0 < 0x20 && $0 != UInt8(ascii: "\n") || $0 == 0x7f }, "\(rest)")
    }
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func whatNeedsTheEyeIsColoured() throws {
    let target = try FixtureProcess("--truncated")
    let map = try show(["regions", "\(target.pid)", "--all"], columns: 80)
    #expect(map.contains(#/\x1b\[33m…[^ ]* \(deleted\)\x1b\[0m\n/#))
    let dump = try show(["dump", "\(target.pid)", "--region", "stack", "-o", "s.raw"], columns: 80)
    #expect(dump.hasPrefix("\u{1b}[1m"))
    let bytes = try #require(fileBytes(directory.path + "/s.raw"))
    try directory.write(bytes + [0], to: "s.raw")
    let verified = try show(["verify", "s.raw"], columns: 80)
    #expect(verified.contains("\u{1b}[1;31mWRONG: "))
    #expect(verified.hasSuffix("\u{1b}[1;31mIt is NOT as it was written.\u{1b}[0m\n"))
  }

  /// A next step is for people at a terminal, and only where there is one.
  @Test func aNextStepIsNoOutputOfAPipe() throws {
    #expect(try show(words, columns: 80).contains("\nNext: memdump scan "))
    #expect(try !Tool.run(words, directory: directory.path).text.contains("Next: "))
    #expect(try !show(words + ["--json"], columns: 80).contains("Next: "))
    #expect(try !show(["scan", "sample.raw", "--find", "nothing"], columns: 80).contains("Next: "))
    #expect(try !show(words + ["--each"], columns: 80).contains("Next: "))
    // It would be taken for an option, or is not printed as it is.
    try directory.write(Array("\0--top\0a\\b\0".utf8), to: "odd.raw")
    for text in ["--top", #"a\b"#] {
      let shown = try show(["scan", "odd.raw", "--find=\(text)"], columns: 80)
      #expect(shown.contains("1 finding, ") && !shown.contains("Next: "))
    }
  }

  @Test func aNextStepIsWhatAShellTakes() throws {
    try directory.write(Array("\0it's $HOME\0it's $HOME\0".utf8), to: "a b.raw")
    let shown = try show(["scan", "a b.raw", "--find", "it's $HOME"], columns: 80)
    let line = try #require(shown.split(separator: "\n").last { $0.hasPrefix("Next: memdump ") })
    let result = try Tool.shell("cd \(directory.path) && \"$MEMDUMP\" \(line.dropFirst("Next: memdump ".count))")
    #expect(result.lines.first == "0x1  it's $HOME  it's $HOME  file")
  }
}
