import Glibc
import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// What keeps `memdump allocs` from its answer, each as it really happens, with the remedy that helps.
  @Suite(.serialized, .enabled(if: canWatchAllocations, "there are no events with breakpoints here"))
  struct AllocsRestrictionTests {
    private static let performanceEvents = 298
    private static let (notPermitted, accessDenied, noFunction) = (1, 13, 38)
    /// The words that run a program as a user without rights.
    private static let asOther = [
      "setpriv", "--reuid=\(Programs.otherUser)", "--regid=\(Programs.otherUser)", "--clear-groups",
    ]

    private static func order(_ words: [String] = []) throws -> Child {
      let all = words + [try Programs.publicPath("allocation-order")]
      let program = try Child(all[0], Array(all.dropFirst()))
      try #require(program.readLine() == "ready")
      return program
    }

    /// Runs memdump with the call for events denied.
    private static func denied(_ error: Int, _ words: [String], before: [String] = []) throws -> Tool.Result {
      let all =
        before + [
          try Programs.publicPath("attach-control"), "deny", "\(error)", "\(performanceEvents)",
          try Programs.publicPath("memdump"),
        ] + words
      return try Tool.finish(Child(all[0], Array(all.dropFirst())))
    }

    private static func level() -> Int {
      fileText("/proc/sys/kernel/perf_event_paranoid").flatMap { Int($0.dropLast()) } ?? 9
    }

    /// The level at which kernels come: whoever has a process of its own needs no right for it.
    @Test(
      .enabled(if: isRoot, "needs root, to become another user"),
      .enabled(if: level() <= 2, "kernel.perf_event_paranoid is above 2"))
    func aProcessOfOnesOwnNeedsNoRights() throws {
      let program = try Self.order(Self.asOther)
      let words = ["allocs", "\(program.id)", "--for", "3s", "--budget", "5%", "--json"]
      var result = try Tool.run(words, user: Programs.otherUser)
      for _ in 0..<5 where result.status == 1 { result = try Tool.run(words, user: Programs.otherUser) }
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.text) \(result.errorText)")
      #expect(AllocsCommandTests.symbols(AllocsCommandTests.paths(result).first).first == "cache_remember")
    }

    /// The default profile of Docker says EPERM, older ones and other filters say ENOSYS.
    @Test(arguments: [
      (
        notPermitted, "a seccomp filter over memdump itself forbids perf_event_open, as that of a container does.",
        "Start the container with `docker run --cap-add=PERFMON --cap-add=SYS_PTRACE`"
      ),
      (
        noFunction, "this kernel has no events (CONFIG_PERF_EVENTS), or a filter says so.", "`memdump watch` tells what"
      ),
      (accessDenied, "perf_event_open says Permission denied.", "Try sudo."),
    ])
    func aFilterIsSaid(error: Int, reason: String, remedy: String) throws {
      let program = try Self.order()
      let result = try Self.denied(error, ["allocs", "\(program.id)", "--for", "1s"])
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errorText.hasPrefix(
          "memdump: cannot watch the allocations of process \(program.id) (allocation-orde): \(reason) \(remedy)"),
        "\(result.errorText)")
      let doctor = try Self.denied(error, ["doctor", "--json"])
      #expect(doctor.text.contains(#""name":"events","offered":false"#))
      #expect(try AllocsCommandTests.truth(program).bad == 0)
    }

    @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aWatchSaysWhyItDoesNotTellWhoAllocates() throws {
      let program = try Self.order()
      let words = ["watch", "\(program.id)", "--every", "1s", "--min-growth", "16K", "--max-pause", "5s"]
      let result = try Self.denied(Self.notPermitted, words)
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.errorText)")
      #expect(
        result.text.contains(
          "\n  who allocates them is not told: cannot watch the allocations of process \(program.id) (allocation-orde): a seccomp "
            + "filter over memdump itself forbids perf_event_open"), "\(result.text)")
    }

    /// The levels that Debian's and Ubuntu's kernels have; other kernels know no such level, so that a filter denies the call.
    @Test(.enabled(if: canMount && has("unshare"), "needs root, to mount"), arguments: [3, 4])
    func aLevelAboveTwoIsSaidWithWhatLowersIt(level: Int) throws {
      let program = try Self.order(Self.asOther)
      let directory = try TemporaryDirectory(mode: 0o755)
      let file = try directory.write(Array("\(level)\n".utf8), to: "level", mode: 0o644)
      let mount = "mount --bind '\(file)' /proc/sys/kernel/perf_event_paranoid && exec \"$@\""
      let before = ["unshare", "-m", "sh", "-c", mount, "sh"] + Self.asOther
      let result = try Self.denied(Self.accessDenied, ["allocs", "\(program.id)", "--for", "1s"], before: before)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errorText.contains(
          "kernel.perf_event_paranoid is \(level), which allows it with CAP_PERFMON only, and memdump runs without. Use sudo, or "
            + "`sudo sysctl kernel.perf_event_paranoid=2`, or give memdump CAP_PERFMON and CAP_SYS_PTRACE: `sudo setcap "
        ),
        "\(result.errorText)")
    }

    /// One capability alone is not enough, and those that the remedy names are.
    @Test(.enabled(if: isRoot && has("setcap"), "needs root and setcap"))
    func theCapabilitiesOfTheRemedyAreEnoughAndOneIsNot() throws {
      let program = try Self.order(Self.asOther)
      func run(_ capabilities: String) throws -> Tool.Result {
        let directory = try TemporaryDirectory(mode: 0o755)
        let tool = directory.file("memdump")
        let copy = "cp \"$MEMDUMP\" '\(tool)' && chmod 755 '\(tool)' && setcap \(capabilities)+ep '\(tool)'"
        let words = " && exec setpriv --reuid 1 --regid 1 --clear-groups '\(tool)' allocs \(program.id) --for 2s --json"
        return try Tool.shell(copy + words)
      }
      let alone = try run("cap_perfmon")
      #expect(alone.status == 2 && alone.output.isEmpty)
      #expect(alone.errorText.contains("it belongs to user \(Programs.otherUser)"), "\(alone.errorText)")
      let remedy = "cap_perfmon,cap_sys_ptrace,cap_dac_read_search"
      #expect(alone.errorText.contains("`sudo setcap \(remedy)+ep $(command -v memdump)`"), "\(alone.errorText)")
      let all = try run(remedy)
      #expect([0, 1].contains(all.status) && all.errorText.isEmpty, "\(all.errorText)")
      #expect(AllocsCommandTests.values(all).last?["functions"]?.array == [.string("malloc")])
    }

    @Test(.enabled(if: isRoot && has("perl"), "needs root, to become another user, and perl"))
    func aProcessThatIsNotDumpableIsSaid() throws {
      // PR_SET_DUMPABLE is 4.
      let script = "syscall(157, 4, 0, 0, 0, 0) == 0 or die; $| = 1; print qq(ready\\n); <STDIN>"
      let words = Self.asOther + ["perl", "-e", script]
      let target = try Child(words[0], Array(words.dropFirst()))
      try #require(target.readLine() == "ready")
      let result = try Tool.run(["allocs", "\(target.id)", "--for", "1s"], user: Programs.otherUser)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errorText.hasPrefix(
          "memdump: cannot watch the allocations of process \(target.id) (perl): it is not dumpable"),
        "\(result.errorText)")
      #expect(result.errorText.contains("Use sudo, or give memdump CAP_PERFMON and CAP_SYS_PTRACE"))
    }

    /// Another who watches the process by perf has all registers of its threads; when that has ended, they are there again.
    @Test(.enabled(if: has("python3"), "python3 is not installed")) func registersThatAnotherHasBySomeEventsAreSaid()
      throws
    {
      let program = try Self.order()
      let script = """
        import ctypes, os, struct, sys
        open_event = ctypes.CDLL(None).syscall
        events = []
        for thread in os.listdir("/proc/\(program.id)/task"):
            for number in range(4):
                # A breakpoint on an instruction where nobody comes, of the program alone.
                attributes = bytearray(128)
                struct.pack_into("II", attributes, 0, 5, 128)
                struct.pack_into("Q", attributes, 40, 1 << 5 | 1 << 6)
                struct.pack_into("I", attributes, 52, 4)
                struct.pack_into("QQ", attributes, 56, 0x1000 + number, 8)
                content = (ctypes.c_char * 128).from_buffer(attributes)
                events.append(open_event(\(Self.performanceEvents), content, int(thread), -1, -1, 0))
        print("ready" if min(events) >= 0 else events, flush=True)
        sys.stdin.read()
        """
      let other = try Child("python3", ["-c", script])
      try #require(other.readLine() == "ready")
      let result = try Tool.run("allocs", "\(program.id)", "--for", "500ms")
      #expect(result.status == 1)
      #expect(
        result.text.contains(
          "NOTE      a thread has no free breakpoint register, as when a debugger (hbreak, watch) or another who watches it with perf "
            + "has them: page faults alone were sampled; try again when that has ended"), "\(result.text)")
      #expect(!result.text.contains("allocated by"))
      other.closeInput()
      _ = try other.wait()
      let after = try Tool.run("allocs", "\(program.id)", "--for", "500ms", "--json")
      #expect(AllocsCommandTests.values(after).last?["functions"]?.array == [.string("malloc")], "\(after.text)")
    }

    /// Breakpoints at the addresses of the old program are not to be met by the new one.
    @Test func aProgramThatRunsAnotherInABurstIsSaidAndGoesOn() throws {
      let program = try Self.order()
      let tool = try Tool.start(["allocs", "\(program.id)", "--for", "60s", "--budget", "50%"])
      // A ring of each of two threads, and breakpoints beside them.
      try #require(waitUntil(within: .seconds(60)) { events(of: tool.id) > 6 })
      program.send(Array("again\n".utf8))
      try #require(program.readLine() == "ready")
      let result = try Tool.finish(tool)
      #expect(result.status == 2 && result.errorText.contains("ran another program (execve)"), "\(result.errorText)")
      #expect(stoppedThreadCount(program.id) == 0 && tracer(program.id) == 0)
      let truth = try AllocsCommandTests.truth(program)
      #expect(truth.kept == 0 && truth.bad == 0)
    }
  }
#endif
