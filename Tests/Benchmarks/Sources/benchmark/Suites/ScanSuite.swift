import Foundation

/// Scanning a file that is in the page cache.
struct ScanSuite {
  let contest: Contest

  func report() throws -> String {
    var parts = [
      """
      Whole-process wall clock, output through a pipe that is read and counted; the yardsticks time themselves, \
      without their start. All have one thread; memdump has one for each processor where nothing else is said. It counts \
      distinct texts as the strings pipeline does, `--each` prints every occurrence as grep does. It looks for the one \
      pattern that the others look for, or for `both` of its default patterns. The expression of the others \
      also matches what is no address, and parts of longer numbers; yara reports every suffix of a match, too, and \
      stops at 1,000,000.
      """
    ]
    for data in TestData.allCases {
      progress("scan: making \(data.rawValue)")
      let file = try data.make(contest.options, contest.workspace)
      defer { try? FileManager.default.removeItem(atPath: file.path) }
      progress("scan: \(file.summary)")
      let yardsticks = [
        contest.workspace.yardstick("memchr", ["memchr", file.path]),
        contest.workspace.yardstick("read", ["read", file.path]),
      ]
      let outcomes = contest.run(try yardsticks + Searchers(workspace: contest.workspace).all(file.path))
      let comparison = Comparison(
        byteCount: file.byteCount, yardsticks: ["memchr", "read"], reference: Searchers.reference)
      let title = "### \(data.rawValue)\n\n\(sizeText(file.byteCount)): \(file.summary)."
      parts.append("\(title)\n\n\(comparison.text(outcomes))")
      if data == TestData.allCases.last {
        parts.append(commandList(outcomes, contest.workspace, [file.path: "FILE"]))
      }
    }
    return parts.joined(separator: "\n\n")
  }
}
