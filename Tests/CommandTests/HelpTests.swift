import MemDump
import MemDumpTestSupport
import Testing

@Suite struct HelpTests {
  static let commands = [
    "", "regions", "dump", "scan", "strings", "heap", "diff", "watch", "refs", "stacks", "peek", "nginx-pools", "hold",
    "status",
    "rescue", "verify", "demo",
  ]

  /// `MEMDUMP_UPDATE_GOLDENS=1` writes them anew.
  @Test(arguments: commands) func helpIsAsItWas(command: String) throws {
    let words = command.isEmpty ? ["--help"] : [command, "--help"]
    let text = try Tool.run(words, environment: ["COLUMNS": "80"]).text
    let golden = Self.goldens + "/\(command.isEmpty ? "memdump" : command).txt"
    if updatesGoldens { try writeGolden(text, golden) }
    #expect(text == fileText(golden))
  }

  @Test func everyPatternIsInTheHelpOfScanAndInItsList() throws {
    for arguments in [["scan", "--help"], ["scan", "--list"]] {
      let text = try Tool.run(arguments).text
      for pattern in Patterns.all { #expect(text.contains("\(pattern.name)  ")) }
    }
  }

  @Test func theVersionIsThatOfTheLibrary() throws {
    #expect(try Tool.run("--version").text == Version.text + "\n")
  }

  private static let goldens = String(#filePath.dropLast("HelpTests.swift".count)) + "Goldens"
}
