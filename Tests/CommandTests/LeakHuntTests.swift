import MemDump
import MemDumpTestSupport
import Testing

/// What `memdump watch` says of a fixture: its growth, its holders and its verdicts.
private struct Hunt {
  let values: [JSONValue]

  init(_ fixture: LeakFixture) throws {
    let words = ["watch", "--no-allocs"] + fixture.processes.map(String.init)
    let result = try Tool.run(words + ["--every", "1s", "--json", "--max-pause", "5s"])
    // On a busy machine a process may grow by more than there is room for between the map that is read and the stop.
    try #require([0, 1, 4].contains(result.status), "\(result.errorText)")
    values = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    for process in fixture.processes {
      #expect(stoppedThreadCount(process) == 0)
      #expect(tracer(process) == 0)
    }
  }

  func rows(_ type: String) -> [JSONValue] { values.filter { $0["type"]?.string == type } }

  var growing: [Bool] { rows("verdict").map { $0["growing"] == .boolean(true) } }
  var growth: [JSONValue] { rows("growth").filter { $0["trend"]?.string == "steady" } }
  var types: [JSONValue] { growth.filter { $0["kind"]?.string == "object-type" } }
  var classes: [JSONValue] { growth.filter { $0["kind"]?.string == "chunk-size" } }

  /// How many thousandths of the sampled chunks of a size each holder has.
  func holders(of size: String) -> [(name: String, thousandths: Int64)] {
    rows("holder").filter { $0["subject"]?.string == size }
      .map { ($0["holder"]?.string ?? "", ($0["count"]?.number ?? 0) * 1000 / max(1, $0["sampled"]?.number ?? 1)) }
  }
}

extension Hunt {
  /// How many thousandths of the sampled objects of a type each way holds.
  func ways(of type: String) -> [(name: String, thousandths: Int64)] {
    rows("object-holder").filter { $0["subject"]?.string == type }.map { row in
      let steps = (row["steps"]?.array ?? []).compactMap(\.string) + [row["holder"]?.string ?? ""]
      return (
        steps.joined(separator: " <- "), (row["count"]?.number ?? 0) * 1000 / max(1, row["sampled"]?.number ?? 1)
      )
    }
  }
}

/// Whether all that grows is what the truth of a fixture says, with no name that is not true.
private func expectTheTruth(_ fixture: LeakFixture) throws {
  let hunt = try Hunt(fixture)
  #expect(hunt.growing == [true])
  let first = try #require(hunt.classes.first?["key"]?.string)
  for row in hunt.classes where row["heap_growth_thousandths"]?.number ?? 0 > 100 {
    #expect(fixture.classes.contains(row["key"]?.string ?? ""), "\(row)")
  }
  let labels = hunt.classes.filter { $0["sample"]?.string != nil && $0["sample_kind"]?.string != "pointer" }
  #expect(!labels.isEmpty)
  for row in labels {
    #expect(fixture.holds(row["sample_kind"]?.string ?? "", row["sample"]?.string ?? ""), "\(row)")
  }
  let holders = hunt.holders(of: first)
  if fixture.isHeldByNobody {
    #expect(holders.reduce(0) { $0 + $1.thousandths } < 500, "\(holders)")
  } else {
    #expect(holders.filter { fixture.isHeld(by: $0.name) }.reduce(0) { $0 + $1.thousandths } >= 500, "\(holders)")
  }
}

private func expectSilence(_ fixture: LeakFixture) throws {
  let hunt = try Hunt(fixture)
  #expect(hunt.growing == fixture.processes.map { _ in false }, "\(hunt.growth)")
}

/// On programs that leak as real ones do, on their fixed twins, and on programs that only look as if they leaked. `make hunts`
/// goes over all there are.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("cc"), "there is no C compiler"))
struct LeakHuntTests {
  @Test(arguments: ["static-list", "mapped-buffers", "sessions"]) func aLeakIsSeenAsItIs(name: String) throws {
    try expectTheTruth(try LeakFixture(name))
  }

  /// Three keys of a session, each with its bytes: whatever the number of sessions, there are as many of either.
  @Test func whatIsMadeTogetherGrowsInStep() throws {
    let hunt = try Hunt(try LeakFixture("sessions"))
    let keys = try #require(hunt.classes.first { $0["key"]?.string == "448" }?["in_step"]?.array).compactMap(\.string)
    #expect(keys.contains("448") && keys.contains("96"), "\(keys)")
  }

  @Test func theFixedTwinIsSilent() throws { try expectSilence(try LeakFixture("sessions", isFixed: true)) }

  @Test(arguments: ["full-cache", "resizing"]) func whatChangesAndDoesNotGrowIsSilent(name: String) throws {
    try expectSilence(try LeakFixture(name))
  }
}

/// The same on programs of Go: what survives their collections, and the stacks of goroutines of which there are more.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: hasGo, "there is no go"))
struct GoLeakHuntTests {
  /// The functions of which there are more goroutines. One function may have several rows: a row has a stack and the go
  /// statement that began it.
  private func grown(_ fixture: LeakFixture) throws -> Set<String> {
    let words = ["goroutines", "\(fixture.processes[0])", "--every", "1s", "--count", "3", "--json"]
    let rows = try Tool.run(words).lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    return Set(rows.filter { $0["type"]?.string == "goroutines" }.compactMap { $0["function"]?.string })
  }

  @Test func aMapThatIsNeverEmptiedIsSeenAsItIs() throws {
    let fixture = try LeakFixture("go-sessions")
    try expectTheTruth(fixture)
    #expect(try grown(fixture) == [])
  }

  /// A cache that is full has most objects of the size that grows: that it has the new ones is not said.
  @Test func whoHasMostIsNotSaidToGrow() throws {
    let fixture = try LeakFixture("go-order")
    var rows: [JSONValue] = []
    // At first nothing is collected, and all of it grows.
    for _ in 0..<4 where rows.isEmpty {
      rows = try Hunt(fixture).rows("holder").filter { $0["subject"]?.string == "640" }
    }
    #expect(rows.contains { $0["holder"]?.string?.contains("main.cache") ?? false }, "\(rows)")
    #expect(rows.allSatisfy { $0["grown_for_sure"]?.number == 0 }, "\(rows)")
    let words = ["watch", "\(fixture.processes[0])", "--no-allocs", "--every", "1s", "--max-pause", "5s"]
    let text = try Tool.run(words).text
    #expect(text.contains(" sampled are not traced; which of these holds the "), "\(text)")
    #expect(text.contains(" more is not certain"), "\(text)")
  }

  @Test(arguments: ["go-senders", "go-tickers"]) func goroutinesThatStayAreNamed(name: String) throws {
    let fixture = try LeakFixture(name)
    let grown = try grown(fixture)
    #expect(grown == Set(fixture.goroutines))
    let hunt = try Hunt(fixture)
    #expect(hunt.growing == [true])
    #expect(hunt.classes.first?["key"]?.string == fixture.classes.first, "\(hunt.classes)")
  }

  @Test(arguments: ["go-sessions", "go-senders", "go-tickers"]) func theFixedTwinIsSilent(name: String) throws {
    let fixture = try LeakFixture(name, isFixed: true)
    #expect(try grown(fixture) == [])
    try expectSilence(fixture)
  }
}

/// The same on programs of Python: types of objects, and who holds them in the words of whoever wrote them.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("python3"), "there is no python3"))
struct PythonLeakHuntTests {
  private static let names = ["py-listeners", "py-tasks"] + (isFullRun ? ["py-cache"] : [])

  @Test(arguments: names) func typesAndHoldersAreSeenAsTheyAre(name: String) throws {
    let fixture = try LeakFixture(name)
    let hunt = try Hunt(fixture)
    #expect(hunt.growing == [true])
    let type = try #require(hunt.types.first?["key"]?.string)
    #expect(fixture.classes.contains(type), "\(hunt.types)")
    let ways = hunt.ways(of: type)
    #expect(ways.filter { fixture.isHeld(by: $0.name) }.reduce(0) { $0 + $1.thousandths } >= 900, "\(ways)")
  }

  @Test(arguments: isFullRun ? names : ["py-listeners"]) func theFixedTwinIsSilent(name: String) throws {
    try expectSilence(try LeakFixture(name, isFixed: true))
  }
}

/// A dictionary that grows for ever has a new table now and then, and gives the old one back.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("python3"), "there is no python3"))
struct GrownTableTests {
  private static let script = """
    import time
    SEEN = {}
    for i in range(20000): SEEN[i] = None
    print('ready', flush=True)
    while True:
        for i in range(len(SEEN), len(SEEN) + 3000): SEEN[i] = None
        time.sleep(0.1)
    """

  @Test func whatGrowsIsNoCacheThatFills() throws {
    let child = try PythonProgram.start(Self.script).child
    var seen = 0
    // On a busy machine the program may add too little in a watch.
    for _ in 0..<6 where seen < 3 {
      let words = ["watch", "\(child.id)", "--no-allocs", "--every", "700ms", "--count", "3", "--json"]
      let rows = try Tool.run(words).lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
      let verdict = try #require(rows.last { $0["type"]?.string == "verdict" })
      guard verdict["growing"] == .boolean(true) else { continue }
      seen += 1
      #expect(verdict["word"]?.string != "cache that fills", "\(verdict)")
      // Any of as many dictionaries as before may be the one that is larger.
      let larger = rows.filter { $0["type"]?.string == "growth" && $0["kind"]?.string == "object-type" }
        .filter { $0["count_before"] == $0["count_after"] }.compactMap { $0["key"]?.string }
      let told = rows.filter { $0["type"]?.string == "object-holder" }.compactMap { $0["subject"]?.string }
      #expect(Set(larger).isDisjoint(with: told), "\(told)")
    }
    #expect(seen > 0)
  }
}

/// The same on a program of LuaJIT.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("luajit"), "luajit is not installed"))
struct LuaLeakHuntTests {
  @Test func theTableThatGrowsIsNamed() throws {
    let fixture = try LeakFixture("table")
    let hunt = try Hunt(fixture)
    #expect(hunt.growing == [true])
    #expect(hunt.types.first?["key"]?.string == "string", "\(hunt.types)")
    let ways = hunt.ways(of: "string")
    #expect(ways.filter { fixture.isHeld(by: $0.name) }.reduce(0) { $0 + $1.thousandths } >= 900, "\(ways)")
  }

  @Test func theFixedTwinIsSilent() throws { try expectSilence(try LeakFixture("table", isFixed: true)) }
}

/// The same on a program of PHP.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: has("php"), "php is not installed"))
struct PHPLeakHuntTests {
  @Test func classesAndHoldersAreSeenAsTheyAre() throws {
    let fixture = try LeakFixture("php-cache")
    let hunt = try Hunt(fixture)
    #expect(hunt.growing == [true])
    for type in ["array", "App\\\\User"] {
      #expect(hunt.types.contains { $0["key"]?.string == type }, "\(hunt.types)")
      let ways = hunt.ways(of: type)
      #expect(ways.filter { fixture.isHeld(by: $0.name) }.reduce(0) { $0 + $1.thousandths } >= 900, "\(ways)")
    }
  }

  @Test func theFixedTwinIsSilent() throws { try expectSilence(try LeakFixture("php-cache", isFixed: true)) }
}

/// The same on an nginx of Debian, with modules that leak and with traffic.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: canBuildNginxModule, "nginx-dev is not installed"), .enabled(if: has("wrk"), "wrk is not installed"))
struct NginxLeakHuntTests {
  @Test(arguments: ["nginx-poll", "nginx-peers", "nginx-resolve"]) func aLeakIsSeenAsItIs(name: String) throws {
    try expectTheTruth(try LeakFixture(name))
  }

  @Test(arguments: ["nginx-poll", "nginx-peers"]) func theFixedTwinIsSilent(name: String) throws {
    try expectSilence(try LeakFixture(name, isFixed: true))
  }

  @Test(arguments: ["keep-alive", "reload"]) func trafficIsSilent(name: String) throws {
    try expectSilence(try LeakFixture(name))
  }

  @Test func sharedMemoryThatFillsIsNoHeap() throws {
    let hunt = try Hunt(try LeakFixture("shared-dictionary"))
    #expect(hunt.growing == [true])
    // What the kernel calls shared memory that has no name of its own.
    #expect(hunt.growth.map { $0["kind"]?.string } == ["resident"])
    #expect(hunt.growth.first?["key"]?.string == "/dev/zero (deleted)")
  }
}
