import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// A stack of goroutines as both sides tell it: what they are at, the calls with file and line, and what made them.
  private struct GoStack: Hashable, CustomStringConvertible {
    var activity: String
    var frames: [String]
    var maker: String?

    var description: String { "[\(activity)] \(frames.joined(separator: " < ")) by \(maker ?? "-")" }
    var isMain: Bool { frames.last?.hasPrefix("main.main ") ?? false }

    /// What the runtime itself writes (`pprof`, debug=2).
    static func all(ofTrace text: String) -> [GoStack: Int] {
      var stacks: [GoStack: Int] = [:]
      for block in text.split(separator: "\n\n") {
        let lines = block.split(separator: "\n").map(String.init)
        guard let head = lines.first, let open = head.firstIndex(of: "["), let close = head.lastIndex(of: "]") else {
          continue
        }
        let activity = head[head.index(after: open)..<close].split(separator: ",")[0]
        var stack = GoStack(activity: String(activity), frames: [])
        var index = 1
        while index + 1 < lines.count {
          // `main.f(0x1, {0x2, ...})`, and below `\t/srv/main.go:12 +0x3`.
          let place = lines[index + 1].dropFirst().split(separator: " ")[0]
          if lines[index].hasPrefix("created by ") {
            stack.maker = String(lines[index].dropFirst(11)).split(separator: " in goroutine").first.map(String.init)
          } else {
            stack.frames.append("\(name(lines[index])) \(place)")
          }
          index += 2
        }
        stacks[stack, default: 0] += 1
      }
      return stacks
    }

    /// A call without its arguments, which are in the last pair of brackets.
    private static func name(_ call: String) -> Substring {
      var depth = 0
      for index in call.indices.reversed() {
        if call[index] == ")" { depth += 1 }
        if call[index] == "(" { depth -= 1 }
        if depth == 0 { return call[..<index] }
      }
      return call[...]
    }

    /// What memdump says, without what the runtime's own traces leave out.
    static func all(of result: Tool.Result) -> [GoStack: Int] {
      var stacks: [GoStack: Int] = [:]
      for line in result.lines {
        guard let row = JSONValue(parsing: Array(line.utf8)), row["type"]?.string == "goroutines" else { continue }
        let frames = row["frames"]?.array?.filter { $0["internal"] == .boolean(false) } ?? []
        let stack = GoStack(
          activity: row["activity"]?.string ?? "",
          frames: frames.map {
            "\($0["function"]?.string ?? "?") \($0["file"]?.string ?? "?"):\($0["line"]?.number ?? 0)"
          },
          maker: row["created_by"]?.string)
        stacks[stack, default: 0] += Int(row["count"]?.number ?? 0)
      }
      return stacks
    }
  }

  private func summary(_ result: Tool.Result) throws -> JSONValue {
    try #require(result.lines.last.flatMap { JSONValue(parsing: Array($0.utf8)) }, "\(result.errorText)")
  }

  /// `memdump goroutines`, and the heap of Go, beside what the runtime of a real program says of itself.
  @Suite(.enabled(if: hasGo, "there is no go")) struct GoroutinesCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let everything = ["--json", "--top", "0", "--depth", "0"]

    @Test(arguments: [GoProgram.Build.plain, .stripped, .pie, .cgo]) func everyStackIsTheRuntimesOwn(
      build: GoProgram.Build
    ) throws {
      let program = try GoProgram(build)
      let trace = directory.file("trace")
      try program.ask("goroutines \(trace)")
      let result = try Tool.run(["goroutines", "\(program.pid)"] + Self.everything)
      #expect(result.status == 0 && result.errorText.isEmpty)
      let truth = GoStack.all(ofTrace: try #require(fileText(trace)))
      let seen = GoStack.all(of: result)
      #expect(truth.values.reduce(0, +) >= 493)
      // The main goroutine, which wrote the trace, waits for the next line now.
      #expect(truth.filter { !$0.key.isMain } == seen.filter { !$0.key.isMain })
      #expect(seen.count { $0.key.isMain } == 1)
      let told = try summary(result)
      #expect(told["goroutines"]?.number == Int64(truth.values.reduce(0, +)))
      #expect(told["mode"]?.string == "live" && told["pause_ns"]?.number == 0 && told["refusal"] == .null)
      #expect(told["broken_stacks"]?.number == 0 && told["moving_goroutines"]?.number == 0)
      // A collection ran when they waited: less time has passed than since the program began.
      #expect(result.text.contains(#""activity":"chan receive","state":"waiting","longest_wait_ns":"#))
    }

    @Test(arguments: ["stop"] + (canSnapshot ? ["snapshot"] : [])) func theSameAtOneInstantAndInACore(mode: String)
      throws
    {
      guard canTrace else { return }
      let program = try GoProgram()
      let live = GoStack.all(of: try Tool.run(["goroutines", "\(program.pid)"] + Self.everything))
      let words = ["--mode", mode, "--max-pause", "10s"]
      let stopped = try Tool.run(["goroutines", "\(program.pid)"] + words + Self.everything)
      #expect(GoStack.all(of: stopped) == live)
      #expect(try summary(stopped)["verified"] == .boolean(true))
      // A core of what the process itself wrote has none of the program's tables: its file has them.
      let core = directory.file("core")
      try #require(try Tool.run(["dump", "\(program.pid)", "--all", "-o", core] + words).status == 0)
      let cored = try Tool.run(["goroutines", core] + Self.everything)
      #expect(GoStack.all(of: cored) == live, "\(cored.text)")
      #expect(stoppedThreadCount(program.pid) == 0)
    }

    @Test func aFileOfAnotherBuildGivesNoNames() throws {
      guard canTrace else { return }
      let path = directory.file("program")
      try #require(try Tool.shell("cp '\(try GoProgram.path(.plain))' '\(path)'").status == 0)
      let child = try Child(path, [])
      while try child.readLine() != "ready" {}
      let core = directory.file("core")
      try #require(
        try Tool.run("dump", "\(child.id)", "--all", "--mode", "stop", "--max-pause", "10s", "-o", core).status == 0)
      try #require(try Tool.shell("rm '\(path)' && cp '\(try GoProgram.path(.pie))' '\(path)'").status == 0)
      let result = try Tool.run("goroutines", core)
      #expect(result.status == 1 && !result.text.contains("main."), "\(result.text)")
    }

    @Test func textFitsATerminalAndCountsByFunction() throws {
      let program = try GoProgram()
      let result = try Tool.run(["goroutines", "\(program.pid)"], environment: ["COLUMNS": "80"])
      #expect(result.lines.first?.hasPrefix("300 goroutines: chan receive") == true, "\(result.text)")
      #expect(result.lines.filter { $0.count > 80 } == [])
      #expect(result.text.contains("\n  main.inlinedReceive  main.go:"))
      // A function that calls itself has a line of its own only where it is at another place.
      #expect(result.lines.contains { $0.hasPrefix("  main.deep  main.go:") && $0.hasSuffix(" × 60") })
      #expect(!result.text.contains("runtime.gopark"))
      #expect(
        result.lines.last { $0.hasPrefix("  counted") }?.contains(
          "493 goroutines in 8 stacks; 6 of the runtime left out") == true)
      let all = try Tool.run("goroutines", "\(program.pid)", "--all")
      #expect(all.text.contains("runtime.gopark") && all.text.contains("runtime.bgsweep"))
      let functions = try Tool.run("goroutines", "\(program.pid)", "--by", "function")
      #expect(
        functions.lines.contains { $0.contains("main.receive  main.go:") && $0.hasPrefix("  300 ") },
        "\(functions.text)")
      let table = try Tool.run("goroutines", "\(program.pid)", "--format", "csv")
      #expect(table.text.split(whereSeparator: \.isNewline).count == 9 && table.text.hasPrefix("count,activity,state,"))
    }

    @Test func whatGrowsIsTold() throws {
      let program = try GoProgram()
      let words = ["goroutines", "\(program.pid)", "--every", "3s", "--json"]
      let quiet = try Tool.run(["goroutines", "\(program.pid)", "--every", "100ms"])
      #expect(quiet.status == 1 && quiet.lines.first == "No stack has 10 goroutines more than before.")
      let child = try Tool.start(words)
      // Right after the first look, or in it: what is new then is a part of what there was before.
      try program.ask("more")
      try program.ask("more")
      let result = try Tool.finish(child)
      let rows = GoStack.all(of: result)
      #expect(result.status == 0 || rows.isEmpty)
      #expect(rows.keys.allSatisfy { $0.frames.first?.hasPrefix("main.send ") == true })
    }

    @Test func theFilesOfProfilesHaveTheCounts() throws {
      let program = try GoProgram()
      let (pprof, folded) = (directory.file("g.pb.gz"), directory.file("g.folded"))
      let result = try Tool.run("goroutines", "\(program.pid)", "--json", "--pprof", pprof, "--folded", folded)
      let count = try summary(result)["goroutines"]?.number
      let profile = try ProfileFileTests.decode(pprof)
      #expect(profile["types"]?.array?.first?.array?.compactMap(\.string) == ["goroutine", "count"])
      let samples = profile["samples"]?.array ?? []
      #expect(samples.reduce(0) { $0 + ($1["values"]?.array?[0].number ?? 0) } == count)
      #expect(ProfileFileTests.total(folded) == count.map { UInt64($0) })
    }

    @Test func threadsOfGoPointToGoroutines() throws {
      guard canTrace else { return }
      let program = try GoProgram()
      #expect(try Tool.run("stacks", "\(program.pid)").text.contains("`memdump goroutines`"))
    }

    @Test func aProgramThatIsNotOfGoHasNone() throws {
      let target = try FixtureProcess("--heap", "1M")
      for words in [["goroutines", "\(target.pid)"], ["heap", "\(target.pid)", "--sites"]] {
        let result = try Tool.run(words)
        #expect(result.status == 1 && result.text.contains("There is no Go program here"))
      }
    }
  }

  @Suite(.enabled(if: hasGo, "there is no go")) struct GoHeapTests {
    @Test(arguments: GoProgram.Build.allCases) func theHeapIsWhatTheRuntimeCounts(build: GoProgram.Build) throws {
      let program = try GoProgram(build)
      let result = try Tool.run("heap", "\(program.pid)", "--mode", "live", "--json", "--top", "0")
      let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
      let summary = try #require(rows.last)
      let classes = rows.filter { $0["type"]?.string == "heap-class" && ($0["allocator"]?.string ?? "go") == "go" }
      var counts: [UInt64: UInt64] = [:]
      for row in classes where row["count"]?.number != 0 {
        counts[UInt64(row["size"]?.number ?? 0)] = row["count"]?.number.map { UInt64($0) }
      }
      // What the program does to be ready and to wait for a line takes a few objects.
      let truth = program.memory
      for (size, count) in truth.classes {
        #expect((count...count + 8).contains(counts[size] ?? 0), "\(size): \(count), \(counts[size] ?? 0)")
      }
      #expect(summary["go_stack_bytes"]?.number.map { UInt64($0) } ?? 0 >= truth.stacks)
      #expect(summary["go_unswept_spans"]?.number == 0)
      #expect(counts[1024] ?? 0 >= 2000 && counts[40960] == 200)
      #expect(rows.contains { $0["allocator"]?.string == "glibc" } == (build == .cgo))
    }

    /// Free pages of arenas, stacks of goroutines and what the runtime keeps of arenas are told apart.
    @Test(arguments: [GoProgram.Build.plain, .cgo]) func whereItsMemoryIs(build: GoProgram.Build) throws {
      let program = try GoProgram(build)
      let result = try Tool.run("footprint", "\(program.pid)", "--json")
      let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
      func resident(_ category: String, _ owner: String?, _ part: String?) -> Int64 {
        rows.first {
          $0["category"]?.string == category && $0["owner"]?.string == owner && $0["part"]?.string == part
        }?["resident"]?.number ?? 0
      }
      let truth = program.memory
      let free = Int64(truth.idle) - Int64(truth.released)
      #expect(abs(resident("heap", "Go", "free, returnable") - free) <= 1 << 20, "\(free): \(result.text)")
      #expect(resident("stack", nil, "goroutines") > 0)
      #expect(resident("heap", "Go", "in use") > 0)
      // The runtime's tables of profiles and the like, whatever the size of the heap.
      #expect(resident("unexplained", nil, nil) < 2 << 20, "\(result.text)")
    }

    @Test func theProfileIsThatOfPprof() throws {
      let directory = try TemporaryDirectory()
      let program = try GoProgram()
      let (theirs, ours) = (directory.file("theirs.pb.gz"), directory.file("ours.pb.gz"))
      try program.ask("sites \(theirs)")
      let result = try Tool.run("heap", "\(program.pid)", "--sites", "--json", "--pprof", ours)
      #expect(result.status == 0 && result.errorText.isEmpty)
      func amounts(_ path: String) throws -> [String: [Int64]] {
        var amounts: [String: [Int64]] = [:]
        for sample in try ProfileFileTests.decode(path)["samples"]?.array ?? [] {
          let stack = sample["stack"]?.array?.compactMap(\.string).joined(separator: ";") ?? ""
          let values = sample["values"]?.array?.compactMap(\.number) ?? []
          amounts[stack] = zip(amounts[stack] ?? [0, 0, 0, 0], values).map { $0 + $1 }
        }
        return amounts.filter { $0.value[3] > 0 }
      }
      #expect(try amounts(ours) == amounts(theirs))
      #expect(try amounts(ours).contains { $0.key.hasSuffix("main.main;main.keep") && $0.value[3] > 4 << 20 })
    }

    @Test func aProgramThatKeepsNoProfileSaysSo() throws {
      let program = try GoProgram(.quiet)
      let result = try Tool.run("heap", "\(program.pid)", "--sites")
      #expect(result.status == 1 && result.text.hasPrefix("No profile is kept"), "\(result.text)")
    }

    @Test func blocksOfGoAreHeldAndPeekedAt() throws {
      let program = try GoProgram()
      let result = try Tool.run("refs", "\(program.pid)", "--size", "40960", "--mode", "live", "--json")
      #expect(result.status == 0, "\(result.errorText)")
      let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
      #expect(rows.contains { ($0["holder"]?.string ?? "").hasSuffix("main.blobs") }, "\(result.text)")
    }

    /// Not the list of all goroutines is named, which leads to every one of them.
    @Test(arguments: ["live", "snapshot", "stop"])
    func whatGoroutinesWaitWithIsHeldByThem(mode: String) throws {
      let program = try GoProgram()
      try program.ask("hold")
      let result = try Tool.run("refs", "\(program.pid)", "--size", "3072", "--mode", mode, "--json")
      #expect(result.status == 0, "\(result.errorText)")
      let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
        .filter { $0["type"]?.string == "holder" }
      #expect(rows.first?["kind"]?.string == "goroutines", "\(result.text)")
      #expect(rows.count == 1 && rows.first?["count"]?.number == 100, "\(result.text)")
    }
  }
#endif
