import MemDump
import MemDumpTestSupport
import Testing

/// Errors have one form, whoever finds them.
@Suite struct UsageErrorTests {
  /// What was asked, and the whole of standard error.
  static let cases: [(words: [String], text: String)] = [
    (["99999999"], "there is no command '99999999'. Did you mean `memdump regions 99999999`? See `memdump --help`."),
    (["scna"], "there is no command 'scna'. Did you mean `memdump scan`? See `memdump --help`."),
    (["nosuch"], "there is no command 'nosuch'. See `memdump --help`."),
    (["\u{1b}[2J"], #"there is no command '\x1b[2J'. See `memdump --help`."#),
    (["help", "nosuch"], "there is no command 'nosuch'. See `memdump --help`."),
    (["--nosuch"], "unknown option '--nosuch'. See `memdump --help`."),
    (["regions"], "missing expected argument '<process> ...'. See `memdump regions --help`."),
    (["heap"], "missing expected argument '<source>'. See `memdump heap --help`."),
    (["regions", "1", "--tpo", "1"], "unknown option '--tpo'. Did you mean '--top'? See `memdump regions --help`."),
    (["regions", "1", "--top"], "missing value for '--top <count>'. See `memdump regions --help`."),
    (["regions", "1", "--format", "xml"], ""),
    (["scan", "1", "--max-pause", "1s"], ""), (["dump", "1", "--all", "-o", "x", "--max-pause", "1s"], ""),
    (["heap", "1", "--mode", "live", "--max-pause", "1s"], ""),
    (["heap", "-"], "standard input is read once only, and a heap is not walked in order. Write it to a file first."),
    (["heap", "./f", "--newest"], "--newest is for a process, and './f' is none. See `memdump heap --help`."),
    (["scan", "-", "--children"], "--children is for a process, and '-' is none. See `memdump scan --help`."),
    (["scan", "-", "--pattern", "nosuch"], ""), (["watch", "1", "--trigger", "rss"], ""),
    (["scan", "-", "--find", ""], "--find needs a text of 1 to 4096 bytes. See `memdump scan --help`."),
  ]

  @Test(arguments: cases.indices) func wrongUsageIsOneSentenceAndExits64(index: Int) throws {
    let (words, text) = Self.cases[index]
    let result = try Tool.run(words)
    #expect(result.status == 64)
    #expect(result.text == "")
    if text.isEmpty {
      #expect(result.errorText.hasPrefix("memdump: ") && result.errorText.split(separator: "\n").count == 1)
    } else {
      #expect(result.errorText == "memdump: \(text)\n")
    }
  }

  @Test func aProcessOrAFileInPlaceOfACommandIsRecognised() throws {
    let name = "mdu\(ownProcess)"
    let target = try FixtureProcess("--name", name)
    let directory = try TemporaryDirectory()
    try directory.write(sampleBytes, to: "leak.raw")
    func text(_ word: String) throws -> String { try Tool.run([word], directory: directory.path).errorText }
    #expect(
      try text(name)
        == "memdump: there is no command '\(name)'. Did you mean `memdump regions \(name)`? See `memdump --help`.\n")
    #expect(
      try text("leak.raw")
        == "memdump: there is no command 'leak.raw'. Did you mean `memdump scan leak.raw`? See `memdump --help`.\n")
    withExtendedLifetime(target) {}
  }

  @Test func helpAndVersionAreNoErrors() throws {
    for words in [["--help"], ["help"], ["help", "scan"], ["scan", "--help"], ["--version"], ["regions", "-h"]] {
      let result = try Tool.run(words)
      #expect(result.status == 0 && result.errors.isEmpty && !result.output.isEmpty, "\(words)")
    }
  }

  /// The one object on standard error, with its members.
  private func error(_ result: Tool.Result) throws -> JSONValue {
    #expect(result.output.isEmpty)
    #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
    let value = try #require(JSONValue(parsing: result.errors), "\(result.errorText)")
    #expect(value["type"]?.string == "error")
    #expect(value["exit_status"]?.number == Int64(result.status))
    return value
  }

  @Test func withJSONAnErrorIsAnObject() throws {
    for format in [["--json"], ["--format", "json"], ["--format=json"]] {
      let usage = try error(try Tool.run(["regions", "1", "--top", "x"] + format))
      #expect(usage["code"]?.string == "usage")
      #expect(
        usage["message"]?.string == "the value 'x' is invalid for '--top <count>'. See `memdump regions --help`.")
    }
    let both = try error(try Tool.run("regions", "1", "--json", "--format", "csv"))
    #expect(both["message"]?.string == "--json and --format exclude each other. See `memdump regions --help`.")
    let missing = try error(try Tool.run("regions", "99999999", "--json"))
    #expect(missing["code"]?.string == "no-such-process")
    #expect(missing["message"]?.string == "there is no process 99999999.")
    let file = try error(try Tool.run("verify", "./no\"such", "--json"))
    #expect(file["code"]?.string == "file")
    #expect(file["message"]?.string == #"there is no dump ./no"such. Give the file that `memdump dump -o FILE` wrote."#)
  }

  @Test func withJSONSeveralProcessesAreAList() throws {
    let name = "mdv\(ownProcess)\""
    let targets = try (0..<2).map { _ in try FixtureProcess("--name", name) }
    let value = try error(try Tool.run("heap", name, "--json"))
    #expect(value["code"]?.string == "ambiguous")
    let candidates = try #require(value["candidates"]?.array)
    #expect(Set(candidates.compactMap { $0["pid"]?.number }) == Set(targets.map { Int64($0.pid) }))
    #expect(candidates.allSatisfy { $0["parent"]?.number == Int64(ownProcess) && $0["command_line"]?.string != nil })
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func oneOfSeveralThatFailsIsAnObjectToo() throws {
    let target = try FixtureProcess("--known")
    let scan = try Tool.run("scan", "\(target.pid)", "99999999", "--json")
    #expect(scan.status == 2)
    let value = try #require(JSONValue(parsing: scan.errors))
    #expect(value["code"]?.string == "no-such-process")
    #expect(scan.text.contains(#""type":"summary""#))
    let regions = try Tool.run("regions", "\(target.pid)", "99999999")
    #expect(regions.status == 2 && regions.errorText == "memdump: there is no process 99999999.\n")
    #expect(!regions.output.isEmpty)
  }
}
