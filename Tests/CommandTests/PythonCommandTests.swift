import MemDump
import MemDumpTestSupport
import Testing

/// What the commands say of a Python program.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("python3"), "python3 is not installed"))
struct PythonCommandTests {
  private static let script = """
    class Session(object):
        def __init__(self, i): self.name = 'session-%d' % i
    SESSIONS = [Session(i) for i in range(6000)]
    print('ready')
    # What a stream of its own would still ask for is no part of the look.
    import os; os.read(0, 1)
    """

  @Test func heapHasTheTypes() throws {
    let child = try PythonProgram.start(Self.script).child
    let result = try Tool.run(["heap", "\(child.id)", "--top", "6"])
    #expect(result.status == 0)
    let lines = result.lines
    #expect(lines.contains("The heap of Python's pymalloc"))
    let start = try #require(lines.firstIndex(of: "Python objects"))
    #expect(lines[start + 1].split(separator: " ") == ["COUNT", "BYTES", "OWNED", "ALL", "SHARE", "TYPE"])
    let cells = lines[(start + 2)..<(start + 8)].map { $0.split(separator: " ").map(String.init) }
    #expect(cells.contains { $0.first == "6,000" && $0.last == "Session" })
    #expect(lines[start + 8].hasSuffix(" more types: see --top"))
    #expect(lines[start + 11].hasPrefix("  named     9"))
    let rows = try Tool.run(["heap", "\(child.id)", "--json", "--top", "0"]).lines.compactMap {
      JSONValue(parsing: Array($0.utf8))
    }
    let session = rows.first { $0["type"]?.string == "object-type" && $0["name"]?.string == "Session" }
    #expect(session?["count"]?.number == 6000)
    let summary = try #require(rows.last)
    let types = rows.filter { $0["type"]?.string == "object-type" }
    let python = try #require(summary["languages"]?.array?.first { $0["language"]?.string == "python" })
    #expect(types.allSatisfy { $0["language"]?.string == "python" })
    #expect(python["types"]?.number == Int64(types.count))
    #expect(python["objects"]?.number == types.reduce(0) { $0 + ($1["count"]?.number ?? 0) })
    #expect(summary["pymalloc_pools"] == summary["pymalloc_pools_agreeing"])
  }

  /// All that is in use is in it once: what is of a type by that, and the rest.
  @Test func aProfileHasTheTypes() throws {
    let child = try PythonProgram.start(Self.script).child
    let directory = try TemporaryDirectory()
    let (pprof, folded) = (directory.file("p"), directory.file("f"))
    let result = try Tool.run("heap", "\(child.id)", "--json", "--top", "0", "--pprof", pprof, "--folded", folded)
    let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let summary = try #require(rows.last)
    // Those of all heaps.
    let used = ["chunks", "bytes"].map { name in
      (summary["heaps"]?.array ?? []).reduce(0) { $0 + ($1[name]?.number ?? 0) }
    }
    #expect(ProfileFileTests.total(folded) == UInt64(used[1]))
    let samples = try ProfileFileTests.decode(pprof)["samples"]?.array ?? []
    func value(_ frames: [String], _ type: Int) -> Int64? {
      samples.first { $0["stack"]?.array?.compactMap(\.string) == frames }?["values"]?.array?[type].number
    }
    let session = rows.first { $0["type"]?.string == "object-type" && $0["name"]?.string == "Session" }
    #expect(value(["Python", "Session", "objects"], 0) == 6000)
    #expect(value(["Python", "Session", "objects"], 1) == session?["bytes"]?.number)
    #expect(value(["Python", "Session", "owned"], 1) == session?["owned_bytes"]?.number)
    #expect(value(["Python", "of no type"], 1) ?? 0 > 0)
    let sums = (0..<2).map { type in samples.reduce(0) { $0 + ($1["values"]?.array?[type].number ?? 0) } }
    #expect(sums == used)
  }

  @Test func refsNamesWhoHoldsAType() throws {
    let child = try PythonProgram.start(Self.script).child
    let result = try Tool.run(["refs", "\(child.id)", "--type", "Session"])
    #expect(result.status == 0)
    #expect(result.lines[0].hasPrefix("Session: 6,000 objects, "))
    #expect(result.lines[0].hasSuffix(" of theirs; 200 sampled"))
    #expect(
      Array(result.lines[1...2]) == [
        "OBJECTS    SHARE  HELD BY", #"    200  100.0 %  list <- dict["SESSIONS"] <- module __main__"#,
      ])
    #expect(result.lines[3].hasPrefix("  pause "))
    #expect(result.lines.count == 4)
    #expect(result.errorText.hasPrefix("200 of 200 traced. What holds an object can reach it; whether it should,"))
    let unknown = try Tool.run(["refs", "\(child.id)", "--type", "Sesion"])
    #expect(unknown.status == 1)
    #expect(unknown.lines[0].hasPrefix("No type that has objects is called Sesion. Those of most bytes: "))
    #expect(stoppedThreadCount(child.id) == 0)
  }

  @Test func aProgramThatIsNotPythonsIsSaidSo() throws {
    let child = try FixtureProcess("--heap", "1M")
    let result = try Tool.run(["refs", "\(child.pid)", "--type", "Session"])
    #expect(result.status == 1)
    #expect(result.lines == ["There are no objects of Python, LuaJIT or PHP here."])
  }

  /// Types and pools count in what grows between a core and now.
  @Test func diffTakesTypesAsClasses() throws {
    let script = """
      class Session(object):
          def __init__(self, i): self.name = 'session-%d' % i
      SESSIONS = []
      print('ready')
      import sys
      sys.stdin.readline()
      SESSIONS = [Session(i) for i in range(3000)]
      print('grown', flush=True)
      sys.stdin.readline()
      """
    let child = try PythonProgram.start(script).child
    let directory = try TemporaryDirectory()
    let core = directory.file("before.core")
    let dump = try Tool.run(["dump", "\(child.id)", "--all", "-o", core])
    try #require(dump.status == 0, "\(dump.errorText)")
    child.send(Array("\n".utf8))
    try #require(child.readLine() == "grown")
    let rows = try Tool.run(["diff", core, "\(child.id)", "--json"]).lines.compactMap {
      JSONValue(parsing: Array($0.utf8))
    }
    let session = rows.first { $0["kind"]?.string == "object-type" && $0["key"]?.string == "Session" }
    #expect(session?["count_before"]?.number == 0)
    #expect(session?["count_after"]?.number == 3000)
  }
}
