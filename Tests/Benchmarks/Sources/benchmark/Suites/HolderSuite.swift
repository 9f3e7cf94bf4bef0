/// Looking for what holds a whole heap.
struct HolderSuite {
  let contest: Contest

  /// The blocks of a large heap.
  private static let mixed = 20_000_000

  func report() throws -> String {
    var parts = [
      """
      `memdump heap` walks the heap of the same process and is the least that there is to do; its result is the number of \
      blocks. Both copy the heap, or fork, in the time that they take.
      """
    ]
    // Beside the target, by the same build.
    let list = contest.workspace.target.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/held-blocks"
    for count in [200_000, 1_000_000] {
      parts.append(
        "### \(count) entries of a list, \(count / 10) graphs of 11 blocks\n\n\(try table([list, "\(count)"]))")
    }
    parts.append(
      """
      ### \(Self.mixed / 1_000_000) million blocks of mixed sizes

      Hash tables, trees and lists of a few variables, whose links lead all over the heap, and graphs and rings that nobody holds.

      \(try table([contest.workspace.mixedHeap, "\(Self.mixed)"]))
      """)
    return parts.joined(separator: "\n\n")
  }

  /// The contest over a process.
  private func table(_ command: [String]) throws -> String {
    progress("holders: \(contest.workspace.readable(command))")
    let process = try Companion(command)
    defer { process.end() }
    while try process.line() != ["ready"] {}
    let contenders = [
      memdump("memdump heap", ["heap", "\(process.id)"], "chunks"),
      memdump("memdump refs --all", ["refs", "\(process.id)", "--all"], "count"),
    ]
    return Comparison(yardsticks: ["memdump heap"], reference: "memdump refs --all").text(contest.run(contenders))
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
