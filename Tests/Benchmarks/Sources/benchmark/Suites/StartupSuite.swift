/// What starting the tool costs.
struct StartupSuite {
  let contest: Contest

  func report() -> String {
    var contenders: [Contender] = [
      .timed("true", ["true"]),
      .timed("memdump", [contest.options.memdump, "--version"]),
    ]
    if let path = contest.options.staticMemdump {
      contenders.append(.timed("memdump, fully static", [path, "--version"]))
    }
    if Tool.ripgrep.isInstalled { contenders.append(.timed("ripgrep", ["rg", "--version"])) }
    if Tool.gdb.isInstalled { contenders.append(.timed("gdb", ["gdb", "--version"])) }
    let outcomes = contest.run(contenders, rounds: contest.options.rounds * 10)
    let intro = "`true` is the least that a program can do, in C; the others print their version."
    return intro + "\n\n" + Comparison(yardsticks: ["true"], reference: "memdump").text(outcomes)
  }
}
