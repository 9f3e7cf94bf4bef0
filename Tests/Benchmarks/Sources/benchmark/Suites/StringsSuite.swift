import Foundation

/// Printable runs of a file that is in the page cache, against GNU strings.
struct StringsSuite {
  let contest: Contest

  func report() throws -> String {
    let intro = """
      GNU strings prints every run, as `--each` does; counted, memdump also tells how often each was found, as the pipeline \
      does. The yardstick reads the file and does nothing with it.
      """
    var parts = [intro]
    let kinds: [TestData] = [.realistic, .random, .adversarial]
    for data in kinds {
      progress("strings: making \(data.rawValue)")
      let file = try data.make(contest.options, contest.workspace)
      defer { try? FileManager.default.removeItem(atPath: file.path) }
      let outcomes = contest.run(contenders(file.path))
      let comparison = Comparison(byteCount: file.byteCount, yardsticks: ["read"], reference: Searchers.reference)
      parts.append(
        "### \(data.rawValue)\n\n\(sizeText(file.byteCount)): \(file.summary).\n\n\(comparison.text(outcomes))")
      if data == kinds.last { parts.append(commandList(outcomes, contest.workspace, [file.path: "FILE"])) }
    }
    return parts.joined(separator: "\n\n")
  }

  private func contenders(_ file: String) -> [Contender] {
    let searchers = Searchers(workspace: contest.workspace)
    var contenders = [
      contest.workspace.yardstick("read", ["read", file]),
      searchers.memdump(Searchers.reference, [file, "--threads", "1"], command: "strings"),
      searchers.memdump("memdump", [file], command: "strings"),
      searchers.memdump("memdump --template", [file, "--template"], command: "strings"),
      searchers.peer(
        "memdump --each, 1 thread", [contest.workspace.memdump, "strings", file, "--each", "--threads", "1"]),
    ]
    contenders.append(searchers.peer("memdump --each", [contest.workspace.memdump, "strings", file, "--each"]))
    if Tool.strings.isInstalled {
      contenders.append(searchers.peer("strings", ["strings", file]))
      let pipeline = "strings '\(file)' | sort | uniq -c | sort -rn | head -20"
      contenders.append(searchers.peer("strings pipeline", ["sh", "-c", pipeline], result: "rows"))
    }
    return contenders
  }
}
