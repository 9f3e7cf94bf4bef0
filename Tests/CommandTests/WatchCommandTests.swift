import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// `watch` on a process that grows when it is told to: after the line of a look has come, and before the next look.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct WatchCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory

  init() throws {
    target = try FixtureProcess("--allocations", "1024:500:20", "--threads", "2")
    directory = try TemporaryDirectory()
  }

  private struct Run {
    var lines: [String]
    var status: Int32
    var errorText: String
    var text: String { lines.map { $0 + "\n" }.joined() }
  }

  /// Runs it, and lets the process grow after each look whose number is given.
  private func watch(
    _ words: [String], growingAfter looks: Set<Int>, of count: Int = 3, by command: String = "grow 4M",
    _ other: FixtureProcess? = nil
  ) throws -> Run {
    let target = other ?? target
    let tool = try Tool.start(["watch", "\(target.pid)", "--every", "1500ms", "--no-allocs"] + words)
    var lines: [String] = []
    if !words.contains("--json") { lines.append(try tool.readLine()) }
    for number in 1...count {
      lines.append(try tool.readLine())
      if looks.contains(number) { _ = try target.ask(command) }
    }
    let rest = try Tool.finish(tool)
    return Run(lines: lines + rest.lines, status: rest.status, errorText: rest.errorText)
  }

  private func values(_ lines: [String], _ type: String) -> [JSONValue] {
    lines.compactMap { JSONValue(parsing: Array($0.utf8)) }.filter { $0["type"]?.string == type }
  }

  @Test func whatGrowsIsToldWithItsContent() throws {
    let result = try watch([], growingAfter: [1, 2])
    #expect(result.status == 0)
    // The number of the process first: it may be one that stands for others below.
    let text = result.text.replacing("\(target.pid) (target-process)", with: "PID (target-process)").replacing(
      #/[0-9.]+ (µs|ms|s)\b/#, with: "TIME"
    ).replacing(
      #/[0-9,.]+ [KMG]iB/#, with: "SIZE"
    )
    .replacing(#/[0-9]+,[0-9,]+/#, with: "NUMBER").replacing(#/\b5[0-9]{2}\b/#, with: "500").replacing(
      #/ +/#, with: " "
    ).replacing("\n ", with: "\n")
    #expect(
      text.hasPrefix(
        """
         TIME RSS HEAP CHUNKS SOCKADDRS DISTINCT PAUSE
        TIME SIZE SIZE 500 500 500 TIME
        TIME SIZE SIZE NUMBER 500 500 TIME
        TIME SIZE SIZE NUMBER 500 500 TIME

        PID (target-process) grew for TIME; heap SIZE before, SIZE after, +SIZE/s; \
        RSS SIZE before, SIZE after, +SIZE/s
        GROWN A SECOND BEFORE AFTER OF HEAP WHAT
        +SIZE SIZE 0 NUMBER 100.0 % chunks of 48 bytes: text #.#.#.#:# (
        """), "\(text)")
    #expect(text.contains(" text #.#.#.#:#\n") && text.contains(" memory of [heap]\n"))
    #expect(text.hasSuffix("\npaused 3 times, TIME in all, TIME at most\n"))
    #expect(result.errorText == "")
    #expect(try target.complaints() == [])
  }

  @Test func jsonHasALineForEachLookAndEachGrowthAndAVerdict() throws {
    let result = try watch(["--json"], growingAfter: [1, 2])
    #expect(result.status == 0)
    let looks = values(result.lines, "look")
    #expect(looks.map { $0["number"]?.number } == [1, 2, 3])
    #expect(looks.allSatisfy { ($0["pause_ns"]?.number ?? 0) > 0 && $0["verified"] == .boolean(true) })
    // The process has sockets of its own, and a table of libswiftCore looks like two.
    #expect(looks.allSatisfy { (500..<515).contains($0["sockaddrs"]?.number ?? 0) })
    let growth = try #require(values(result.lines, "growth").first)
    #expect(growth["kind"]?.string == "chunk-size" && growth["key"]?.string == "48")
    #expect(growth["trend"]?.string == "steady" && growth["sample_kind"]?.string == "template")
    #expect(try #require(growth["heap_growth_thousandths"]?.number) >= 950)
    let verdict = try #require(values(result.lines, "verdict").first)
    #expect(verdict["growing"] == .boolean(true) && verdict["pauses"]?.number == 3)
    #expect(verdict["pid"]?.number == Int64(target.pid) && verdict["looks"]?.number == 3)
    let grown = try #require(verdict["heap_after"]?.number) - #require(verdict["heap_before"]?.number)
    #expect((8 << 20...10 << 20).contains(grown))
  }

  /// What fills up once does not grow, whether at the start or later.
  @Test(arguments: [(1, "early", "first"), (2, "late", "second")])
  func whatGrowsOnceDoesNotCount(look: Int, trend: String, half: String) throws {
    let result = try watch(["--json"], growingAfter: [look])
    #expect(result.status == 1)
    let growth = try #require(values(result.lines, "growth").first)
    #expect(growth["kind"]?.string == "chunk-size" && growth["trend"]?.string == trend)
    #expect(values(result.lines, "growth").allSatisfy { !["steady", "unknown"].contains($0["trend"]?.string) })
    #expect(values(result.lines, "verdict").first?["growing"] == .boolean(false))
    let text = try watch([], growingAfter: [look]).text
    #expect(text.contains("(target-process) does not grow: looked at for "))
    #expect(text.contains("  grew in the \(half) half of the time only, which does not count: chunks of 48 bytes"))
  }

  @Test func nothingGrowsInAProcessThatDoesNothing() throws {
    let result = try watch(["--json"], growingAfter: [])
    #expect(result.status == 1)
    #expect(values(result.lines, "growth").isEmpty)
  }

  /// The growths that count, by their keys, and the bytes of the one with a key.
  private func steady(_ run: Run) -> [String: Int64] {
    let rows = values(run.lines, "growth").filter { $0["trend"]?.string == "steady" }
    return Dictionary(
      rows.map { row in
        let bytes = (row["bytes_after"]?.number ?? 0) - (row["bytes_before"]?.number ?? 0)
        return ("\(row["kind"]?.string ?? "") \(row["key"]?.string ?? "")", bytes)
      }, uniquingKeysWith: +)
  }

  /// By how much the resident memory grew, by the kernel's word.
  private func residentGrowth(_ run: Run) throws -> Int64 {
    let verdict = try #require(values(run.lines, "verdict").first)
    return try #require(verdict["resident_after"]?.number) - #require(verdict["resident_before"]?.number)
  }

  /// An allocator of the program's own takes mappings of 128 KiB, which the kernel joins, so that their borders move.
  @Test func textsInMappingsGrow() throws {
    let run = try watch(["--json"], growingAfter: [1, 2], by: "map 3M")
    #expect(run.status == 0)
    let (steady, grown) = (steady(run), try residentGrowth(run))
    #expect(steady["template svc-payments-#"] ?? 0 > 2 << 20)
    #expect((5 << 20...7 << 20).contains(steady["resident anon"] ?? 0), "\(steady)")
    #expect(steady.values.allSatisfy { $0 < grown + 1 << 20 }, "\(grown): \(steady)")
    #expect(values(run.lines, "growth").allSatisfy { $0["trend"]?.string != "inside" })
  }

  @Test func sharedMemoryAndCodeGrow() throws {
    for (command, key) in [("share 3M", "resident /dev/zero (deleted)"), ("code 3M", "resident anon")] {
      let run = try watch(["--json"], growingAfter: [1, 2], by: command)
      #expect(run.status == 0, "\(command)")
      #expect((5 << 20...7 << 20).contains(steady(run)[key] ?? 0), "\(command): \(steady(run))")
    }
    let text = try watch([], growingAfter: [1, 2], by: "share 3M").text
    #expect(text.contains(" grew for ") && text.contains(" shared memory of /dev/zero (deleted)\n"), "\(text)")
  }

  /// Smaller chunks in place of larger ones: the heap shrinks.
  @Test func chunksInPlaceOfOthersAreNoGrowth() throws {
    let shifting = try FixtureProcess("--slots", "60000")
    let run = try watch(["--json"], growingAfter: [1, 2], by: "shift 20000", shifting)
    #expect(run.status == 1)
    let rows = values(run.lines, "growth").filter { $0["kind"]?.string == "chunk-size" && $0["key"]?.string == "96" }
    #expect(rows.map { $0["trend"]?.string } == ["shifted"])
    #expect(rows.allSatisfy { $0["heap_growth_thousandths"]?.number == nil })
    let verdict = try #require(values(run.lines, "verdict").first)
    #expect(verdict["growing"] == .boolean(false))
    #expect(try #require(verdict["heap_after"]?.number) < #require(verdict["heap_before"]?.number))
    let other = try FixtureProcess("--slots", "60000")
    let text = try watch([], growingAfter: [1, 2], by: "shift 20000", other).text
    #expect(text.contains("(target-process) does not grow: looked at for "))
    #expect(
      text.contains("  grew, while there is no more of its kind as a whole, which does not count: chunks of 96 bytes +")
    )
  }

  @Test func theHeapOfASecondCLibraryGrows() throws {
    let two = try FixtureProcess("--second-libc", "20000")
    let run = try watch(["--json"], growingAfter: [1, 2], by: "second 4M", two)
    #expect(run.status == 0)
    #expect(steady(run)["chunk-size 1040"] ?? 0 > 7 << 20, "\(steady(run))")
    let holder = try #require(values(run.lines, "holder").first)
    #expect(holder["subject"]?.string == "1040" && holder["holder"]?.string == "target-process:last_second_block")
  }

  /// A leak of one size counts, though another size shrinks meanwhile.
  @Test func aLeakGrowsBesideChunksThatShrink() throws {
    let leaking = try FixtureProcess("--slots", "60000")
    let tool = try Tool.start(["watch", "\(leaking.pid)", "--every", "1500ms"])
    for number in 0...2 {
      _ = try tool.readLine()
      guard number > 0 else { continue }
      _ = try leaking.ask("shift 20000")
      _ = try leaking.ask("grow 4M")
    }
    let result = try Tool.finish(tool)
    #expect(result.status == 0)
    #expect(result.text.contains("  chunks of other sizes shrank by "), "\(result.text)")
  }

  /// Pages of files come and go as the kernel likes.
  @Test func pagesOfFilesDoNotCountAndAreTold() throws {
    let run = try watch([], growingAfter: [1, 2], by: "touch 3M")
    #expect(run.status == 1)
    let sentence = #/\n  RSS grew by 6 MiB of (pages of mapped files|shared pages of files in memory)/#
    #expect(run.text.contains(sentence), "\(run.text)")
  }

  /// Both files have what the rows of sizes tell, below what holds it.
  @Test func theGrowthIsAProfile() throws {
    let two = try FixtureProcess("--second-libc", "20000")
    let (pprof, folded) = (directory.file("growth.pb.gz"), directory.file("growth.folded"))
    let words = ["--json", "--min-growth", "4K", "--pprof", pprof, "--folded", folded]
    let run = try watch(words, growingAfter: [1, 2], by: "second 4M", two)
    #expect(run.status == 0 && run.errorText.isEmpty, "\(run.errorText)")
    let rows = values(run.lines, "growth").filter {
      $0["trend"]?.string == "steady" && $0["kind"]?.string == "chunk-size"
    }
    func grown(_ what: String) -> Int64 {
      rows.reduce(0) { $0 + max(0, ($1["\(what)_after"]?.number ?? 0) - ($1["\(what)_before"]?.number ?? 0)) }
    }
    let profile = try ProfileFileTests.decode(pprof)
    #expect(profile["types"]?.array?.compactMap { $0.array?.first?.string } == ["inuse_objects", "inuse_space"])
    #expect(profile["main"]?.string == "inuse_space")
    let samples = profile["samples"]?.array ?? []
    func sum(_ type: Int) -> Int64 { samples.reduce(0) { $0 + ($1["values"]?.array?[type].number ?? 0) } }
    #expect(grown("bytes") > 7 << 20 && sum(1) == grown("bytes") && sum(0) == grown("count"))
    #expect(ProfileFileTests.total(folded) == UInt64(grown("bytes")))
    let held = try #require(samples.first { $0["labels"]?["stack"]?.string == "holder" }, "\(samples)")
    #expect(held["stack"]?.array?.first?.string == "target-process:last_second_block")
    #expect(held["labels"]?["class"]?.number == 1040 && held["labels"]?["holder"]?.string == "variable")
    #expect((held["values"]?.array?[1].number ?? 0) * 2 > grown("bytes"))
    if has("go") {
      let top = try Tool.shell("go tool pprof -top -unit=B \(pprof) 2>&1")
      #expect(
        top.text.contains("Type: inuse_space") && top.text.contains(" target-process:last_second_block"), "\(top.text)")
    }
  }

  @Test func ofWhatDoesNotGrowThereIsNoProfile() throws {
    let file = directory.file("growth.folded")
    let run = try watch(["--folded", file], growingAfter: [])
    #expect(run.status == 1 && run.errorText == "memdump: \(file) was not written\n")
    #expect(directory.names.isEmpty)
    let refused = try Tool.run("watch", "\(target.pid)", "--pprof", directory.file("none/x"))
    #expect(refused.status == 2 && refused.output.isEmpty)
  }

  @Test func twoLooksTellThatTheyTellNoTrend() throws {
    let result = try watch(["--count", "2"], growingAfter: [1], of: 2)
    #expect(result.status == 0)
    #expect(result.text.contains("  two looks do not tell a leak from what fills up once; more tell, see --count\n"))
  }

  @Test func withoutAStopItPausesNever() throws {
    let result = try watch(["--mode", "live"], growingAfter: [1, 2])
    #expect(result.status == 0)
    #expect(result.text.hasSuffix("\n  never paused\n"))
  }

  /// The next look would be in ten minutes.
  @Test func aTargetThatEndsEndsTheWatchWithWhatWasSeen() throws {
    for (wait, looks, status) in [("10m", 1, 2), ("1s", 2, 0)] as [(String, Int, Int32)] {
      let victim = try FixtureProcess("--allocations", "1024:500:20")
      let tool = try Tool.start(["watch", "\(victim.pid)", "--every", wait, "--count", "100"])
      for number in 0...looks {
        _ = try tool.readLine()
        if number == 1 { _ = try victim.ask("grow 4M") }
      }
      victim.send(signal: SIGKILL)
      let result = try Tool.finish(tool, within: .seconds(30))
      #expect(result.status == status)
      #expect(result.text.contains("\n  the process ended before the watch was over\n"))
      let sentence =
        looks == 1 ? "ended while it was looked at." : "has ended; the verdict is of what was seen until then"
      #expect(result.errorText.contains(sentence), "\(result.errorText)")
    }
  }

  @Test func aTargetThatRunsAnotherProgramIsNotComparedWithThat() throws {
    let victim = try FixtureProcess("--allocations", "1024:500:20")
    let tool = try Tool.start(["watch", "\(victim.pid)", "--every", "1s", "--count", "100"])
    for _ in 0..<3 { _ = try tool.readLine() }
    try victim.executeItself()
    let result = try Tool.finish(tool, within: .seconds(30))
    #expect(result.text.contains("\n  the process ran another program (execve) before the watch was over\n"))
    #expect(result.errorText.contains("has run another program; the verdict is of what was seen until then"))
    #expect(result.status == 1)
  }

  /// To say that it has no heap would not be true: it may have one, and that is not looked for.
  @Test func theHeapOfANarrowProcessIsNotSaidToBeMissing() throws {
    guard let child = try Child.narrow(in: directory) else { return }
    let watch = try Tool.run("watch", "\(child.id)", "--every", "50ms", "--count", "2")
    #expect(watch.text.contains("\n  a 32-bit process, whose heap is not walked, so chunk sizes are not compared\n"))
    let diff = try Tool.run("diff", "\(child.id)", "\(child.id)")
    let note = "\(child.id): a 32-bit process, whose heap is not walked, so chunk sizes are not compared\n"
    #expect(diff.errorText == note + note)
    #expect(![watch, diff].contains { ($0.text + $0.errorText).contains("no heap") })
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsItWithTheVerdictSoFar(signal: Int32) throws {
    let tool = try Tool.start(["watch", "\(target.pid)", "--every", "10m", "--count", "2"])
    for _ in 0..<2 { _ = try tool.readLine() }
    tool.send(signal: signal)
    let result = try Tool.finish(tool, within: .seconds(30))
    #expect(result.status == 128 + signal)
    #expect(result.text.contains("(target-process): growth takes two looks, and there was one.\n"))
    #expect(result.text.contains("\n  interrupted before the watch was over\n"))
    #expect(try target.complaints() == [])
  }

  @Test func oneThatFailsDoesNotStopTheOthers() throws {
    let other = try FixtureProcess("--heap", "1M")
    let result = try Tool.run("watch", "999999999", "\(target.pid)", "\(other.pid)", "--every", "100ms", "--json")
    #expect(result.status == 2)
    #expect(
      result.errorText
        == #"{"type":"error","code":"no-such-process","message":"there is no process 999999999.","exit_status":2,"#
        + #""pid":999999999}"# + "\n")
    #expect(values(result.lines, "verdict").map { $0["pid"]?.number } == [Int64(target.pid), Int64(other.pid)])
    #expect(
      values(result.lines, "look").map { $0["pid"]?.number }
        == [1, 2, 3].flatMap { _ in [target, other] }.map { Int64($0.pid) })
  }

  /// The heap is seen at a look; what is resident needs none, so a look comes after the dump.
  @Test(arguments: [("heap>100K", 1), ("rss>100K", 2), ("heap>+1K/s", 2)])
  func aTriggerTakesADumpAndEndsTheWatch(trigger: String, looks: Int) throws {
    let tool = try Tool.start([
      "watch", "\(target.pid)", "--every", "1s", "--count", "1000", "--trigger", trigger, "--dump-to", directory.path,
      "--json",
    ])
    var lines = [try tool.readLine()]
    // What grows while it is stopped for a dump may find no room in the copy.
    if trigger.contains("+") { _ = try target.ask("grow 4M") }
    let rest = try Tool.finish(tool)
    lines += rest.lines
    #expect(rest.exit == .status(trigger.contains("+") ? 0 : 1), "\(rest.errorText)")
    let name = try #require(directory.names.first { $0.hasSuffix(".core") })
    // Nobody can know the name before, and take it.
    #expect(name.split(separator: "-").count == 4 && name.hasPrefix("memdump-\(target.pid)-"))
    let values = lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    #expect(values.count { $0["type"]?.string == "look" } == looks)
    let dump = try #require(values.first { $0["type"]?.string == "dump" })
    #expect(dump["path"]?.string == directory.file(name) && dump["mode"]?.string == "stop")
    #expect(values.last?["dump"]?.string == directory.file(name))
    #expect(rest.errorText.contains("(target-process): \(trigger.prefix { $0 != ">" }) is "))
    #expect(try Tool.run("heap", directory.file(name)).status == 0)
    #expect(try target.complaints() == [])
  }

  @Test(arguments: [
    (["--count", "1"], "growth takes two looks: --count is 2 or more."),
    (["--count", "2", "--for", "1m"], "--count and --for exclude each other."),
    (["--for", "5s"], "growth takes two looks: --for is no shorter than --every."),
    (["--trigger", "rss>1M"], "--trigger and --dump-to need each other: a dump goes to that directory."),
    (["--dump-to", "/tmp"], "--trigger and --dump-to need each other: a dump goes to that directory."),
    (["--trigger", "rss", "--dump-to", "/tmp"], "'rss' is not a trigger: it has no >."),
    (["--top=-1"], "the value '-1' is invalid for '--top <count>'"),
    (["--top", "9223372036854775807"], "the value '9223372036854775807' is invalid for '--top <count>'"),
  ]) func whatCannotBeIsRefused(words: [String], sentence: String) throws {
    let result = try Tool.run(["watch", "\(target.pid)"] + words)
    #expect(result.status == 64)
    #expect(result.errorText.contains(sentence), "\(result.errorText)")
  }

  @Test func aDirectoryThatTakesNoDumpIsRefusedAtOnce() throws {
    let result = try Tool.run("watch", "\(target.pid)", "--trigger", "rss>1M", "--dump-to", directory.file("none"))
    #expect(result.status == 2)
    #expect(result.errorText == "memdump: cannot create \(directory.file("none")): No such file or directory.\n")
  }
}

/// On an nginx of Debian whose module leaks, or does not.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: canBuildNginxModule, "nginx-dev is not installed"))
struct WatchNginxTests {
  @Test(arguments: ["old_reset", "destroy"]) func theGrowingClassIsNamedOrNothingIs(reclaim: String) throws {
    let nginx = try NginxLeak(reclaim: reclaim, ticks: 0)
    let requests = Requests(port: nginx.port)
    try nginx.wait(forTick: 60)
    let result = try Tool.run("watch", "\(nginx.worker)", "--every", "3s", "--json", "--max-pause", "5s")
    let values = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let growing = values.filter { $0["type"]?.string == "growth" && $0["trend"]?.string == "steady" }
    // On a busy machine it may grow by more than there is room for between the map that is read before a stop and the stop.
    #expect([reclaim == "old_reset" ? 0 : 1, 4].contains(result.status), "\(result.errorText)")
    if reclaim == "old_reset" {
      #expect(growing.first?["key"]?.string == "1040" && growing.first?["sample_kind"]?.string == "sockaddr")
      #expect(growing.first?["heap_growth_thousandths"]?.number ?? 0 >= 950)
      let holder = try #require(values.first { $0["type"]?.string == "holder" })
      #expect(
        holder["subject"]?.string == "1040"
          && holder["holder"]?.string?.hasPrefix("ngx_http_svcring_module.so:") == true)
      #expect(holder["count"]?.number ?? 0 >= 150, "of 300 sampled")
    } else {
      #expect(growing == [])
    }
    #expect(requests.end().failed == 0)
    #expect(stoppedThreadCount(nginx.worker) == 0)
    #expect(tracer(nginx.worker) == 0)
  }
}
