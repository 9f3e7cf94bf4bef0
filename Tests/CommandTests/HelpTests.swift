import MemDump
import MemDumpTestSupport
import Testing

@Suite struct HelpTests {
  static let commands = [
    "", "top", "footprint", "regions", "dump", "scan", "strings", "heap", "diff", "watch", "refs", "allocs", "stacks",
    "goroutines",
    "peek",
    "nginx-pools", "postgres-contexts", "hold",
    "status", "rescue", "verify", "doctor", "demo",
  ]

  /// `MEMDUMP_UPDATE_GOLDENS=1` writes them anew.
  @Test(arguments: commands) func helpIsAsItWas(command: String) throws {
    let words = command.isEmpty ? ["--help"] : [command, "--help"]
    let text = try Tool.run(words, environment: ["COLUMNS": "80"]).text
    let golden = Self.goldens + "/\(command.isEmpty ? "memdump" : command).txt"
    if updatesGoldens { try writeGolden(text, golden) }
    #expect(text == fileText(golden))
  }

  @Test(arguments: commands.dropFirst()) func everyHelpHasAnExampleAndFitsATerminal(command: String) throws {
    let text = try Tool.run([command, "--help"], environment: ["COLUMNS": "80"]).text
    #expect(text.contains(#/\nExamples?:\n  memdump /#))
    #expect(text.contains("\n  memdump \(command)"))
    #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
  }

  /// What stops a process says so where the commands are listed.
  @Test func theListTellsThePause() throws {
    let text = try Tool.run(["--help"], environment: ["COLUMNS": "4000"]).text
    for command in ["heap", "diff", "watch", "refs", "nginx-pools", "postgres-contexts"] {
      let line = text.split(separator: "\n").first { $0.hasPrefix("  \(command) ") }
      #expect(line?.contains("(stop or snapshot) for 500 ms at most.") == true, "\(command)")
    }
  }

  @Test func everyPatternIsInTheHelpOfScanAndInItsList() throws {
    for arguments in [["scan", "--help"], ["scan", "--list"]] {
      let text = try Tool.run(arguments).text
      for pattern in Patterns.all { #expect(text.contains("\(pattern.name)  ")) }
    }
  }

  /// Only Packaging/build.sh tells a build its commit.
  @Test func theVersionIsThatOfTheLibraryWithWhatTheBuildHas() throws {
    let lines = try Tool.run("--version").lines
    let hasExpressions = try Tool.run("scan", "-", "--regex", "a").status == 1
    #expect(lines.first == Version.text && lines.count == 2)
    #expect(lines.last?.hasPrefix(hasExpressions ? "regex: PCRE2 10." : "regex: no") == true)
  }

  private static let goldens = String(#filePath.dropLast("HelpTests.swift".count)) + "Goldens"
}
