import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// Where Tests/run.sh puts wheels of Python.
private let wheels =
  String(#filePath.dropLast("Tests/CommandTests/HeapCommandTests.swift".count)) + ".build/test-wheels"
private let hasWheel = access("\(wheels)/duckdb", R_OK) == 0

/// `heap` and `diff` on a process that knows its own mallocs.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct HeapCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory

  init() throws {
    target = try FixtureProcess("--allocations", "1024:500:20,200000:10:3,40:2000:77", "--allocating", "2")
    directory = try TemporaryDirectory()
  }

  private func counts(_ size: Int, _ text: String) -> String? {
    text.split(separator: "\n").first { $0.contains("\"size\":\(size),") }
      .flatMap { $0.firstMatch(of: #/"count":([0-9]+),"bytes":[0-9]+,"free_count":([0-9]+)/#) }
      .map { "\($0.1) \($0.2)" }
  }

  private func number(_ name: String, _ text: String) throws -> Int {
    let match = try #require(text.firstMatch(of: try Regex("\"\(name)\":([0-9]+)", as: (Substring, Substring).self)))
    return try #require(Int(match.1))
  }

  @Test(arguments: ["live", "stop"]) func everyChunkIsCounted(mode: String) throws {
    let info = try target.ask("mallinfo").compactMap { Int($0) }
    let result = try Tool.run("heap", "\(target.pid)", "--json", "--top", "0", "--mode", mode)
    #expect(result.status == 0)
    #expect(counts(1040, result.text)?.hasPrefix("1500 ") == true)
    #expect(counts(48, result.text)?.hasPrefix("6000 ") == true)
    #expect(try number("fastbin_chunks", result.text) * 48 == info[3])
    #expect(info[3] >= 2 * 70 * 48)
    #expect(try number("arenas", result.text) == 3)
    #expect(try number("breaks", result.text) == 0)
    #expect(try number("missing_bytes", result.text) == 0)
    // What malloc itself says: mapped chunks, their bytes, what it has from the system.
    #expect(try number("mapped_chunks", result.text) == info[4])
    #expect(try number("mapped_bytes", result.text) == info[5])
    #expect(try number("mapped_chunks_expected", result.text) == info[4])
    // The header of a thread's arena and of its heap counts as in use there.
    #expect(try number("walked_bytes", result.text) == info[0] - 2 * 2256)
    #expect(result.text.contains(#""sample_kind":"sockaddr","sample":"10.0."#))
    #expect(try target.complaints() == [])
  }

  /// The second one has no program break: its heap is in mappings, a part at a time.
  @Test func theHeapsOfAllCLibrariesAreWalked() throws {
    let two = try FixtureProcess("--second-libc", "20000", "--heap", "1M")
    let core = directory.file("two")
    #expect(try Tool.run("dump", "\(two.pid)", "--all", "-o", core).status == 0)
    for source in ["\(two.pid)", core] {
      let text = try Tool.run("heap", source, "--json", "--top", "0").text
      #expect(counts(512, text)?.hasPrefix("20000 ") == true, "\(text)")
      #expect(counts(48, text) != nil)
      #expect(try number("arenas", text) == 2)
      #expect(try number("breaks", text) == 0)
      #expect(try number("missing_bytes", text) == 0)
      let holders = try Tool.run("refs", source, "--size", "512", "--json").text
      #expect(holders.contains(#""holder":"target-process:last_second_block""#), "\(holders)")
    }
    #expect(try Tool.run("heap", core).text.contains("  arenas    2 of 2 C libraries\n"))
    _ = try two.ask("second 2M")
    let grown = try Tool.run("diff", core, "\(two.pid)", "--json").text
    #expect(grown.contains(#""kind":"chunk-size","key":"1040""#), "\(grown)")
  }

  @Test func whatBlocksBeginWithIsNamed() throws {
    let objects = try FixtureProcess("--tables")
    let core = directory.file("core")
    #expect(try Tool.run("dump", "\(objects.pid)", "--all", "-o", core).status == 0)
    for source in ["\(objects.pid)", core] {
      let line = try Tool.run("heap", source, "--json").lines.first { $0.contains(#""size":112,"#) }
      #expect(
        line?.contains(#""sample_kind":"pointer","sample":"target-process:target_table+0x10""#) == true, "\(line ?? "")"
      )
    }
  }

  @Test func aDumpOfTheHeapAloneHoldsTheMainArena() throws {
    _ = try Tool.run("dump", "\(target.pid)", "-r", "heap", "-o", directory.file("d"))
    let result = try Tool.run("heap", directory.file("d"), "--json", "--top", "0")
    #expect(counts(1040, result.text)?.hasPrefix("500 ") == true)
    #expect(try number("arenas", result.text) == 0)
    let text = try Tool.run("heap", directory.file("d")).text
    #expect(text.contains("  arenas    not known: there is no data of the C library\n"))
  }

  @Test func whatGrewIsNamedAndNothingElse() throws {
    _ = try Tool.run("dump", "\(target.pid)", "-r", "heap", "-o", directory.file("d"))
    let same = try Tool.run("diff", directory.file("d"), "\(target.pid)")
    #expect(same.text == "Nothing grew.\n")
    #expect(same.status == 1)
    let added = try target.ask("grow 1M")
    #expect(added.isEmpty)
    let grown = try Tool.run("diff", directory.file("d"), "\(target.pid)", "--json")
    #expect(grown.status == 0)
    let kinds = grown.lines.compactMap { $0.firstMatch(of: #/"kind":"([a-z-]+)","key":"([^"]*)"/#) }
    #expect(kinds.map { "\($0.1) \($0.2)" } == ["chunk-size 48", "template #.#.#.#:#", "region [heap]"])
  }

  @Test(.enabled(if: Programs.find("redis-server") != nil, "there is no redis-server"))
  func theHeapOfRedisIsWalked() throws {
    let redis = try Child("redis-server", ["--port", "0", "--save", "", "--unixsocket", directory.file("s")])
    // Until then its libraries may not be mapped.
    while try !redis.readLine(within: .seconds(20)).contains("eady to accept connections") {}
    let client = ["-s", directory.file("s")]
    _ = try Child("redis-cli", client + ["eval", Self.fill, "0"]).communicate(within: .seconds(60))
    func allocated() throws -> Int {
      let (info, _) = try Child("redis-cli", client + ["info", "memory"]).communicate(within: .seconds(20))
      let text = String(decoding: info, as: UTF8.self)
      return try #require(text.firstMatch(of: #/allocator_allocated:([0-9]+)/#).flatMap { Int($0.1) })
    }
    var (told, result) = (try allocated(), try Tool.run("heap", "\(redis.id)", "--json", "--top", "0"))
    // It goes on for a while with its tables, which it makes larger by and by.
    for _ in 0..<20 {
      let after = try allocated()
      if abs(after - told) < 1 << 16 { break }
      (told, result) = (after, try Tool.run("heap", "\(redis.id)", "--json", "--top", "0"))
    }
    #expect(result.status == 0)
    #expect(result.lines.last?.contains(#""allocator":"jemalloc","other_allocators":[],"#) == true)
    let found = try number("bytes", result.lines.last ?? "") + number("jemalloc_cached_bytes", result.text)
    #expect(abs(found - told) < 1 << 20, "\(found) found, \(told) told by redis")
    #expect(counts(160, result.text).flatMap { Int($0.split(separator: " ")[0]) } ?? 0 >= 20_000)
    let row = result.lines.first { $0.contains("\"size\":160,") } ?? ""
    #expect(row.contains(#""sample":"session-# of a user""#) && row.contains(#""allocator":"jemalloc""#), "\(row)")
    let address = try #require(row.firstMatch(of: #/"sample_address":"(0x[0-9a-f]+)"/#)?.1)
    #expect(try Tool.run("peek", "\(redis.id)", "\(address)").text.contains("block of 160 bytes"))
  }

  /// Keys whose values are of 160 bytes each.
  private static let fill = """
    for i = 1, 20000 do redis.call('set', 'key' .. i, 'session-' .. i .. ' of a user' .. string.rep('\\0', 120)) end
    """

  @Test(.enabled(if: has("redis-server", "redis-cli"), "redis is not installed"))
  func aQueueThatNobodyReadsIsNamed() throws {
    let redis = try Child("redis-server", ["--port", "0", "--save", "", "--unixsocket", directory.file("s")])
    while try !redis.readLine(within: .seconds(20)).contains("eady to accept connections") {}
    let client = ["-s", directory.file("s")]
    _ = try Child("redis-cli", client + ["eval", Self.fill, "0"]).communicate(within: .seconds(60))
    // Lists of others, whose nodes have the same size.
    _ = try Child("redis-cli", client + ["eval", Self.push("old", "x", 4000), "0"]).communicate(within: .seconds(60))
    let push = Self.push("queue", #"{\"client\":\"worker-' .. i .. '\",\"seq\":' .. i .. '}"#, 1000)
    let load = try Child("redis-cli", client + ["-r", "1000000", "-i", "0.02", "eval", push, "0"])
    let watch = try Tool.run("watch", "\(redis.id)", "--every", "2s", "--no-allocs", "--json")
    let rows = watch.lines.filter { $0.contains(#""type":"growth""#) && $0.contains(#""kind":"chunk-size""#) }
    let row = try #require(rows.first, "\(watch.text)")
    #expect(row.contains(#""key":"8192""#) && row.contains(#""allocator":"jemalloc""#), "\(row)")
    #expect(row.contains(#"worker-#"#), "\(row)")
    load.send(signal: SIGKILL)
    // What jemalloc notes of its blocks holds none.
    let holders = try Tool.run("refs", "\(redis.id)", "--size", "8192", "--json").text
    #expect(!holders.contains("libjemalloc"), "\(holders)")
    let all = try Tool.run("refs", "\(redis.id)", "--all", "--json").text
    #expect(all.contains(#""allocator":"jemalloc""#) && !all.contains("libjemalloc"), "\(all)")
  }

  private static func push(_ key: String, _ text: String, _ count: Int) -> String {
    "for i = 1, \(count) do redis.call('rpush', '\(key)', '\(text)') end"
  }

  /// A wheel that brings its own jemalloc, beside malloc: what Tests/run.sh has installed.
  @Test(.enabled(if: hasWheel, "there is no duckdb for Python"))
  func theHeapsOfAWheelAreAllWalked() throws {
    let python = try Child("python3", ["-c", Self.database], environment: ["PYTHONPATH": wheels])
    try #require(python.readLine(within: .seconds(60)) == "ready")
    let result = try Tool.run("heap", "\(python.id)", "--json", "--top", "5")
    let summary = try #require(result.lines.last)
    #expect(summary.contains(#""refused":[]"#))
    #expect(
      result.lines.dropLast().allSatisfy { line in
        line.contains(#""type":"object-type""#)
          || ["jemalloc", "glibc", "pymalloc"].contains { line.contains(#""allocator":"\#($0)""#) }
      })
    #expect(try number("jemalloc_slabs", summary) == number("jemalloc_slabs_agreeing", summary))
    // A table of 16 MB in blocks of 256 KiB.
    let blocks = result.lines.first { $0.contains(#""size":262144,"#) && $0.contains("jemalloc") } ?? ""
    let count = blocks.firstMatch(of: #/"count":([0-9]+)/#).flatMap { Int($0.1) } ?? 0
    #expect((50...140).contains(count), "\(blocks)")
    let text = try Tool.run("heap", "\(python.id)").text
    #expect(text.hasPrefix("The heap of ") && text.contains("\n\nThe heap of "), "\(text)")
  }

  private static let database = """
    import sys, duckdb
    c = duckdb.connect()
    c.execute("create table t as select i, i * 2 as j from range(1000000) r(i)")
    print("ready", flush=True)
    sys.stdin.read()
    """

  /// A library by the name of an allocator is enough: a process may use it beside malloc.
  @Test func aSecondAllocatorIsNamed() throws {
    let library = directory.file("libtcmalloc.so.4")
    let script = #"""
      libc=$(sed -n 's|.* \(/.*/libc\.so.*\)|\1|p' /proc/self/maps | head -1)
      cp "${libc%/*}/libdl.so.2" "$1" && LD_PRELOAD=$1 exec sh -c 'echo ready; read end'
      """#
    let both = try Child("sh", ["-c", script, "sh", library])
    #expect(try both.readLine() == "ready")
    let result = try Tool.run("heap", "\(both.id)")
    #expect(result.text.contains("\n  also      a heap of tcmalloc, which is not walked\n"), "\(result.text)")
  }

  /// A program that is linked with one has no library to tell of it.
  @Test func aSecondAllocatorInTheProgramItselfIsNamed() throws {
    let program = try Child(Programs.path("cxx-objects"), [])
    try #require(program.readLine() == "ready")
    let result = try Tool.run("heap", "\(program.id)")
    #expect(result.text.contains("\n  also      a heap of jemalloc, which is not walked\n"), "\(result.text)")
  }

  @Test func standardInputIsRefused() throws {
    let result = try Tool.run("heap", "-")
    #expect(result.status == 64)
    #expect(result.errorText.hasPrefix("memdump: standard input is read once only"))
  }
}
