import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// Whether the kernel gives us events with hardware breakpoints; a virtual machine or a container may not.
let canWatchAllocations: Bool = {
  guard let result = try? Tool.run("doctor", "--json") else { return false }
  return result.lines.contains { $0.contains(#""name":"events","offered":true"#) }
}()

#if arch(x86_64)
  /// `memdump allocs`, on programs of which we know who makes what grows.
  @Suite(.serialized, .enabled(if: canWatchAllocations, "there are no events with breakpoints here"))
  struct AllocsCommandTests {
    static func values(_ result: Tool.Result) -> [JSONValue] {
      result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    }

    static func paths(_ result: Tool.Result) -> [JSONValue] {
      values(result).filter { $0["type"]?.string == "allocation" }
    }

    /// The functions of a path, the innermost first.
    static func symbols(_ value: JSONValue?) -> [String] {
      value?["frames"]?.array?.compactMap { $0["symbol"]?.string } ?? []
    }

    /// Runs a command on a program until it has an answer, since bursts on a busy machine may see too little: six times at
    /// most.
    static func runUntil(
      _ isAnswer: (Tool.Result) -> Bool = { $0.status != 1 }, words: [String]
    ) throws -> Tool.Result {
      var result = try Tool.run(words)
      for _ in 0..<5 where !isAnswer(result) { result = try Tool.run(words) }
      return result
    }

    private static func run(_ pid: Int32, _ options: [String]) throws -> Tool.Result {
      try runUntil(words: ["allocs", "\(pid)"] + options)
    }

    private static func order(_ options: String...) throws -> Child {
      let program = try Child(Programs.path("allocation-order"), options)
      try #require(program.readLine() == "ready")
      return program
    }

    /// What the program says of itself: how many blocks it keeps, and how many had other bytes than they should.
    static func truth(_ program: Child) throws -> (kept: Int, bad: Int) {
      program.send(Array("\n".utf8))
      let words = try program.readLine().split(separator: " ")
      return (Int(words[1]) ?? -1, Int(words[5]) ?? -1)
    }

    @Test(arguments: [[], ["--threads", "2"], ["--calloc"]])
    func thePathThatKeepsIsNamedThoughOthersGetTheFreshBlocks(options: [String]) throws {
      let program = try Child(Programs.path("allocation-order"), options)
      try #require(program.readLine() == "ready")
      let result = try Self.run(program.id, ["--for", "4s", "--budget", "3%", "--json"])
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.text) \(result.errorText)")
      let named = Self.paths(result).filter { $0["named"] == .boolean(true) }
      #expect(named.count == 1 && named.first?["size"]?.number == 624)
      #expect(Self.symbols(named.first).first == "cache_remember")
      #expect(Self.symbols(named.first).contains("server_loop"))
      #expect((named.first?["growth_thousandths"]?.number ?? 0) >= 500)
      // Those that are called far more often are seen, and not named.
      let others = Self.paths(result).filter { Self.symbols($0).first == "request_reply" && $0["size"]?.number == 624 }
      #expect((others.first?["sampled"]?.number ?? 0) > (named.first?["sampled"]?.number ?? 0))
      #expect(others.allSatisfy { ($0["survived"]?.number ?? 0) * 10 < ($0["sampled"]?.number ?? 0) })
      let summary = try #require(Self.values(result).last)
      #expect(summary["functions"]?.array == [.string(options == ["--calloc"] ? "calloc" : "malloc")])
      #expect(summary["makers"]?.array?.count == 1)
      let truth = try Self.truth(program)
      #expect(truth.kept > 1000 && truth.bad == 0)
    }

    @Test func theWholeOutputIsAsItIs() throws {
      let program = try Self.order()
      let result = try Self.run(program.id, ["--for", "4s", "--budget", "3%", "--depth", "2"])
      #expect(result.status == 0 && result.errorText.isEmpty)
      let name = #"\#(program.id) \(allocation-orde\)"#
      let size = #"[0-9.]+ [KM]iB"#
      let expected = [
        #"\#(name): chunks of 624 bytes grew by \#(size) in [0-9.]+ s, and who makes them was seen"#,
        #"  chunks of 624 bytes: allocated by allocation-order:cache_remember < allocation-order:request_handle < … "#
          + #"\([0-9,]+ of [0-9,]+ survive, [0-9.]+ % of the growth\)"#,
        #" *SURVIVE +SIZE +A SECOND +OF GROWTH  BY"#,
        #" *[0-9,]+ of [0-9,]+ +624 +\#(size) +[0-9.]+ %  allocation-order:cache_remember < allocation-order:request_handle < …"#,
      ]
      for (line, pattern) in zip(result.lines, expected) {
        #expect(try Regex("^" + pattern + "$").firstMatch(in: line) != nil, "\(line)")
      }
      let watched = try #require(result.lines.first { $0.hasPrefix("  watched   ") })
      #expect(
        watched.contains(
          #/^  watched   [0-9.]+ m?s of [0-9.]+ s \([0-9.]+ %\) in [0-9]+ bursts?, 2 threads, by malloc; [0-9,]+ blocks seen/#
        ), "\(watched)")
      let cost = try #require(result.lines.first { $0.hasPrefix("  cost      ") })
      #expect(
        cost.contains(
          #/^  cost      [0-9,]+ interruptions of [0-9]+ µs, [0-9,]+ page faults?: [0-9.]+ % of a processor; 3.0 % allowed; never paused$/#
        ), "\(cost)")
    }

    @Test func survivorsAreAFlameGraph() throws {
      let program = try Self.order()
      let directory = try TemporaryDirectory()
      let (folded, pprof) = (directory.file("folded"), directory.file("pprof"))
      let words = ["allocs", "\(program.id)", "--for", "3s", "--budget", "3%"]
      let result = try Self.runUntil(
        { _ in fileText(folded)?.isEmpty == false }, words: words + ["--folded", folded, "--pprof", pprof, "--force"])
      #expect(result.errorText.isEmpty)
      let lines = (fileText(folded) ?? "").split(separator: "\n")
      #expect(
        lines.contains { $0.contains(#/server_loop;request_handle;cache_remember;malloc [1-9][0-9]*$/#) }, "\(lines)")
      #expect(fileBytes(pprof)?.prefix(2) == [0x1f, 0x8b])
    }

    @Test func rowsAreCSV() throws {
      let program = try Self.order()
      let words = ["allocs", "\(program.id)", "--for", "2s", "--format", "csv"]
      let result = try Self.runUntil({ !$0.text.isEmpty }, words: words)
      let lines = result.text.split(separator: "\r\n")
      #expect(
        lines.first?.hasPrefix("pid,function,survived,sampled,size,bytes_per_second,growth_thousandths,named,") == true)
      #expect(
        lines.count > 1 && lines.dropFirst().allSatisfy { $0.hasPrefix("\(program.id),malloc,") }, "\(result.text)")
    }

    @Test func aHeapThatDoesNotGrowNamesNobody() throws {
      let program = try Self.order("--still")
      let result = try Tool.run("allocs", "\(program.id)", "--for", "1s")
      #expect(result.status == 1 && result.errorText.isEmpty)
      #expect(result.lines.first?.hasSuffix(": the heap does not grow") == true, "\(result.text)")
      #expect(result.text.contains(", by malloc; 0 blocks seen\n"))
      #expect(!result.text.contains("allocated by"))
    }

    @Test func aSizeThatNobodyAsksForIsSaid() throws {
      let program = try Self.order()
      let result = try Tool.run("allocs", "\(program.id)", "--for", "1s", "--size", "12,352")
      #expect(result.status == 1)
      #expect(
        result.lines.first?.contains(
          #/: chunks of 12,352 bytes do not grow, and no allocation of them was seen in [0-9]+ bursts?$/#) == true,
        "\(result.text)")
    }

    /// What is used only for a while is spent, not more.
    @Test func theBudgetHolds() throws {
      let program = try Self.order("--threads", "2")
      for budget in ["0.5%", "2%"] {
        let result = try Tool.run("allocs", "\(program.id)", "--for", "3s", "--budget", budget, "--json")
        let summary = try #require(Self.values(result).last)
        let (cost, allowed) = (summary["cost_thousandths"]?.number ?? 1000, summary["budget_thousandths"]?.number ?? 0)
        #expect(cost <= allowed, "\(summary)")
      }
    }

    @Test(.enabled(if: has("strace"), "strace is not installed")) func theTargetIsNeitherTracedNorWrittenTo() throws {
      let program = try Self.order()
      let before = Self.privateCode(program.id)
      let words = ["-f", "-e", "trace=ptrace,process_vm_writev,kill,tkill,tgkill,pidfd_send_signal", "-o"]
      let directory = try TemporaryDirectory()
      let log = directory.file("log")
      let tool = try Child(
        "strace", words + [log, Programs.path("memdump"), "allocs", "\(program.id)", "--for", "1s"])
      _ = try tool.communicate(within: .seconds(60))
      let calls = (fileText(log) ?? "").split(separator: "\n").filter { $0.contains("(") && !$0.contains("+++") }
      #expect(calls.filter { $0.contains("\(program.id)") } == [])
      #expect(tracer(program.id) == 0 && stoppedThreadCount(program.id) == 0)
      #expect(Self.privateCode(program.id) == before)
      #expect(try Self.truth(program).bad == 0)
    }

    /// How much of the code of a process is its own: a breakpoint that is written into it would be.
    private static func privateCode(_ pid: Int32) -> Int {
      var (isCode, sum) = (false, 0)
      for line in (fileText("/proc/\(pid)/smaps") ?? "").split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count > 1, words[0].contains("-"), words[1].count == 4 { isCode = words[1].contains("x") }
        if isCode, words.count > 1, words[0] == "Private_Dirty:" { sum += Int(words[1]) ?? 0 }
      }
      return sum
    }

    @Test(.enabled(if: isRoot, "needs root, to become another user")) func aProcessOfAnotherUserIsRefusedInWords()
      throws
    {
      let program = try Self.order()
      let result = try Tool.run(["allocs", "\(program.id)", "--for", "1s"], user: Programs.otherUser)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errorText.hasPrefix(
          "memdump: cannot watch the allocations of process \(program.id) (allocation-orde): it belongs to"))
      #expect(result.errorText.contains("CAP_PERFMON"))
    }

    @Test(.enabled(if: has("python3"), "python3 is not installed")) func moreThreadsThanAreWatchedAreRefusedInWords()
      throws
    {
      let source =
        "import threading, sys\nfor _ in range(600): threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        + "print('ready', flush=True)\nsys.stdin.read()"
      let program = try Child("python3", ["-c", source])
      try #require(program.readLine() == "ready")
      let result = try Tool.run("allocs", "\(program.id)", "--for", "1s")
      #expect(result.status == 2)
      #expect(result.errorText.contains("it has 601 threads, and 512 are watched at most."), "\(result.errorText)")
    }

    @Test func aProcessThatEndsOrRunsAnotherProgramIsAnError() throws {
      let program = try Child("sh", ["-c", "echo ready; read x; exec sleep 60"])
      try #require(program.readLine() == "ready")
      let tool = try Tool.start(["allocs", "\(program.id)", "--for", "60s"])
      try #require(waitUntil { events(of: tool.id) > 0 })
      program.send(Array("\n".utf8))
      let replaced = try Tool.finish(tool)
      #expect(replaced.status == 2 && replaced.errorText.contains("ran another program (execve)"))
      let other = try Self.order()
      let second = try Tool.start(["allocs", "\(other.id)", "--for", "60s"])
      try #require(waitUntil(within: .seconds(60)) { events(of: second.id) > 5 })
      other.send(signal: SIGKILL)
      let ended = try Tool.finish(second)
      #expect(ended.status == 2 && ended.errorText.contains("ended while it was looked at"), "\(ended.errorText)")
    }

    /// What the kernel may say instead of giving an event, and the sentence of it.
    @Test(
      .enabled(if: canInjectFailures, "strace is not installed, or may not trace"),
      arguments: [
        ("ENOSYS", "this kernel has no events (CONFIG_PERF_EVENTS), or a filter says so. `memdump watch`"),
        (
          "ENODEV",
          "this kernel or this machine has no hardware breakpoints, as under some hypervisors. `memdump watch`"
        ),
        ("EACCES", "perf_event_open says Permission denied. Try sudo."),
        ("EINVAL", "perf_event_open says Invalid argument. Try sudo."),
      ])
    func eventsThatTheKernelDoesNotGiveAreRefusedInWords(error: String, sentence: String) throws {
      let program = try Self.order()
      let inject = ["-e", "trace=perf_event_open", "-e", "inject=perf_event_open:error=\(error)"]
      let words = ["-f", "-qq", "-o", "/dev/null"] + inject + [Programs.path("memdump")]
      let result = try Tool.finish(Child("strace", words + ["allocs", "\(program.id)", "--for", "1s"]))
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errorText.hasPrefix(
          "memdump: cannot watch the allocations of process \(program.id) (allocation-orde): \(sentence)"),
        "\(result.errorText)")
      let doctor = try Tool.finish(Child("strace", words + ["doctor", "--json"]))
      #expect(doctor.text.contains(#""name":"events","offered":false"#))
    }

    @Test(.enabled(if: has("gdb"), "gdb is not installed")) func registersThatADebuggerHasAreSaid() throws {
      let program = try Self.order()
      let commands = (0..<4).flatMap { ["-ex", "hbreak *(\(Self.place)+\($0))"] }
      let gdb = try Child(
        "gdb", ["-q", "-nx", "-p", "\(program.id)"] + commands + ["-ex", "set confirm off", "-ex", "continue"])
      defer { gdb.send(signal: SIGKILL) }
      // gdb sets them when the process goes on, and cannot where we have them at that instant.
      while try !gdb.readLine().contains("Continuing.") {}
      try #require(waitUntil(within: .seconds(60)) { stoppedThreadCount(program.id) == 0 && tracer(program.id) != 0 })
      let result = try Tool.run("allocs", "\(program.id)", "--for", "500ms")
      #expect(result.status == 1)
      #expect(
        result.text.contains("NOTE      a thread has no free breakpoint register, as when a debugger"), "\(result.text)"
      )
    }

    /// Where no thread of the program ever comes.
    private static let place = "(unsigned long)&main"

    @Test(.enabled(if: has("redis-server", "redis-benchmark"), "redis is not installed"))
    func anotherAllocatorIsSeenByItsReturnSites() throws {
      let workload = try Workload(.redis)
      let result = try Tool.run("allocs", "\(workload.pid)", "--for", "4s", "--budget", "4%", "--json")
      let summary = try #require(Self.values(result).last)
      #expect(summary["classes"]?.array != nil)
      #expect((summary["sampled"]?.number ?? 0) > 20)
      let isSeen = Self.paths(result).contains { path in
        Self.symbols(path).contains("processInputBuffer") && (path["sampled"]?.number ?? 0) > 5
      }
      #expect(isSeen, "\(result.text)")
      #expect(Self.paths(result).allSatisfy { $0["named"] == .boolean(false) })
      let none = try Tool.run("allocs", "\(workload.pid)", "--for", "500ms", "--size", "12345")
      #expect(none.status == 1 && none.text.contains("no allocation of them was seen"), "\(none.text)")
      #expect(try workload.complaints() == [])
    }

    @Test func aWatchEndsWithWhoAllocatesWhatGrows() throws {
      let program = try Self.order()
      let words = ["watch", "\(program.id)", "--every", "1s", "--min-growth", "64K"]
      let sentence =
        "\n  chunks of 624 bytes: allocated by allocation-order:cache_remember < allocation-order:request_handle < "
      let result = try Self.runUntil({ $0.text.contains(sentence) }, words: words)
      #expect(result.status == 0 && result.text.contains(sentence), "\(result.text)")
      #expect(
        result.text.contains(
          #/\n  that was seen in [0-9]+ bursts? in [0-9.]+ s, for [0-9.]+ % of a processor, of 1.0 % allowed\n/#))
      let directory = try TemporaryDirectory()
      let file = directory.file("growth.pb.gz")
      // Another burst may see less: what allocates them is asked for until it was seen again.
      let profiled = try Self.runUntil(
        { $0.text.contains(#""type":"allocation""#) }, words: words + ["--json", "--pprof", file, "--force"])
      let json = Self.values(profiled)
      #expect(json.filter { $0["type"]?.string == "allocation" }.allSatisfy { $0["named"] == .boolean(true) })
      #expect(json.last?["type"]?.string == "verdict")
      let rows = json.filter { $0["kind"]?.string == "chunk-size" && $0["trend"]?.string == "steady" }
      let grown = rows.reduce(0) { $0 + ($1["bytes_after"]?.number ?? 0) - ($1["bytes_before"]?.number ?? 0) }
      let samples = try ProfileFileTests.decode(file)["samples"]?.array ?? []
      #expect(grown > 0 && samples.reduce(0) { $0 + ($1["values"]?.array?[1].number ?? 0) } == grown)
      let allocated = try #require(samples.first { $0["labels"]?["stack"]?.string == "allocation" }, "\(samples)")
      #expect(allocated["labels"]?["class"]?.number == 624)
      #expect(
        allocated["stack"]?.array?.suffix(3).map(\.string) == ["server_loop", "request_handle", "cache_remember"])
      #expect((allocated["values"]?.array?[1].number ?? 0) * 2 >= grown)
      let without = try Tool.run(words + ["--no-allocs"])
      #expect(without.status == 0 && !without.text.contains("allocate"))
    }

    @Test(.enabled(if: canBuildNginxModule, "nginx and its headers are not installed"))
    func theLeakOfAnNginxModuleIsNamedAndItsFixIsNot() throws {
      let leak = try NginxLeak(reclaim: "old_reset", ticks: 0)
      func grown(_ result: Tool.Result) -> JSONValue? {
        Self.values(result).last?["makers"]?.array?.first { $0["size"]?.number == 1040 }
      }
      let words = ["allocs", "\(leak.worker)", "--for", "5s", "--budget", "5%", "--json"]
      let result = try Self.runUntil({ grown($0) != nil }, words: words)
      // Beside other tests its bursts may see too little, and then it names nobody; the full form runs when the machine is calm.
      if isFullRun { #expect(grown(result) != nil, "\(result.text)") }
      if let maker = grown(result) {
        #expect(Self.symbols(maker).first == "svcring_refresh")
        #expect((maker["growth_thousandths"]?.number ?? 0) >= 900 && maker["survived"] == maker["sampled"])
      } else {
        #expect(result.status == 1 && result.text.contains(#""type":"summary""#), "\(result.text)")
      }
      let fixed = try NginxLeak(reclaim: "reset", ticks: 0)
      try fixed.waitUntilFull()
      let quiet = try Tool.run("allocs", "\(fixed.worker)", "--for", "4s", "--size", "1040", "--json")
      #expect(Self.values(quiet).last?["makers"]?.array?.isEmpty == true, "\(quiet.text)")
    }
  }

  /// How many events a process has open.
  func events(of process: Int32) -> Int {
    fileNames(in: "/proc/\(process)/fd").count { name in
      var bytes = [CChar](repeating: 0, count: 64)
      let count = readlink("/proc/\(process)/fd/\(name)", &bytes, 63)
      return count > 0
        && String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
          == "anon_inode:[perf_event]"
    }
  }
#endif
