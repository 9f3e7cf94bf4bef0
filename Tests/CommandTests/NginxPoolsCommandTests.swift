import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// The whole hunt, on an nginx of Debian whose module leaks, or does not.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: canBuildNginxModule, "nginx-dev is not installed"))
struct NginxPoolsCommandTests {
  /// The summary of a run, and what it says of the pools of modules.
  private static func pools(_ source: [String]) throws -> (run: Tool.Result, summary: JSONValue, module: JSONValue) {
    let pause = source.contains("live") ? [] : ["--max-pause", "5s"]
    let run = try Tool.run(["nginx-pools", "--json", "--top", "0"] + pause + source)
    let summary = try #require(JSONValue(parsing: Array((run.lines.last ?? "").utf8)), "\(run.errorText)")
    let module = summary["roles"]?.array?.first { $0["role"]?.string == "other" }
    return (run, summary, try #require(module, "\(run.text)"))
  }

  private static func counts(_ value: JSONValue) -> [String: Int64] {
    let names = ["pools", "blocks", "bytes", "used", "emptied_before_current"]
    var counts = Dictionary(uniqueKeysWithValues: names.map { ($0, value[$0]?.number ?? -1) })
    counts["large"] = value["large_count"]?.number
    return counts
  }

  @Test(arguments: ["old_reset", "reset", "destroy"]) func whatItSaysIsWhatTheModuleCounted(reclaim: String) throws {
    let nginx = try NginxLeak(reclaim: reclaim, ticks: 110)
    var requests = Requests(port: nginx.port)
    let worker = "\(nginx.worker)"
    try nginx.wait(forTick: 40)
    let early = try Self.pools([worker])
    #expect(early.run.status == 0)
    // A reply may just take the place of another, and a connection may just have got its pool.
    let poolCount = try #require(early.module["pools"]?.number)
    #expect(abs(poolCount - 16 * 32) <= 1)
    #expect(early.summary["broken"] == .number(0))
    try nginx.wait(forTick: 110)
    let beforeExactLooks = requests.end()
    let expected = try nginx.status()
    #expect(expected.isOver)

    let directory = try TemporaryDirectory()
    let dump = directory.file("heap")
    #expect(try Tool.run("dump", worker, "-r", "heap", "-o", dump, "--mode", "stop", "--max-pause", "5s").status == 0)
    for source in [[worker], [worker, "--mode", "live"], [dump]] {
      let late = try Self.pools(source)
      #expect(late.run.status == 0, "\(late.run.errorText)")
      #expect(Self.counts(late.module) == expected.counts, "\(source)")
    }

    // Over: no pool of the module and no configuration grows any more, whatever requests there are.
    requests = Requests(port: nginx.port)
    let still = try Tool.run("nginx-pools", worker, "--every", "200ms", "--max-pause", "5s", "--json")
    let grown = try still.lines.filter { $0.hasPrefix(#"{"type":"pool-growth""#) }
      .map { try #require(JSONValue(parsing: Array($0.utf8))) }
    #expect(grown.filter { ["other", "cycle"].contains($0["role"]?.string) } == [])

    let late = try Self.pools([worker])
    #expect(late.run.lines.count { $0.hasPrefix(#"{"type":"nginx-pool""#) } >= 16 * 32 + 1)
    // What another has that ended at the 40th tick: a look at the one that goes on comes when it may.
    let ended = try NginxLeak(reclaim: reclaim, ticks: 40)
    try ended.wait(forTick: 40)
    let growth = try #require(expected.counts["bytes"]) - #require(try ended.status().counts["bytes"])
    let text = try Tool.run("nginx-pools", worker, "--max-pause", "5s").text
    if reclaim == "old_reset" {
      #expect(growth > 1 << 19)
      #expect(text.contains("That is what ngx_reset_pool did before nginx 1.5.9"))
    } else {
      #expect(abs(growth) < 1 << 18)
      #expect(!text.contains("ngx_reset_pool"))
      #expect(late.summary["notes"] == .array([]))
    }

    for (answered, failed) in [beforeExactLooks, requests.end()] {
      #expect(answered > 0)
      #expect(failed == 0)
    }
    #expect(stoppedThreadCount(nginx.worker) == 0)
    #expect(tracer(nginx.worker) == 0)
  }

  /// Recall 1, and nothing but what is true: only the sockets of nginx itself come on top.
  @Test(arguments: ["old_reset", "destroy"]) func scanFindsEveryEndpointAndNoOther(reclaim: String) throws {
    let nginx = try NginxLeak(reclaim: reclaim, ticks: 60, options: ["--seed", "7"])
    try nginx.wait(forTick: 60)
    let scan = try Tool.run(
      "scan", "\(nginx.worker)", "-r", "heap", "--pattern", "sockaddr", "--top", "0", "--json")
    let rows = scan.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }.filter { $0["type"]?.string == "count" }
    let found = Set(rows.compactMap { $0["text"]?.string })
    #expect(nginx.endpoints.count == 16 * 260)
    #expect(nginx.endpoints.subtracting(found).isEmpty)
    let others = found.subtracting(nginx.endpoints).filter { !$0.hasPrefix("127.0.0.1:") && !$0.hasPrefix("0.0.0.0:") }
    #expect(others.isEmpty)
  }

  @Test func ipv6EndpointsAreFoundToo() throws {
    let nginx = try NginxLeak(reclaim: "reset", ticks: 60, options: ["--ipv6", "8"])
    try nginx.wait(forTick: 60)
    let scan = try Tool.run("scan", "\(nginx.worker)", "-r", "heap", "--pattern", "sockaddr", "--top", "0", "--json")
    for endpoint in nginx.endpoints { #expect(scan.text.contains("\"text\":\"\(endpoint)\",")) }
  }

  /// The state is that of the seed.
  @Test func theSameSeedGivesTheSamePools() throws {
    func counts(_ seed: String) throws -> [String: Int64] {
      let nginx = try NginxLeak(reclaim: "old_reset", ticks: 45, options: ["--seed", seed])
      try nginx.wait(forTick: 45)
      return try nginx.status().counts
    }
    let first = try counts("3")
    #expect(try counts("3") == first)
    #expect(try counts("4") != first)
  }

  @Test func poolsOfConnectionsAndRequestsAreToldApart() throws {
    let nginx = try NginxLeak(reclaim: "destroy", ticks: 1)
    try nginx.wait(forTick: 1)
    let connections = try (0..<5).map { _ in try nginx.beginRequest() }
    defer { for connection in connections { close(connection) } }
    // Until the worker has taken them.
    let isSeen = try waitUntil(within: .seconds(60)) {
      let text = try Tool.run("nginx-pools", "\(nginx.worker)", "--json", "--max-pause", "5s").text
      return ["connection", "request"].allSatisfy { text.contains("{\"role\":\"\($0)\",\"pools\":5,") }
        && text.contains("{\"role\":\"cycle\",\"pools\":1,")
    }
    #expect(isSeen)
  }
}

/// What needs no nginx.
@Suite struct NginxPoolsInputTests {
  private static func image() -> PoolImage {
    var image = PoolImage(base: 0x55_5555_0000)
    image.addPool(size: 1024, blocks: [nil, nil, 300], current: 2)
    image.addPool(size: 512, blocks: [100])
    return image
  }

  @Test func aDumpWithABaseIsEnough() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.image().bytes, to: "dump")
    let run = try Tool.run("nginx-pools", path, "--base", "0x5555550000", "--top", "1")
    #expect(run.status == 0)
    let expected = """
      ROLE   POOLS  BLOCKS     SIZE   USED  EMPTIED  LARGE  CLEANUPS
      other      2       4  3.5 KiB  672 B    2 KiB      -         -

              POOL  BLOCKS   SIZE   USED  EMPTIED  LARGE  CLEANUPS  ROLE
      0x5555550090       3  3 KiB  492 B    2 KiB      -         -  other

      2 KiB of 3.5 KiB are in blocks that were emptied but stand before `current` of their pool
      """
    #expect(run.text.hasPrefix(expected), "\(run.text)")
    #expect(run.errorText.hasPrefix("2 pools, "))
  }

  @Test func withoutAddressesItSaysWhatToDo() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.image().bytes, to: "dump")
    let run = try Tool.run("nginx-pools", path)
    #expect(run.status == 2)
    #expect(run.errorText.contains("Give the address of its first byte with --base"))
    let stream = try Tool.run(["nginx-pools", "-"], input: Self.image().bytes)
    #expect(stream.status == 2)
    #expect(stream.errorText.contains("can be read once only"))
  }

  @Test func withoutPoolsThereIsNothing() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8](repeating: 0x41, count: 1 << 16), to: "dump")
    let run = try Tool.run("nginx-pools", path, "--base", "0x10000")
    #expect(run.status == 1)
    #expect(run.text == "")
    #expect(run.errorText.hasPrefix("0 pools, 64 KiB looked at in "))
    #expect(try Tool.run("nginx-pools", path, "--top", "-1").status == 64)
  }

  @Test func poolsThatGrowBetweenTwoLooksAreTold() throws {
    let nginx = try NginxLeak(reclaim: "old_reset", ticks: 0)
    try nginx.wait(forTick: 40)
    let run = try Tool.run(
      "nginx-pools", "\(nginx.worker)", "--every", "2s", "--max-pause", "5s", "--json", "--top", "0")
    #expect(run.status == 0, "\(run.errorText)")
    let rows = try run.lines.filter { $0.hasPrefix(#"{"type":"pool-growth""#) }
      .map { try #require(JSONValue(parsing: Array($0.utf8))) }
    for row in rows { #expect(try JSONSchema("pool-growth").complaints(about: row) == []) }
    let sums = rows.filter { $0["address"] == .null }
    #expect(sums.count == 1 && sums[0]["role"]?.string == "other" && sums[0]["grown_pools"]?.number == 0)
    let blocks = try #require(sums.first?["grown_blocks"]?.number)
    #expect(blocks > 100)
    // The pools that grew are those of the module, and all of them together are the growth of the role.
    #expect(rows.filter { $0["address"] != .null }.reduce(0) { $0 + ($1["grown_blocks"]?.number ?? 0) } == blocks)
    #expect(!run.text.contains("The cycle pool"))
  }

  @Test func aFileIsLookedAtOnce() throws {
    let result = try Tool.run("nginx-pools", "/dev/null", "--every", "1s")
    #expect(result.status == 64)
    #expect(
      result.errorText
        == "memdump: --every is for a process, and '/dev/null' is none. See `memdump nginx-pools --help`.\n")
  }
}
