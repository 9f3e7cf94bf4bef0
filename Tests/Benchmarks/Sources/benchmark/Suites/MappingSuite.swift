/// Processes with a long memory map.
struct MappingSuite {
  let contest: Contest

  /// As many as the kernel lets a process have, but for a few (vm.max_map_count).
  private static let count = 60_000
  private static let processCount = 200

  func report() throws -> String {
    let intro = """
      \(Self.count) mappings of a page. `cat` does nothing but have the kernel make the text of the map; that takes longer with the usage \
      of each mapping (smaps). `footprint` walks the heaps, too.
      """
    return try [
      intro, section("untouched", ["--maps", "\(Self.count)"]),
      section("each page written", ["--maps", "\(Self.count)", "--written"]), host(),
    ].joined(separator: "\n\n")
  }

  /// The processes of a host, one after the other.
  private func host() throws -> String {
    progress("mappings: \(Self.processCount) processes")
    let fixtures = try (0..<Self.processCount).map { _ in try Fixture(contest.workspace, ["--heap", "1M"]) }
    let processes = fixtures.map { "\($0.id)" }
    let outcomes = contest.run([
      counted("cat smaps", ["cat"] + processes.map { "/proc/\($0)/smaps" }),
      counted("memdump footprint", [contest.workspace.memdump, "footprint"] + processes),
    ])
    for fixture in fixtures { try fixture.checkRuns() }
    let table = Comparison(yardsticks: ["cat smaps"], reference: "memdump footprint").text(outcomes)
    return "### The \(Self.processCount) processes of a host, each with a small heap\n\n\(table)"
  }

  private func section(_ title: String, _ options: [String]) throws -> String {
    progress("mappings: \(title)")
    let fixture = try Fixture(contest.workspace, options)
    let (process, memdump) = ("\(fixture.id)", contest.workspace.memdump)
    let outcomes = contest.run([
      counted("cat smaps", ["cat", "/proc/\(process)/smaps"]),
      counted("cat maps", ["cat", "/proc/\(process)/maps"]),
      counted("memdump regions", [memdump, "regions", process]),
      counted("memdump regions --all", [memdump, "regions", process, "--all"]),
      counted("memdump regions --json", [memdump, "regions", process, "--json"]),
      counted("memdump footprint", [memdump, "footprint", process]),
    ])
    try fixture.checkRuns()
    let table = Comparison(yardsticks: ["cat smaps"], reference: "memdump regions --all").text(outcomes)
    return "### \(title)\n\n\(table)\n\n\(commandList(outcomes, contest.workspace, [process: "PID"]))"
  }

  private func counted(_ name: String, _ command: [String]) -> Contender {
    Contender(name, command, output: .counted) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      return Measurement(child)
    }
  }
}
