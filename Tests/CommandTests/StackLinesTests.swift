import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// Lines and inlined calls of `memdump stacks`, on programs whose threads sleep in one.
  @Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct StackLinesTests {
    private static let source = """
      #include <pthread.h>
      #include <stdint.h>
      #include <stdio.h>
      #include <unistd.h>
      static pthread_barrier_t barrier;
      volatile int sink;
      static inline __attribute__((always_inline)) int innermost(void)
      {
          pthread_barrier_wait(&barrier);
          for (;;)
              pause();
          return sink;
      }
      static inline __attribute__((always_inline)) int middle(int n)
      {
          sink += n;
          return innermost() + n;
      }
      __attribute__((noinline)) int deep(int n)
      {
          if (n > 0) {
              int result = deep(n - 1);
              sink += result;
              return result + 1;
          }
          return middle(3) + sink;
      }
      static void *work(void *count)
      {
          sink += deep((int)(intptr_t)count);
          return 0;
      }
      int main(void)
      {
          pthread_t threads[4];
          pthread_barrier_init(&barrier, 0, 5);
          for (int i = 0; i < 4; i++)
              pthread_create(&threads[i], 0, work, (void *)(intptr_t)i);
          pthread_barrier_wait(&barrier);
          puts("ready");
          fflush(stdout);
          for (;;)
              pause();
      }

      """

    /// A function under way, and where: `innermost sleepers.c:11`.
    private typealias Stack = [String]

    private static let ways: [[String]] = [
      ["gcc", "-g", "-O2"], ["gcc", "-gdwarf-4", "-O2"], ["gcc", "-g", "-gz", "-O2"], ["gcc", "-g", "-O2", "-flto"],
      ["gcc", "-g", "-O2", "-static"], ["clang", "-g", "-O2"], ["clang", "-gdwarf-4", "-gz", "-O2"],
    ].filter { has($0[0]) }

    private static func program(_ way: [String], in directory: TemporaryDirectory) throws -> String {
      let (source, program) = (
        try directory.write(Array(Self.source.utf8), to: "sleepers.c"), directory.file("sleepers")
      )
      let made = try Tool.shell("\(way.joined(separator: " ")) -o \(program) \(source) -pthread 2>&1")
      try #require(made.status == 0, "\(made.text)")
      return program
    }

    private static func start(_ program: String) throws -> Child {
      let child = try Child(program, [])
      try #require(child.readLine() == "ready")
      // The threads are behind the barrier, and go to sleep.
      let sleep = waitUntil {
        threadStates(child.id).count == 5 && threadStates(child.id).values.allSatisfy { $0 == "S" }
      }
      try #require(sleep)
      return child
    }

    private static func ours(_ words: [String]) throws -> [Int: Stack] {
      let result = try Tool.run(["stacks"] + words + ["--json"])
      #expect(result.status == 0, "\(result.errorText)")
      var stacks: [Int: Stack] = [:]
      for value in result.lines.compactMap({ JSONValue(parsing: Array($0.utf8)) })
      where value["type"]?.string == "stack" {
        let frames = (value["frames"]?.array ?? []).map { frame in
          let file = frame["file"]?.string?.split(separator: "/").last.map { " \($0)" } ?? ""
          return (frame["symbol"]?.string ?? "?") + file + (frame["line"]?.number.map { ":\($0)" } ?? "")
        }
        for thread in value["threads"]?.array ?? [] { stacks[Int(thread.number ?? 0)] = frames }
      }
      return stacks
    }

    private static func theirs(_ words: String) throws -> [Int: Stack] {
      let result = try Tool.shell("gdb \(words) -batch -ex 'thread apply all bt' 2>/dev/null")
      var stacks: [Int: Stack] = [:]
      var thread = 0
      for line in result.lines {
        if line.hasPrefix("Thread "), let words = line.split(separator: "(LWP ").last {
          thread = Int(words.prefix { $0.isNumber }) ?? 0
        } else if line.hasPrefix("#") {
          // `#2  0x… in name (arguments) at path:line`, or `from library`.
          var words = line.split(separator: " ").dropFirst()
          if words.first?.hasPrefix("0x") == true { words = words.dropFirst(2) }
          let isKnown = words.count > 1 && words.dropLast().last == "at"
          let place = isKnown ? words.last?.split(separator: "/").last.map { " \($0)" } : nil
          stacks[thread, default: []].append((words.first.map(String.init) ?? "?") + (place ?? ""))
        }
      }
      return stacks
    }

    /// The frames of the program itself, from where it was called last: what the C library calls its own functions has several
    /// names.
    private static func own(_ stack: Stack) -> Stack { stack.filter { $0.contains(" sleepers.c:") } }

    @Test(.enabled(if: has("gdb"), "gdb is not installed"), arguments: ways)
    func theSameFunctionsAndLinesAsTheDebugger(way: [String]) throws {
      let directory = try TemporaryDirectory()
      let child = try Self.start(try Self.program(way, in: directory))
      let ours = try Self.ours(["\(child.id)"])
      let theirs = try Self.theirs("-p \(child.id)")
      #expect(ours.count == 5 && ours.keys == theirs.keys)
      for (thread, stack) in ours {
        let other = theirs[thread] ?? []
        #expect(Self.own(stack) == Self.own(other))
        // gdb ends at main.
        #expect(stack.contains { $0.hasPrefix("main ") } || stack.count == other.count, "\(stack) \(other)")
      }
      let waiting = ["innermost sleepers.c:11", "middle sleepers.c:17", "deep sleepers.c:26"]
      #expect(ours.values.count { Self.own($0).starts(with: waiting) } == 4, "\(ours)")
      #expect(ours[Int(child.id)].map(Self.own)?.count == 1)
    }

    @Test(.enabled(if: has("gcc", "objcopy", "strip"), "binutils are not installed"))
    func aFileOfDebugInformationOfItsOwnIsFound() throws {
      let directory = try TemporaryDirectory()
      let program = try Self.program(["gcc", "-g", "-O2"], in: directory)
      let made = try Tool.shell(
        "objcopy --only-keep-debug \(program) \(program).debug && strip \(program) && "
          + "objcopy --add-gnu-debuglink=\(program).debug \(program)")
      try #require(made.status == 0, "\(made.errorText)")
      let child = try Self.start(program)
      let whole = try Self.ours(["\(child.id)"])
      #expect(whole.values.count { $0.contains("innermost sleepers.c:11") } == 4, "\(whole)")
      // Of a core, too; and without the file nothing is made up.
      let core = directory.file("core")
      let dump = try Tool.run("dump", "\(child.id)", "--all", "--mode", "stop", "--max-pause", "10s", "-o", core)
      try #require(dump.status == 0, "\(dump.errorText)")
      #expect(try Self.ours([core]) == whole)
      #expect(try Tool.shell("rm \(program).debug").status == 0)
      #expect(try Self.ours(["\(child.id)"]).values.allSatisfy { $0.allSatisfy { !$0.contains("sleepers.c") } })
    }

    @Test(.enabled(if: has("gcc"), "gcc is not installed")) func aLineOfTextForEachFunction() throws {
      let directory = try TemporaryDirectory()
      let child = try Self.start(try Self.program(["gcc", "-g", "-O2"], in: directory))
      let lines = try Tool.run("stacks", "\(child.id)").lines
      #expect(lines.contains { $0.hasSuffix("  sleepers:innermost  sleepers.c:11 (inlined)") })
      #expect(lines.contains { $0.hasSuffix("  sleepers:middle  sleepers.c:17 (inlined)") })
      #expect(lines.contains { $0.contains("  sleepers:deep+0x") && $0.hasSuffix("  sleepers.c:26") })
    }
  }
#endif
