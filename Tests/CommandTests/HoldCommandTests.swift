import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct HoldCommandTests {
  private let target: FixtureProcess

  init() throws { target = try FixtureProcess("--threads", "4") }

  @Test func theProcessStandsStillForTheTime() throws {
    let result = try Tool.run("hold", "\(target.pid)", "--for", "100ms")
    #expect(result.status == 0)
    #expect(
      result.errorText.contains(#/^held [0-9]+ \(target-process\) for [0-9.]+ m?s; now running, 5 threads/#))
    #expect(try target.complaints() == [])
  }

  @Test func theCommandSeesItStoppedAndGivesItsStatus() throws {
    let line = "grep -h ^State: /proc/$MEMDUMP_PID/task/*/status | sort | uniq -c; exit 7"
    let result = try Tool.run("hold", "\(target.pid)", "--", "sh", "-c", line)
    #expect(result.text.split(separator: " ").prefix(3) == ["5", "State:\tt", "(tracing"])
    #expect(result.status == 7)
    #expect(try target.complaints() == [])
  }

  @Test func aCommandThatTakesTooLongRunsOnWithoutTheHold() throws {
    let directory = try TemporaryDirectory()
    let line =
      "exec >/dev/null 2>&1; while [ ! -e '\(directory.file("go"))' ]; do sleep 0.01; done; : > '\(directory.file("done"))'"
    let result = try Tool.run("hold", "\(target.pid)", "--max-pause", "50ms", "--", "sh", "-c", line)
    #expect(result.status == 4)
    #expect(try target.complaints() == [])
    try directory.write([], to: "go")
    #expect(waitUntil { directory.names.contains("done") })
  }

  @Test func aCommandThatDoesNotExistIsAnErrorAndNoHold() throws {
    let result = try Tool.run("hold", "\(target.pid)", "--", "/nowhere/at/all")
    #expect(result.status == 2)
    #expect(result.errorText == "memdump: cannot run '/nowhere/at/all': No such file or directory.\n")
    #expect(try target.complaints() == [])
  }

  @Test func aSignalOfTheCommandIsToldAsTheShellDoes() throws {
    #expect(try Tool.run("hold", "\(target.pid)", "--", "sh", "-c", "kill -9 $$").status == 137)
    #expect(try target.complaints() == [])
  }

  @Test func theStatusIsKnownThoughWeWereStartedWithoutWordOfChildren() throws {
    let line = "trap '' CHLD; exec \"$MEMDUMP\" hold \(target.pid) -- sh -c 'exit 5'"
    #expect(try Tool.shell(line).status == 5)
    #expect(try target.complaints() == [])
  }

  @Test(arguments: [Int32(1), 2, 15]) func aSignalEndsTheHold(signal: Int32) throws {
    let child = try Tool.start(["hold", "\(target.pid)", "--for", "60s", "--max-pause", "60s"])
    #expect(waitUntil { stoppedThreadCount(target.pid) == 5 })
    child.send(signal: signal)
    #expect(try Tool.finish(child).status == 128 + signal)
    #expect(try target.complaints() == [])
  }

  @Test func aTimeOrACommandIsNeeded() throws {
    #expect(try Tool.run("hold", "\(target.pid)").status == 64)
    #expect(try Tool.run("hold", "\(target.pid)", "--for", "1s", "--", "true").status == 64)
  }
}
