/// Looking for what holds a whole heap.
struct HolderSuite {
  let contest: Contest

  func report() throws -> String {
    var parts = [
      """
      `memdump heap` walks the heap of the same process and is the least that there is to do; its result is the number of \
      blocks. Both copy the heap, or fork, in the time that they take; the heap is a list of a variable and graphs that \
      nobody holds.
      """
    ]
    for count in [200_000, 1_000_000] {
      progress("holders: \(count) entries")
      // Beside the target, by the same build.
      let program = contest.workspace.target.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/held-blocks"
      let process = try Companion([program, "\(count)"])
      while try process.line() != ["ready"] {}
      let contenders = [
        memdump("memdump heap", ["heap", "\(process.id)"], "chunks"),
        memdump("memdump refs --all", ["refs", "\(process.id)", "--all"], "count"),
      ]
      let outcomes = contest.run(contenders)
      let table = Comparison(yardsticks: ["memdump heap"], reference: "memdump refs --all").text(outcomes)
      parts.append("### \(count) entries of a list, \(count / 10) graphs of 11 blocks\n\n\(table)")
    }
    return parts.joined(separator: "\n\n")
  }

  /// The tool, with a number of its summary as the result.
  private func memdump(_ name: String, _ words: [String], _ member: String) -> Contender {
    let command = [contest.workspace.memdump] + words + ["--json", "--max-pause", "30s"]
    return Contender(name, command, output: .counted) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      let line = child.lastOutput.split(separator: "\n").last.map(String.init) ?? ""
      let value = line.firstMatch(of: try Regex("\"\(member)\":([0-9]+)", as: (Substring, Substring).self))
      return Measurement(child, result: value.map { "\($0.1) blocks" } ?? "?")
    }
  }
}
