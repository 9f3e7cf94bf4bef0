import Glibc
import MemDumpTestSupport
import Testing

/// Every command line of docs/recipes.md, run as it is written, and every heading of a table that is shown there.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct RecipeTests {
  /// A command line of the page, and what the page shows below it.
  private struct Recipe {
    var command: String
    var output: [String] = []

    /// The exit statuses that the page admits.
    var statuses: [Int32] {
      let told = command.firstMatch(of: /# exit status (\d+)/).flatMap { Int32($0.1) }
      return [0] + [told].compactMap(\.self)
    }

    /// The headings of tables that the page shows: lines of words in capitals.
    var headings: [String] {
      output.map(RecipeTests.normalised).filter { line in
        let words = line.split(separator: " ")
        return words.count > 2 && words.allSatisfy { $0 == "#" || $0.allSatisfy { $0.isUppercase && $0.isASCII } }
      }
    }
  }

  private static let page =
    fileText(#filePath.dropLast("Tests/CommandTests/RecipeTests.swift".count) + "docs/recipes.md") ?? ""

  private static func normalised(_ line: String) -> String {
    line.split(separator: " ").joined(separator: " ")
  }

  private static func recipes() -> [Recipe] {
    var recipes: [Recipe] = []
    var isInside = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        recipes.append(Recipe(command: String(line.dropFirst(2))))
      } else if isInside, !recipes.isEmpty {
        recipes[recipes.count - 1].output.append(line)
      }
    }
    return recipes
  }

  @Test(.enabled(if: ["gdb", "zstd"].allSatisfy { Programs.find($0) != nil }, "needs gdb and zstd"))
  func everyRecipeWorksAsItIsWritten() throws {
    let process = try FixtureProcess("--heap", "1M", "--endpoints", "3000", "--threads", "2", "--connections", "2")
    let directory = try TemporaryDirectory()
    // The other machine is this one.
    try directory.write(Array("#!/bin/sh\nshift\nexec sh -c \"$*\"\n".utf8), to: "ssh", mode: 0o755)
    let programs = Programs.path("memdump").split(separator: "/").dropLast().joined(separator: "/")
    let path = "\(directory.path):/\(programs):" + (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")
    let recipes = Self.recipes()
    #expect(recipes.count > 35)
    var headings = 0
    for recipe in recipes {
      func run() throws -> Tool.Result {
        let shell = try Child(
          "bash", ["-o", "pipefail", "-c", recipe.command], environment: ["PID": "\(process.pid)", "PATH": path],
          directory: directory.path)
        return try Tool.finish(shell)
      }
      var result = try run()
      // A busy machine may take longer over a stop than it may last.
      for _ in 0..<5 where result.status == 4 { result = try run() }
      #expect(recipe.statuses.contains(result.status), "\(recipe.command): \(result.text)\(result.errorText)")
      let lines = Set(result.text.split(separator: "\n").map { Self.normalised(String($0)) })
      guard result.status == 0 else { continue }
      for heading in recipe.headings {
        #expect(lines.contains(heading), "\(recipe.command): \(heading)\n\(result.text)")
        headings += 1
      }
      #expect(try process.complaints() == [], "\(recipe.command)")
    }
    #expect(headings > 5)
  }
}
