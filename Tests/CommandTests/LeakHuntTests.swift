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

  private func rows(_ type: String) -> [JSONValue] { values.filter { $0["type"]?.string == type } }

  var growing: [Bool] { rows("verdict").map { $0["growing"] == .boolean(true) } }
  var growth: [JSONValue] { rows("growth").filter { $0["trend"]?.string == "steady" } }
  var classes: [JSONValue] { growth.filter { $0["kind"]?.string == "chunk-size" } }

  /// How many thousandths of the sampled chunks of a size each holder has.
  func holders(of size: String) -> [(name: String, thousandths: Int64)] {
    rows("holder").filter { $0["subject"]?.string == size }
      .map { ($0["holder"]?.string ?? "", ($0["count"]?.number ?? 0) * 1000 / max(1, $0["sampled"]?.number ?? 1)) }
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

  @Test func theFixedTwinIsSilent() throws { try expectSilence(try LeakFixture("sessions", isFixed: true)) }

  @Test(arguments: ["full-cache", "resizing"]) func whatChangesAndDoesNotGrowIsSilent(name: String) throws {
    try expectSilence(try LeakFixture(name))
  }
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
