import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// `memdump stacks`, on programs whose stacks are known, and beside eu-stack on one instant.
  @Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct StacksCommandTests {
    private static func values(_ result: Tool.Result) -> [JSONValue] {
      result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    }

    /// The addresses of the frames of every thread; inlined calls, and those of an interpreted program, have none of their own.
    private static func addresses(_ result: Tool.Result) -> [Int: [String]] {
      var stacks: [Int: [String]] = [:]
      for value in values(result) where value["type"]?.string == "stack" {
        let frames =
          value["frames"]?.array?.filter { $0["inlined"] == .boolean(false) && $0["interpreted"] == .boolean(false) }
          ?? []
        for thread in value["threads"]?.array ?? [] {
          stacks[Int(thread.number ?? 0)] = frames.compactMap { $0["address"]?.string }
        }
      }
      return stacks
    }

    @Test func aProgramThatWaitsIsSeenFromItsCallToItsStart() throws {
      let program = try Child(Programs.path("cxx-objects"), [])
      try #require(program.readLine() == "ready")
      let result = try Tool.run("stacks", "\(program.id)")
      #expect(result.status == 0 && result.errorText.isEmpty)
      let lines = result.lines
      #expect(lines[0] == "1 thread: \(program.id) (cxx-objects)")
      #expect(lines[1].contains("  0  libc.so.6:") && lines[1].contains("read"))
      #expect(lines[2].hasPrefix("    1  cxx-objects:main+0x"))
      #expect(lines.contains { $0.contains("  cxx-objects:_start+0x") })
      #expect(lines.last?.hasPrefix("  pause     ") == true)
      #expect(!result.text.contains("NOTE"))
    }

    @Test(arguments: ["stop"] + (canSnapshot ? ["snapshot"] : [])) func threadsWithOneStackAreCounted(mode: String)
      throws
    {
      let target = try FixtureProcess("--threads", "20")
      let result = try Tool.run("stacks", "\(target.pid)", "--mode", mode, "--json", "--max-pause", "5s")
      #expect(result.status == 0, "\(result.errorText)")
      let values = Self.values(result)
      let summary = try #require(values.last)
      #expect(summary["type"]?.string == "summary" && summary["threads"]?.number == 21)
      #expect(summary["whole"]?.number == 21)
      #expect((summary["stacks"]?.number ?? 0) < 21)
      #expect((values.first?["count"]?.number ?? 0) > 1)
      #expect(summary["mode"]?.string == mode && summary["verified"] == .boolean(true))
      #expect(try target.complaints() == [])
    }

    @Test(
      .enabled(if: has("python3"), "python3 is not installed"), arguments: ["process", "core"]
    ) func callsOfPythonStandInTheFramesOfItsInterpreter(what: String) throws {
      let script = """
        import os, threading
        class Worker(object):
            def serve(self):
                print('ready')
                os.read(0, 1)
        threading.Thread(target=lambda: sorted([1], key=lambda x: Worker().serve())).start()
        """
      let child = try PythonProgram.start(script).child
      let directory = try TemporaryDirectory()
      let (core, folded, pprof) = (directory.file("core"), directory.file("folded"), directory.file("pb.gz"))
      if what == "core" {
        let dump = try Tool.run(
          "dump", "\(child.id)", "--all", "--filter", "0x7f", "--mode", "stop", "--max-pause", "10s", "-o", core)
        try #require(dump.status == 0, "\(dump.errorText)")
      }
      let source = what == "core" ? core : "\(child.id)"
      let text = try Tool.run("stacks", source, "--folded", folded)
      #expect(text.status == 0 && !text.text.contains("NOTE"), "\(text.text)")
      let lines = text.lines.map { $0.drop { $0 == " " || $0.isNumber } }
      let start = try #require(lines.firstIndex { $0.hasSuffix("  <string>:5") }, "\(text.text)")
      #expect(lines[start].hasPrefix("Python:") && lines[start].contains("serve"))
      #expect(lines[start + 1].hasPrefix("Python:") && lines[start + 1].hasSuffix("<lambda>  <string>:6"))
      #expect(lines[start + 2].contains(":_PyEval_EvalFrameDefault"))
      #expect(lines.count { $0.hasPrefix("Python:") && $0.contains("run  threading.py:") } == 1)
      // From the thread's start to the call that waits, Python's among C's.
      let stack = try #require(fileText(folded)?.split(separator: "\n").first { $0.contains("serve") })
      let frames = stack.split(separator: ";")
      let places = ["_bootstrap", "<lambda>", "serve"].compactMap { name in frames.firstIndex { $0.hasSuffix(name) } }
      #expect(places.count == 3 && places == places.sorted())
      if has("go") {
        #expect(try Tool.run("stacks", source, "--pprof", pprof).status == 0)
        let raw = try Tool.shell("go tool pprof -raw \(pprof)").text
        #expect(raw.contains("<lambda> <string>:6 "), "\(raw)")
      }
      let values = Self.values(try Tool.run("stacks", source, "--json"))
      let called = values.flatMap { $0["frames"]?.array ?? [] }.filter { $0["interpreted"] == .boolean(true) }
      #expect(called.count { $0["file"]?.string == "<string>" && $0["module"]?.string == "Python" } >= 3)
      #expect(values.filter { $0["type"]?.string == "stack" }.allSatisfy { $0["unplaced_calls"] == .array([]) })
    }

    /// A core of one instant, so that both look at the same.
    @Test(.enabled(if: has("eu-stack"), "elfutils are not installed"), arguments: ["threads", "nginx", "python3"])
    func theSameFramesAsAnotherUnwinder(what: String) throws {
      let directory = try TemporaryDirectory()
      let core = directory.file("core")
      var kept: [AnyObject] = []
      let process: Int32
      switch what {
      case "threads":
        let target = try FixtureProcess("--threads", "12", "--signals")
        (process, kept) = (target.pid, [target])
      case "nginx":
        guard has("nginx") else { return }
        let nginx = try Nginx(upstreams: 20)
        (process, kept) = (nginx.worker, [nginx])
      default:
        let script = """
          import threading, time
          def deep(n):
            if n: deep(n - 1)
            else:
              print("ready", flush=True)
              time.sleep(1000)
          threading.Thread(target=deep, args=(20,), daemon=True).start()
          time.sleep(1000)
          """
        guard let child = try? Child("python3", ["-c", script]), try child.readLine() == "ready" else { return }
        (process, kept) = (child.id, [child])
      }
      let dump = try Tool.run(
        "dump", "\(process)", "--all", "--filter", "0x7f", "--mode", "stop", "--max-pause", "10s", "-o", core)
      try #require(dump.status == 0, "\(dump.errorText)")
      let ours = Self.addresses(try Tool.run("stacks", core, "--json"))
      let other = try Tool.shell("eu-stack --core \(core) -e /proc/\(process)/exe")
      var theirs: [Int: [String]] = [:]
      var thread = 0
      for line in other.lines {
        let words = line.split(separator: " ")
        if words.first == "TID", words.count > 1 { thread = Int(words[1].dropLast()) ?? 0 }
        if words.first?.hasPrefix("#") == true, let address = Address(parsing: words[1]) {
          theirs[thread, default: []].append("\(address)")
        }
      }
      #expect(!ours.isEmpty && ours.values.allSatisfy { $0.count > 2 })
      #expect(ours == theirs)
      _ = kept
    }

    @Test func withoutRegistersThereAreNoStacks() throws {
      let target = try FixtureProcess("--heap", "1M")
      let live = try Tool.run("stacks", "\(target.pid)", "--mode", "live")
      #expect(live.status == 2)
      #expect(live.errorText.hasPrefix("memdump: there are no registers of threads in '\(target.pid)', "))
      let directory = try TemporaryDirectory()
      let file = try directory.write([UInt8](repeating: 0, count: 4096), to: "raw")
      #expect(try Tool.run("stacks", file, "--base", "0x1000").status == 2)
    }
  }
#endif
