import MemDump
import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct FootprintCommandTests {
  private func rows(_ words: [String]) throws -> [JSONValue] {
    try Tool.run(words + ["--json"]).lines.map { try #require(JSONValue(parsing: Array($0.utf8))) }
  }

  @Test func theTableEndsWithTheSumOfTheKernel() throws {
    let process = try FixtureProcess("--heap", "8M", "--memfd")
    let result = try Tool.run("footprint", "\(process.pid)")
    #expect(result.status == 0 && result.errorText == "")
    #expect(
      result.lines.first?.split(separator: " ").map(String.init) == [
        "WHERE", "RESIDENT", "PSS", "DIRTY", "SWAP", "VIRTUAL",
      ])
    for start in ["heap (glibc's malloc)", "  in use", "program and libraries", "  code", "not explained", "sum"] {
      #expect(result.lines.contains { $0.hasPrefix(start) }, "\(start) in \(result.text)")
    }
    #expect(result.text.contains(" by smaps_rollup: the same sum, to the page"))
    #expect(result.text.contains("\n  besides "))
  }

  /// What HotSpot keeps is found by what it publishes of itself, whatever collector it has.
  @Test(
    .enabled(if: has("javac"), "there is no JDK"),
    arguments: ["-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC"])
  func javaIsExplained(collector: String) throws {
    let directory = try TemporaryDirectory()
    let program = """
      public class Main {
        static byte[][] kept = new byte[96][];
        public static void main(String[] words) throws Exception {
          for (int i = 0; i < kept.length; i++) kept[i] = new byte[1 << 19];
          System.out.println("ready");
          System.in.read();
        }
      }
      """
    try directory.write(Array(program.utf8), to: "Main.java")
    let java = try Child("java", [collector, "-Xmx256m", directory.file("Main.java")])
    #expect(try java.readLine() == "ready")
    let rows = try rows(["footprint", "\(java.id)"])
    func resident(_ category: String, _ part: String?) -> Int64 {
      rows.first { $0["category"]?.string == category && $0["part"]?.string == part }?["resident"]?.number ?? 0
    }
    #expect(resident("language", "objects") >= 48 << 20)
    #expect(resident("language", "classes") > 4 << 20 && resident("language", "compiled code") > 1 << 20)
    let own = try #require(rows.last?["private_dirty"]?.number)
    #expect(resident("unexplained", nil) * 20 <= own, "\(rows)")
  }

  @Test func theRowsAddUpToTheSummary() throws {
    let process = try FixtureProcess("--heap", "8M", "--memfd", "--known")
    let records = try rows(["footprint", "\(process.pid)"])
    let rows = records.filter { $0["type"]?.string == "footprint" }
    let summary = try #require(records.last)
    func sum(_ name: String, _ includes: (JSONValue) -> Bool) -> Int64 {
      rows.filter(includes).reduce(0) { $0 + ($1[name]?.number ?? 0) }
    }
    for name in ["resident", "pss", "private_dirty", "swap", "virtual"] {
      #expect(sum(name) { $0["part"] == .null } == summary[name]?.number, "\(name)")
    }
    #expect(summary["kernel_resident"] == summary["resident"] && summary["difference"]?.number == 0)
    for whole in rows where whole["part"] == .null {
      let parts = rows.filter {
        $0["part"] != .null && $0["category"] == whole["category"] && $0["owner"] == whole["owner"]
      }
      if !parts.isEmpty {
        #expect(parts.reduce(0) { $0 + ($1["resident"]?.number ?? 0) } == whole["resident"]?.number)
      }
    }
    let account = try #require(records.first { $0["type"]?.string == "heap-account" })
    let heap = try #require(rows.first { $0["category"]?.string == "heap" && $0["part"] == .null })
    #expect(account["resident"] == heap["resident"])
  }

  @Test func verboseListsTheMappingsOfEachCategory() throws {
    let process = try FixtureProcess("--heap", "1M")
    let lines = try Tool.run("footprint", "\(process.pid)", "--verbose", "--top", "0").lines
    #expect(lines.contains("heap (glibc's malloc)"))
    let regions = try Tool.run("regions", "\(process.pid)", "--json").lines.count
    let mappings = try rows(["footprint", "\(process.pid)", "--verbose", "--top", "0"]).filter {
      $0["type"]?.string == "mapping"
    }
    #expect(mappings.count >= regions)
    let size = mappings.reduce(0) { $0 + ($1["size"]?.number ?? 0) }
    let summary = try rows(["footprint", "\(process.pid)"]).last
    #expect(size == summary?["virtual"]?.number)
  }

  @Test func severalProcessesAreOneTable() throws {
    let (first, second) = (try FixtureProcess("--heap", "2M"), try FixtureProcess("--heap", "4M"))
    let lines = try Tool.run("footprint", "\(first.pid)", "\(second.pid)").lines
    #expect(lines[0] == "2 processes together")
    #expect(lines.count { $0.hasPrefix("sum ") } == 1)
    #expect(lines.contains { $0.contains("\(second.pid)") })
    let each = try Tool.run("footprint", "\(first.pid)", "\(second.pid)", "--each").lines
    #expect(each.count { $0.hasPrefix("sum ") } == 3)
    let sums = try rows(["footprint", "\(first.pid)", "\(second.pid)"]).filter { $0["type"]?.string == "summary" }
    #expect(sums.count == 3 && sums.last?["process_count"]?.number == 2)
    let resident = sums.map { $0["resident"]?.number ?? 0 }
    #expect(resident[2] <= resident[0] + resident[1])
  }

  @Test func withoutAWalkItSaysSo() throws {
    let process = try FixtureProcess("--heap", "2M")
    let text = try Tool.run("footprint", "\(process.pid)", "--no-heaps").text
    #expect(text.contains("heap (program break, not walked)") && text.contains("--heaps tells"))
    #expect(text.contains("the same sum, to the page"))
  }

  @Test func aCoreIsShown() throws {
    let directory = try TemporaryDirectory()
    let process = try FixtureProcess("--heap", "2M")
    let core = directory.file("core")
    _ = try Tool.run("dump", "\(process.pid)", "--all", "--mode", "stop", "-o", core)
    let result = try Tool.run("footprint", core)
    #expect(result.status == 0)
    #expect(result.text.contains("heap (glibc's malloc)") && result.text.contains("RESIDENT is what the file holds"))
    #expect(try Tool.run("footprint", core, "--json").status == 0)
  }

  @Test func oneThatIsNotThereDoesNotStopTheOthers() throws {
    let process = try FixtureProcess()
    let result = try Tool.run("footprint", "\(process.pid)", "99999999")
    #expect(result.status == 2 && result.text.contains("sum ") && !result.errorText.isEmpty)
    #expect(try Tool.run("footprint", "99999999").status == 2)
    #expect(try Tool.run("footprint").status == 64)
    #expect(try Tool.run("footprint", "-").status != 0)
  }

  @Test func csvHasTheRowsAlone() throws {
    let process = try FixtureProcess()
    let lines = try Tool.run("footprint", "\(process.pid)", "--format", "csv").text.split(separator: "\r\n")
    #expect(lines[0].hasPrefix("pid,category,owner,part,resident,pss,private_dirty,swap,virtual,mappings,approximate"))
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("\(process.pid),") })
  }

  /// `heap` ends with where its resident bytes are.
  @Test func heapTellsWhereItsBytesAre() throws {
    let process = try FixtureProcess("--heap", "8M")
    let text = try Tool.run("heap", "\(process.pid)").text
    #expect(text.contains("\n  resident  ") && text.contains(" in use"))
    #expect(text.contains("\n  forecast  malloc_trim(0) would give back "))
    #expect(text.contains("\n  finding   in use: "))
  }
}
