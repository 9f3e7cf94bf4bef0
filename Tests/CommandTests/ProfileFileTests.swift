import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// The files of `--folded` and `--pprof`, as other programs read them.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct ProfileFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// What Tests/pprof.py decodes of a file.
  static func decode(_ path: String) throws -> JSONValue {
    let script = #filePath.dropLast("CommandTests/ProfileFileTests.swift".count) + "pprof.py"
    let result = try Tool.shell("python3 \(script) '\(path)'")
    return try #require(JSONValue(parsing: result.output), "\(result.errorText)")
  }

  /// The sum of the values of folded stacks.
  static func total(_ path: String) -> UInt64 {
    let lines = (fileText(path) ?? "").split(separator: "\n")
    return lines.reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { UInt64($0) } ?? 0) }
  }

  private func mode(_ path: String) -> UInt32 {
    var attributes = stat()
    return stat(path, &attributes) == 0 ? attributes.st_mode & 0o777 : 0
  }

  @Test func theSumsOfAHeapAreThoseThatItTells() throws {
    let target = try FixtureProcess("--allocations", "1024:500:20,40:2000:77")
    let core = directory.file("core")
    try #require(try Tool.run("dump", "\(target.pid)", "--all", "--mode", "stop", "-o", core).status == 0)
    for (source, name) in [("\(target.pid)", "live"), (core, "core")] {
      let (pprof, folded) = (directory.file(name + ".pb.gz"), directory.file(name + ".folded"))
      let result = try Tool.run("heap", source, "--json", "--top", "1", "--pprof", pprof, "--folded", folded)
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.errorText)")
      let summary = try #require(result.lines.last.flatMap { JSONValue(parsing: Array($0.utf8)) })
      // A size, where the heap's memory is, and the summary.
      #expect(result.lines.count == 3)
      let profile = try Self.decode(pprof)
      #expect(profile["types"]?.array?.compactMap { $0.array?.first?.string } == ["inuse_objects", "inuse_space"])
      #expect(profile["main"]?.string == "inuse_space")
      let samples = profile["samples"]?.array ?? []
      let sums = (0..<2).map { type in samples.reduce(0) { $0 + ($1["values"]?.array?[type].number ?? 0) } }
      #expect(sums == [summary["chunks"]?.number, summary["bytes"]?.number])
      #expect(Self.total(folded) == summary["bytes"]?.number.map { UInt64($0) })
      let blocks = try #require(samples.first { $0["labels"]?["class"]?.number == 1040 })
      #expect(blocks["values"]?.array?.first?.number ?? 0 >= 500)
      #expect(blocks["stack"]?.array?.first?.string == "1040 bytes")
      #expect(samples.contains { $0["labels"]?["content"]?.string?.hasPrefix("sockaddr 10.0.") == true })
      #expect(mode(pprof) == 0o600 && mode(folded) == 0o600)
    }
    #expect(fileNames(in: directory.path).count == 6)
    if has("go") {
      let top = try Tool.shell("go tool pprof -top -unit=B \(directory.file("live.pb.gz")) 2>&1")
      #expect(top.text.contains("Type: inuse_space") && top.text.contains(" 1040 bytes"), "\(top.text)")
    }
  }

  #if arch(x86_64)
    @Test func threadsAreCountedByTheirStack() throws {
      let target = try FixtureProcess("--threads", "20")
      let (pprof, folded) = (directory.file("p"), directory.file("f"))
      let result = try Tool.run("stacks", "\(target.pid)", "--json", "--pprof", pprof, "--folded", folded)
      #expect(result.status == 0, "\(result.errorText)")
      #expect(Self.total(folded) == 21)
      let profile = try Self.decode(pprof)
      #expect(profile["types"]?.array?.map { $0.array?.compactMap(\.string) } == [["samples", "count"]])
      let samples = profile["samples"]?.array ?? []
      #expect(samples.reduce(0) { $0 + ($1["values"]?.array?.first?.number ?? 0) } == 21)
      #expect(samples.contains { $0["stack"]?.array?.contains { $0.string == "main" } == true })
      let mappings = profile["mappings"]?.array ?? []
      #expect(mappings.contains { $0["file"]?.string == Programs.path("target-process") })
      let library = try #require(mappings.first { $0["file"]?.string?.contains("libc.so") == true })
      let buildID = try Tool.shell("readelf -n \(library["file"]?.string ?? "") | sed -n 's/.*Build ID: //p'").lines
        .first
      #expect(library["build_id"]?.string == buildID)
      #expect(try target.complaints() == [])
    }
  #endif

  @Test func aFileThatIsThereStaysUnlessAsked() throws {
    let target = try FixtureProcess("--heap", "1M")
    let path = try directory.write([1, 2, 3], to: "old")
    let refused = try Tool.run("heap", "\(target.pid)", "--folded", path)
    #expect(refused.status == 2 && refused.errorText.contains("exists already") && refused.output.isEmpty)
    #expect(fileBytes(path) == [1, 2, 3])
    #expect(try Tool.run("heap", "\(target.pid)", "--folded", path, "--force").status == 0)
    #expect(Self.total(path) > 1 << 20)
    let none = try Tool.run("heap", "\(target.pid)", "--pprof", directory.file("none/x"))
    #expect(none.status == 2 && none.output.isEmpty)
    for words in [["--force"], ["--folded", ""], ["--folded", "a", "--pprof", "a"]] {
      #expect(try Tool.run(["heap", "\(target.pid)"] + words).status == 64)
    }
  }

  @Test func aDashIsNoFile() throws {
    for option in ["--pprof", "--folded"] {
      let result = try Tool.run("heap", "1", option, "-")
      #expect(result.status == 64 && result.errorText.contains("'-' is none"), "\(result.errorText)")
    }
  }
}
