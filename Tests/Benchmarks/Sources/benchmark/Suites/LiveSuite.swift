/// Scanning a region of a process that runs.
struct LiveSuite {
  let contest: Contest

  func report() throws -> String {
    let size = "\(contest.options.size)"
    let cases: [(title: String, region: String, options: [String])] = [
      ("4K pages, nothing to find", "fill", ["--fill", size]),
      ("huge pages, nothing to find", "fill", ["--fill", size, "--thp"]),
      ("1,000,000 distinct endpoints in a row", "endpoints", ["--endpoints", "1000000"]),
    ]
    var parts = [
      """
      The yardstick is the bare process_vm_readv of the same range. It and yara have one thread, memdump one for each \
      processor. yara scans all of the process, which holds little else.
      """
    ]
    for (title, name, options) in cases {
      progress("live: \(title)")
      let fixture = try Fixture(contest.workspace, options)
      let region = try fixture.region(name)
      let searchers = Searchers(workspace: contest.workspace)
      var contenders = [
        contest.workspace.readv(fixture, region),
        searchers.memdump("memdump", ["\(fixture.id)", "-r", region.range]),
        searchers.memdump("memdump, 1 thread", ["\(fixture.id)", "-r", region.range, "--threads", "1"]),
        searchers.memdump("memdump, one pattern", ["\(fixture.id)", "-r", region.range, "--pattern", "ipv4-port"]),
      ]
      if Tool.yara.isInstalled { contenders.append(try searchers.yara("\(fixture.id)")) }
      let outcomes = contest.run(contenders)
      try fixture.checkRuns()
      let table = Comparison(byteCount: region.byteCount, yardsticks: ["readv"], reference: "memdump").text(outcomes)
      parts.append("### \(title)\n\n\(sizeText(region.byteCount)).\n\n\(table)")
      if title == cases.last?.title {
        let words = ["\(fixture.id)": "PID", region.range: "RANGE", region.startText: "START", region.sizeText: "SIZE"]
        parts.append(commandList(outcomes, contest.workspace, words))
      }
    }
    return parts.joined(separator: "\n\n")
  }
}
