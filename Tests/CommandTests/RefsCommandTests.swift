import MemDump
import MemDumpTestSupport
import Testing

/// `refs` on a process whose blocks hang on each other, the last one on a variable.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct RefsCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory

  init() throws {
    target = try FixtureProcess("--heap", "1M")
    directory = try TemporaryDirectory()
  }

  /// The rows of the table, without the pause.
  private func rows(_ result: Tool.Result) -> [String] { result.lines.filter { !$0.contains("  pause") } }

  @Test(arguments: ["stop", "live", "snapshot"]) func theVariableIsNamed(mode: String) throws {
    let result = try Tool.run(["refs", "\(target.pid)", "--size", "48"] + modeWords(mode))
    #expect(result.status == 0)
    let rows = rows(result)
    #expect(rows.count == 3)
    #expect(rows[0].wholeMatch(of: #/chunks of 48 bytes: [0-9,]+ in use, [0-9.]+ [KM]iB; 300 sampled/#) != nil)
    #expect(rows[1] == "BLOCKS    SHARE  HOLDER                     CHAIN")
    #expect(rows[2].hasPrefix("   300  100.0 %  target-process:last_block  48"), "\(rows[2])")
    #expect(rows[2].hasSuffix(" <- variable"))
    #expect(result.errorText.contains("300 of 300 traced. What holds a block can reach it"))
    #expect(result.errorText.contains("stacks were not looked at") == (mode == "live"))
    #expect(!(result.text + result.errorText).contains("leak"))
  }

  @Test func aCoreIsEnough() throws {
    let core = directory.file("core")
    #expect(
      try Tool.run("dump", "\(target.pid)", "--all", "--mode", "stop", "--max-pause", "5s", "-o", core).status == 0)
    let result = try Tool.run("refs", core, "--size", "48", "--json")
    #expect(result.status == 0)
    let values = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    #expect(values.map { $0["type"]?.string } == ["holder", "summary"])
    #expect(values.first?["holder"]?.string == "target-process:last_block")
    #expect(values.first?["symbol"]?.string == "last_block")
    #expect(values.first?["offset"]?.number == 0)
    #expect(values.first?["count"]?.number == 300)
    #expect(values.first?["chain"]?.array?.first?.number == 48)
    #expect(values.last?["sampled"]?.number == 300)
    #expect(values.last?["traced"]?.number == 300)
    #expect(values.last?["stacks"] == .boolean(true))
  }

  @Test func aTextLeadsToItsBlocks() throws {
    let result = try Tool.run("refs", "\(target.pid)", "--template", "#.#.#.#:#", "--json")
    #expect(result.status == 0)
    #expect(result.text.contains(#""holder":"target-process:last_block""#))
  }

  @Test func whatIsNotThereIsSaid() throws {
    let size = try Tool.run("refs", "\(target.pid)", "--size", "40")
    #expect(size.status == 1)
    #expect(size.text.hasPrefix("There is no chunk of 40 bytes in use. Sizes near it: 32 ("), "\(size.text)")
    #expect(size.text.contains(" 48 ("))
    let address = try Tool.run("refs", "\(target.pid)", "--address", "0xfedcba9876543")
    #expect(address.status == 1)
    let text = try Tool.run("refs", "\(target.pid)", "--template", "no such text #")
    #expect(text.status == 1)
    #expect(text.text.hasPrefix("There is no text of the template no such text #."))
  }

  @Test func nonsenseIsRefused() throws {
    #expect(try Tool.run("refs", "\(target.pid)").status == 64)
    #expect(try Tool.run("refs", "\(target.pid)", "--size", "48", "--address", "0x10").status == 64)
    #expect(try Tool.run("refs", "\(target.pid)", "--size", "many").status == 64)
    #expect(try Tool.run("refs", "-", "--size", "48").status == 64)
    let file = try directory.write([UInt8](repeating: 0, count: 8192), to: "zeros")
    #expect(try Tool.run("refs", file, "--size", "48").status == 2)
    #expect(try Tool.run("refs", file, "--size", "48", "--base", "0x10000").status == 1)
  }
}

/// The measure of it: the variable of the module that leaks, on an nginx of Debian.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: canBuildNginxModule, "nginx-dev is not installed"))
struct RefsNginxTests {
  @Test(arguments: ["1", "5"]) func theModuleIsNamed(seed: String) throws {
    let nginx = try NginxLeak(reclaim: "old_reset", ticks: 90, options: ["--seed", seed])
    try nginx.wait(forTick: 90)
    let result = try Tool.run("refs", "\(nginx.worker)", "--size", "1040", "--json", "--max-pause", "5s")
    let row = try #require(JSONValue(parsing: Array((result.lines.first ?? "").utf8)))
    #expect(row["holder"]?.string?.hasPrefix("ngx_http_svcring_module.so:svcring_main") == true, "\(result.text)")
    #expect(row["count"]?.number ?? 0 >= 300 * 85 / 100)
    #expect(stoppedThreadCount(nginx.worker) == 0)
    // Each block is one of a pool of the module's ring, by the pool's own list.
    let summary = try #require(JSONValue(parsing: Array((result.lines.last ?? "").utf8)))
    let pools = try #require(summary["sampled_pools"]?.array)
    #expect(pools.count == 1 && pools[0]["role"]?.string == "other")
    #expect(pools[0]["blocks"] == summary["sampled"] && (pools[0]["pools"]?.number ?? 0) > 100)
  }
}
