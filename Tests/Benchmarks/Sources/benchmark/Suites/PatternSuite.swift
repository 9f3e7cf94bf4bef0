import Foundation

/// Each pattern alone, and all of them at once, in files that are in the page cache.
struct PatternSuite {
  let contest: Contest

  private static let patterns = ["ipv4-port", "sockaddr", "ipv4", "ipv6-port", "host-port", "url", "email", "uuid"]

  func report() throws -> String {
    progress("patterns: making text and memory")
    var files = [("text", try TextData.make(contest.options, contest.workspace))]
    for data in [TestData.realistic, .dense] {
      files.append((data == .dense ? "almost-matches" : "memory", try data.make(contest.options, contest.workspace)))
    }
    defer { for (_, file) in files { try? FileManager.default.removeItem(atPath: file.path) } }
    let intro = "One thread. All patterns at once shall take no more than twice what the slowest of them takes alone."
    return ([intro] + files.map { table($0, $1) }).joined(separator: "\n\n")
  }

  private func table(_ title: String, _ file: TestData.File) -> String {
    progress("patterns: \(title)")
    let searchers = Searchers(workspace: contest.workspace)
    func scan(_ name: String, _ patterns: [String]) -> Contender {
      searchers.memdump(name, [file.path, "--threads", "1"] + patterns.flatMap { ["--pattern", $0] })
    }
    let all = "all eight"
    let contenders =
      [contest.workspace.yardstick("read", ["read", file.path])] + Self.patterns.map { scan($0, [$0]) }
      + [scan(all, Self.patterns)]
    let outcomes = contest.run(contenders)
    let comparison = Comparison(byteCount: file.byteCount, yardsticks: ["read"], reference: all)
    return "### \(title)\n\n\(sizeText(file.byteCount)): \(file.summary).\n\n\(comparison.text(outcomes))\n\n"
      + commandList(outcomes, contest.workspace, [file.path: "FILE"])
  }
}
