import MemDumpTestSupport
import Testing

@Suite struct TopCommandTests {
  private let leak: Child

  init() throws {
    leak = try Child(Programs.path("memdump"), ["demo-leak"])
    #expect(try leak.readLine() == "ready")
  }

  private var words: [String] { ["top", "\(leak.id)", "--every", "400ms"] }

  @Test func whatGrowsIsToldWithItsRate() throws {
    let result = try Tool.run(words + ["--count", "3"])
    #expect(result.status == 0 && result.errorText.isEmpty)
    #expect(result.lines.count == 2)
    #expect(
      result.lines[0].split(separator: " ") == [
        "PID", "USER", "RSS", "GROWN", "A", "SECOND", "SWAP", "THREADS", "NAME",
      ])
    let row = #/ *(\d+)  \S+  [0-9.]+ MiB  \+[0-9.]+ [KM]iB  \+[0-9.]+ [KM]iB     -        1  memdump/#
    #expect(try row.wholeMatch(in: result.lines[1])?.1 == "\(leak.id)")
  }

  @Test func oneLookHasNoGrowth() throws {
    let result = try Tool.run(words + ["--count", "1", "--no-headers"])
    #expect(result.lines.count == 1)
    #expect(result.text.hasSuffix(" MiB  -  -  -  1  memdump\n"))
  }

  @Test func theRowsComeInTheOrderAskedFor() throws {
    let small = try FixtureProcess("--heap", "1M")
    let large = try FixtureProcess("--heap", "64M")
    let pids = ["\(small.pid)", "\(leak.id)", "\(large.pid)"]
    func order(_ sort: String) throws -> [String] {
      let result = try Tool.run(
        ["top"] + pids + ["--every", "500ms", "--sort", sort, "--format", "csv", "--no-headers"])
      return result.text.split(whereSeparator: \.isNewline).map { String($0.prefix { $0 != "," }) }
    }
    #expect(try order("growth").first == "\(leak.id)")
    #expect(try order("resident") == ["\(large.pid)", "\(leak.id)", "\(small.pid)"])
    #expect(try order("name") == ["\(leak.id)"] + ["\(small.pid)", "\(large.pid)"])
  }

  @Test func moreRowsThanAskedForAreSaid() throws {
    let other = try FixtureProcess()
    let result = try Tool.run(words + ["\(other.pid)", "--count", "1", "--top", "1"])
    #expect(result.lines.count == 2)
    #expect(result.errorText == "1 of 2 processes; --top 0 shows all\n")
  }

  @Test func aNameOfNoProcessIsToldEscaped() throws {
    let result = try Tool.run("top", "no\u{1b}such", "--count", "1")
    #expect(result.status == 1 && result.text.isEmpty)
    #expect(result.errorText == "no process has the number or name no\\x1bsuch\n")
  }

  @Test func keysSortAndEndTheLivePageWhichLeavesTheTable() throws {
    let result = try PseudoTerminal(columns: 80).run(
      words, typing: [(after: "THREADS", keys: "n"), (after: "+", keys: "q")], within: .seconds(60))
    #expect(result.status == 0)
    let page = "\u{1b}[?1049h\u{1b}[?25l"
    let end = "\u{1b}[?25h\u{1b}[?1049l"
    #expect(result.text.hasPrefix(page))
    let parts = result.text.split(separator: end, omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    #expect(
      parts[0].contains("1 process, ") && parts[0].contains("q quit  g by growth  r by resident memory  n by name\n"))
    #expect(parts[1].contains("PID") && parts[1].hasSuffix("Next: memdump watch \(leak.id)\n"))
  }

  /// A page is as high as the terminal, however many processes there are.
  @Test func aLivePageIsNoHigherThanTheTerminal() throws {
    let others = try (0..<30).map { _ in try FixtureProcess() }
    let result = try PseudoTerminal(columns: 80).run(
      ["top"] + others.map { "\($0.pid)" } + ["--every", "200ms"], typing: [(after: "target-process", keys: "q")],
      within: .seconds(60))
    let first = result.text.split(separator: "\u{1b}[H\u{1b}[J")[1].split(separator: "\u{1b}[?25h")[0]
    #expect(first.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
    #expect(first.contains("30 processes, "))
  }

  @Test func theEndOfTheKeysEndsALivePageToo() throws {
    let result = try PseudoTerminal(columns: 80).run(
      words, typing: [(after: "THREADS", keys: "\u{4}")], within: .seconds(60))
    #expect(result.status == 0)
    #expect(result.text.contains("\u{1b}[?25h\u{1b}[?1049l"))
  }

  /// The terminal's Ctrl-C is a signal where it is not raw; here another process sends it.
  @Test func aSignalEndsALivePageAndGivesTheTerminalBack() throws {
    let result = try PseudoTerminal(columns: 80).run(
      words, typing: [(after: "THREADS", keys: "n")], within: .seconds(60),
      signal: (after: "+", number: 15))
    #expect(result.status == 143)
    #expect(result.text.contains("\u{1b}[?25h\u{1b}[?1049l"))
  }
}
