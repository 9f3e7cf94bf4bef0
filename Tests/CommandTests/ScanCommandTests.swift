import MemDump
import MemDumpTestSupport
import Testing

@Suite struct ScanCommandTests {
  private let directory: TemporaryDirectory
  private let dump: String

  init() throws {
    directory = try TemporaryDirectory()
    dump = try directory.write(sampleBytes, to: "sample.raw")
  }

  @Test func aDumpIsCountedWithOffsets() throws {
    let result = try Tool.run("scan", dump)
    #expect(
      result.text == """
        COUNT  REGIONS  FIRST  TEXT
            2        1    0x4  10.1.2.3:8080
            1        1   0x13  10.1.2.4:9090

        """)
    #expect(result.errorOutput() == "3 findings, 2 distinct, 47 B scanned in TIME (RATE)\n")
    #expect(result.status == 0)
  }

  @Test func aBaseMakesAddressesOfOffsets() throws {
    let result = try Tool.run("scan", dump, "--base", "0x1000", "--each")
    #expect(
      result.lines == ["0x1004  10.1.2.3:8080  file", "0x1013  10.1.2.4:9090  file", "0x1021  10.1.2.3:8080  file"])
  }

  @Test func jsonHasStableFields() throws {
    let counted = try Tool.run("scan", dump, "--json", "--min-count", "2")
    #expect(
      counted.lines.first
        == #"{"type":"count","pattern":"ipv4-port","text":"10.1.2.3:8080","count":2,"regions":1,"#
        + #""first_address":null,"first_offset":4}"#)
    let summary = try #require(counted.lines.last)
    #expect(
      summary.replacing(#/"elapsed_ns":[0-9]+/#, with: #""elapsed_ns":N"#)
        == #"{"type":"summary","bytes_scanned":47,"absent_bytes":0,"unreadable_bytes":0,"findings":3,"distinct":2,"#
        + #""elapsed_ns":N,"partial":false}"#)
    let each = try Tool.run("scan", dump, "--json", "--each", "--base", "0x10")
    #expect(
      each.lines.first
        == #"{"type":"finding","pattern":"ipv4-port","text":"10.1.2.3:8080","address":"0x14","offset":4,"#
        + #""region":"file","source":"\#(dump)"}"#)
  }

  @Test func standardInputIsASource() throws {
    let result = try Tool.run(["scan", "-"], input: sampleBytes)
    #expect(result.lines.count == 3)
    #expect(result.status == 0)
  }

  @Test(arguments: ["1", "2", "5"]) func threadsChangeNothing(threads: String) throws {
    let result = try Tool.run("scan", dump, "--threads", threads)
    #expect(result.lines.count == 3)
  }

  @Test func topAndMinimumCountCutTheTable() throws {
    #expect(try Tool.run("scan", dump, "--top", "1").lines.count == 2)
    #expect(try Tool.run("scan", dump, "--top", "0").lines.count == 3)
    #expect(try Tool.run("scan", dump, "--min-count", "2").lines.count == 2)
  }

  @Test func nothingFoundIsStatusOne() throws {
    let empty = try directory.write([], to: "empty")
    let result = try Tool.run("scan", empty)
    #expect(result.text == "")
    #expect(result.errorOutput() == "0 findings, 0 distinct, 0 B scanned in TIME (RATE)\n")
    #expect(result.status == 1)
  }

  @Test func aSourceThatCannotBeReadDoesNotStopTheOthers() throws {
    let result = try Tool.run("scan", dump, directory.file("missing"), dump)
    #expect(result.lines[1] == "    4        2    0x4  10.1.2.3:8080")
    #expect(result.errorText.contains("cannot open \(directory.file("missing")): No such file or directory."))
    #expect(result.status == 2)
  }

  @Test func anUnknownPatternIsAnsweredWithThoseThatAre() throws {
    let result = try Tool.run("scan", dump, "--pattern", "nope")
    #expect(result.errorText.hasPrefix("memdump: there is no pattern 'nope'. There are: ipv4-port"))
    #expect(result.status == 2)
  }

  @Test func aManifestOfAnotherFileIsRefused() throws {
    try directory.write(Array(#"{"type":"manifest"}"#.utf8), to: "sample.raw.json")
    let result = try Tool.run("scan", dump)
    #expect(result.errorText.contains("sample.raw.json cannot be used"))
    #expect(result.status == 2)
    #expect(try Tool.run("scan", dump, "--base", "0x0").status == 0)
  }

  @Test func aReaderThatGoesAwayIsNoError() throws {
    let many = try directory.write(
      Array(repeating: Array("10.0.0.1:80 ".utf8), count: 20000).flatMap { $0 }, to: "many")
    let result = try Tool.shell("\"$MEMDUMP\" scan '\(many)' --each | head -n 1; echo done")
    #expect(result.text == "0x0  10.0.0.1:80  file\ndone\n")
    #expect(result.errorText == "")
  }

  @Test func controlBytesOfFilesAreNeverPrinted() throws {
    let name = "a\u{1b}[31mb"
    try directory.write(sampleBytes, to: name)
    let result = try Tool.run("scan", directory.file(name), directory.file(name + "missing"), "--each", "--json")
    #expect(!result.output.contains(0x1b))
    #expect(!result.errors.contains(0x1b))
    #expect(result.errorText.contains(#"a\x1b[31mbmissing"#))
  }

  @Test func interruptingAScanGivesWhatWasFound() throws {
    let child = try Tool.start(["scan", "-"])
    child.send(sampleBytes)
    // The tool has taken the signal over when it waits for input, which its threads tell.
    #expect(waitUntil { threadStates(child.id).count >= 2 && threadStates(child.id).values.allSatisfy { $0 == "S" } })
    child.send(signal: 2)
    let result = try Tool.finish(child, within: .seconds(20))
    #expect(result.status == 130)
  }
}

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct ScanLiveTests {
  @Test func aProcessIsScannedWithAddresses() throws {
    let target = try FixtureProcess("--known")
    let known = try target.region("known").lowerBound
    let result = try Tool.run("scan", "\(target.pid)", "--each", "--region", "\(known)+64K")
    #expect(
      result.lines == [
        "\(known)  10.0.0.1:8001  anon", "\(known + 0x100)  10.1.2.3:8080  anon",
        "\(known + 0x1ffa)  10.0.0.2:8002  anon", "\(known + 0x8000)  10.1.2.3:8080  anon",
        "\(known + 0xfff3)  10.0.0.3:8003  anon",
      ])
    #expect(try target.complaints() == [])
  }

  @Test func whatTheProcessWroteIsTheDefault() throws {
    let target = try FixtureProcess("--known", "--endpoints", "1000", "--adjacent")
    let result = try Tool.run("scan", "\(target.pid)", "--json", "--top", "0")
    #expect(result.text.contains(#""text":"10.1.2.3:8080","count":2"#))
    #expect(result.text.contains(#""text":"10.0.3.231:2023","count":1"#))
    #expect(result.lines.count { $0.contains("\"count\"") && $0.contains("10.0.") } >= 1000)
    // Its second half is read-only now, so only the whole of memory holds the text that straddles.
    #expect(!result.text.contains("10.9.8.7:6543"))
    #expect(try Tool.run("scan", "\(target.pid)", "--all", "--top", "0").text.contains("10.9.8.7:6543"))
  }

  @Test func aDumpWithItsManifestGivesTheSameAddressesAsTheProcess() throws {
    let target = try FixtureProcess("--known")
    let directory = try TemporaryDirectory()
    let region = "\(try target.region("known").lowerBound)+64K"
    #expect(try Tool.run("dump", "\(target.pid)", "-r", region, "-o", directory.file("d")).status == 0)
    let live = try Tool.run("scan", "\(target.pid)", "-r", region, "--each")
    #expect(try Tool.run("scan", directory.file("d"), "--each").text == live.text)
  }
}
