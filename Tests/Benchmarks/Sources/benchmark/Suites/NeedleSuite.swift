import Foundation

/// Sets of texts, one byte that is everywhere, and expressions of nothing but texts, in files that are in the page cache.
struct NeedleSuite {
  let contest: Contest
  private static let email = #"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}"#
  private static let setSizes = [10, 100, 1000, 10_000]

  func report() throws -> String {
    var parts = [
      """
      Half of the needles are words of the text, half are in it nowhere. memdump reports each needle wherever it stands, as \
      hyperscan does, which here counts alone; its times are those of the whole program, with the making of its database. ripgrep and \
      grep report no match over another. The yardstick reads the file and does nothing with it. Where nothing else is said, \
      all have one thread.
      """
    ]
    progress("needles: making text and memory")
    let text = try TextData.make(contest.options, contest.workspace)
    let memory = try TestData.realistic.make(contest.options, contest.workspace)
    defer { for file in [text, memory] { try? FileManager.default.removeItem(atPath: file.path) } }
    let hyperscan = Hyperscan(contest.workspace)
    for count in Self.setSizes {
      let list = "\(contest.workspace.directory)/needles-\(count)"
      try TextData.needles(count, of: text).joined(separator: "\n").appending("\n")
        .write(toFile: list, atomically: false, encoding: .utf8)
      for (name, file) in [("text", text), ("memory", memory)] {
        parts.append(table("\(count) needles, \(name)", file, sets(list, file.path, hyperscan)))
      }
    }
    parts.append(table("one byte that is everywhere, text", text, byte(text.path, hyperscan)))
    for count in [50, 1000] {
      let words = TextData.needles(count, of: text)
      parts.append(
        table(
          "--regex of \(count) words, text", text,
          expression(words.joined(separator: "|"), "words-\(count)", text.path, hyperscan),
          words: [words.joined(separator: "|"): "WORD|WORD|…"]))
    }
    parts.append(
      table("--regex of e-mail addresses, text", text, expression(Self.email, "email", text.path, hyperscan)))
    return parts.joined(separator: "\n\n")
  }

  private func table(
    _ title: String, _ file: TestData.File, _ contenders: [Contender], words: [String: String] = [:]
  ) -> String {
    progress("needles: \(title)")
    let outcomes = contest.run(contenders)
    let comparison = Comparison(byteCount: file.byteCount, yardsticks: ["read"], reference: Searchers.reference)
    return "### \(title)\n\n\(sizeText(file.byteCount)): \(file.summary).\n\n\(comparison.text(outcomes))\n\n"
      + commandList(outcomes, contest.workspace, words.merging([file.path: "FILE"]) { first, _ in first })
  }

  private var searchers: Searchers { Searchers(workspace: contest.workspace) }

  private func common(_ file: String, _ arguments: [String]) -> [Contender] {
    [
      contest.workspace.yardstick("read", ["read", file]),
      searchers.memdump(Searchers.reference, [file, "--threads", "1"] + arguments),
      searchers.memdump("memdump", [file] + arguments),
    ]
  }

  private static let ripgrep = [
    "rg", "--no-config", "--no-unicode", "--text", "--only-matching", "--byte-offset", "--no-line-number",
  ]

  private func sets(_ list: String, _ file: String, _ hyperscan: Hyperscan) -> [Contender] {
    var contenders = common(file, ["--find-file", list])
    if let program = hyperscan.program { contenders.append(hyperscan.contender(program, ["literals", list, file])) }
    if Tool.ripgrep.isInstalled {
      contenders.append(searchers.peer("ripgrep", Self.ripgrep + ["-F", "-f", list, file]))
    }
    if Tool.grep.isInstalled { contenders.append(searchers.peer("grep", ["grep", "-aobF", "-f", list, file])) }
    return contenders
  }

  private func byte(_ file: String, _ hyperscan: Hyperscan) -> [Contender] {
    var contenders = common(file, ["--find", "e"])
    let list = "\(contest.workspace.directory)/needle-e"
    try? "e\n".write(toFile: list, atomically: false, encoding: .utf8)
    if let program = hyperscan.program { contenders.append(hyperscan.contender(program, ["literals", list, file])) }
    if Tool.ripgrep.isInstalled { contenders.append(searchers.peer("ripgrep", Self.ripgrep + ["-F", "e", file])) }
    return contenders
  }

  private func expression(
    _ expression: String, _ name: String, _ file: String, _ hyperscan: Hyperscan
  ) -> [Contender] {
    var contenders = common(file, ["--regex", expression])
    let list = "\(contest.workspace.directory)/expression-\(name)"
    try? (expression + "\n").write(toFile: list, atomically: false, encoding: .utf8)
    if let program = hyperscan.program { contenders.append(hyperscan.contender(program, ["expressions", list, file])) }
    if Tool.ripgrep.isInstalled { contenders.append(searchers.peer("ripgrep", Self.ripgrep + [expression, file])) }
    return contenders
  }
}
