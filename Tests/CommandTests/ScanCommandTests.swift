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
        COUNT  REGIONS  FIRST  PATTERN    TEXT
            2        1    0x4  ipv4-port  10.1.2.3:8080
            1        1   0x13  ipv4-port  10.1.2.4:9090

        """)
    #expect(result.errorOutput() == "3 findings, 2 distinct, 47 B scanned in TIME (RATE)\n")
    #expect(result.status == 0)
  }

  @Test func aBaseMakesAddressesOfOffsets() throws {
    let result = try Tool.run("scan", dump, "--base", "0x1000", "--each")
    #expect(
      result.lines == [
        "0x1004  ipv4-port  10.1.2.3:8080  file", "0x1013  ipv4-port  10.1.2.4:9090  file",
        "0x1021  ipv4-port  10.1.2.3:8080  file",
      ])
  }

  @Test func jsonHasStableFields() throws {
    let counted = try Tool.run("scan", dump, "--json", "--min-count", "2")
    #expect(
      counted.lines.first
        == #"{"type":"count","pattern":"ipv4-port","text":"10.1.2.3:8080","count":2,"regions":1,"#
        + #""first_address":null,"first_offset":4,"bytes":26,"error":0,"sources":["\#(dump)"]}"#)
    let summary = try #require(counted.lines.last)
    #expect(
      summary.replacing(#/"elapsed_ns":[0-9]+/#, with: #""elapsed_ns":N"#)
        == #"{"type":"summary","bytes_scanned":47,"absent_bytes":0,"unreadable_bytes":0,"findings":3,"distinct":2,"#
        + #""elapsed_ns":N,"partial":false,"truncated_sources":0,"omitted_segments":0,"left_out_bytes":0,"#
        + #""approximate":false,"error_bound":0,"#
        + #""mode":null,"mode_reason":null,"pause_ns":null,"state_before":null,"state_after":null,"verified":null}"#)
    let each = try Tool.run("scan", dump, "--json", "--each", "--base", "0x10")
    #expect(
      each.lines.first
        == #"{"type":"finding","pattern":"ipv4-port","text":"10.1.2.3:8080","address":"0x14","offset":4,"#
        + #""region":"file","source":"\#(dump)","bytes":13}"#)
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

  @Test func everyPatternCanBeChosen() throws {
    let text =
      "x 10.1.2.3:80 [2001:db8::1]:443 http://a.b/c?d=1, me@x.org db.host.org:5432 "
      + "123e4567-e89b-12d3-a456-426614174000 DEADBEEF"
    let names = ["ipv4-port", "ipv4", "ipv6-port", "host-port", "url", "email", "uuid"].flatMap { ["--pattern", $0] }
    let result = try Tool.run(
      ["scan", "-", "--each", "--find", "beef", "--ignore-case", "--hex", "44 4? ?? 44"] + names,
      input: Array(text.utf8))
    #expect(
      result.lines == [
        "0x2  ipv4-port  10.1.2.3:80  file", "0x2  ipv4  10.1.2.3  file", "0xe  ipv6-port  [2001:db8::1]:443  file",
        "0x20  url  http://a.b/c?d=1  file", "0x32  email  me@x.org  file", "0x3b  host-port  db.host.org:5432  file",
        "0x4c  uuid  123e4567-e89b-12d3-a456-426614174000  file", "0x71  44 4? ?? 44  DEAD  file",
        "0x75  beef  BEEF  file",
      ])
  }

  @Test func socketAddressesAreWrittenAsText() throws {
    let memory =
      [2, 0, 0x1f, 0x90, 10, 1, 2, 3] + [UInt8](repeating: 0, count: 8)
      + [10, 0, 0x01, 0xbb, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1, 0, 0, 0, 0]
      + [1, 0] + Array("/run/x.sock".utf8) + [0, 0, 0] + [1, 0, 0] + Array("hidden".utf8) + [0, 0, 0]
    let result = try Tool.run(["scan", "-", "--each"], input: memory)
    #expect(
      result.lines == [
        "0x0  sockaddr  10.1.2.3:8080  file", "0x10  sockaddr  [2001:db8::1]:443  file",
        "0x2c  sockaddr  unix:/run/x.sock  file", "0x3c  sockaddr  unix:@hidden  file",
      ])
  }

  @Test func aWholeWordHasNoLetterNextToIt() throws {
    let text = Array("a10.0.0.1:80 10.0.0.2:80b 10.0.0.3:80".utf8)
    #expect(try Tool.run(["scan", "-", "--each"], input: text).lines.count == 3)
    #expect(
      try Tool.run(["scan", "-", "--each", "--word"], input: text).lines == ["0x1a  ipv4-port  10.0.0.3:80  file"])
  }

  private static let wideText =
    [UInt8(ascii: "x")] + "10.0.0.1:80".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }

  @Test func wideTextIsToldApart() throws {
    let text = Array("10.0.0.1:80 ".utf8) + Self.wideText
    #expect(try Tool.run(["scan", "-", "--each"], input: text).lines == ["0x0  ipv4-port  10.0.0.1:80  file"])
    let arguments = ["scan", "-", "--wide", "--find", "0.0.0", "--hex", "30 00 2e", "--pattern", "ipv4-port"]
    let each = try Tool.run(arguments + ["--each"], input: text)
    #expect(
      each.lines == [
        "0x0  ipv4-port  10.0.0.1:80  file", "0x1  0.0.0  0.0.0  file", "0xd  ipv4-port (wide)  10.0.0.1:80  file",
        "0xf  30 00 2e  0\\x00.  file", "0xf  0.0.0 (wide)  0.0.0  file", "0x13  30 00 2e  0\\x00.  file",
        "0x17  30 00 2e  0\\x00.  file",
      ])
    let json = try Tool.run(arguments + ["--each", "--json", "--threads", "1"], input: text)
    #expect(
      json.lines.contains(
        #"{"type":"finding","pattern":"ipv4-port","text":"10.0.0.1:80","address":null,"offset":13,"region":"file","#
          + #""source":"-","bytes":22,"encoding":"utf-16le"}"#))
    #expect(json.lines.first?.contains("encoding") == false)
    let counted = try Tool.run(["scan", "-", "--wide", "--json", "--pattern", "ipv4-port"], input: text)
    #expect(
      counted.lines.first
        == #"{"type":"count","pattern":"ipv4-port","text":"10.0.0.1:80","count":1,"regions":1,"first_address":null,"#
        + #""first_offset":0,"bytes":11,"error":0,"sources":["-"]}"#)
    #expect(
      counted.lines[1]
        == #"{"type":"count","pattern":"ipv4-port","text":"10.0.0.1:80","count":1,"regions":1,"first_address":null,"#
        + #""first_offset":13,"bytes":22,"error":0,"sources":["-"],"encoding":"utf-16le"}"#)
  }

  @Test func formsOfAnAddressCountAsOne() throws {
    let text = Array("[2001:DB8:0:0::1]:443 [2001:db8::1]:443 [2001:db8::2%eth0]:443".utf8)
    let result = try Tool.run(["scan", "-", "--pattern", "ipv6-port"], input: text)
    #expect(
      result.text == """
        COUNT  REGIONS  FIRST  PATTERN    TEXT
            2        1    0x0  ipv6-port  [2001:db8::1]:443
            1        1   0x28  ipv6-port  [2001:db8::2%eth0]:443

        """)
  }

  @Test func wordsApplyToGivenTexts() throws {
    let text = Array("cat cats concat".utf8)
    #expect(try Tool.run(["scan", "-", "--each", "--find", "cat"], input: text).lines.count == 3)
    #expect(
      try Tool.run(["scan", "-", "--each", "--find", "cat", "--word"], input: text).lines == ["0x0  cat  cat  file"])
  }

  @Test func theListTellsWhatAppliesToAPattern() throws {
    let lines = try Tool.run("scan", "--list").lines
    #expect(lines[0] == "PATTERN    WORD  WIDE  FINDS")
    #expect(lines[1] == "ipv4-port  yes   yes   IPv4 address and port as text: 10.1.2.3:8080")
    #expect(lines[2] == "sockaddr   -     -     socket address in memory (sockaddr_in, sockaddr_in6, sockaddr_un)")
  }

  #if Regex
    @Test func expressionsGoTogetherWithOtherPatterns() throws {
      let text = Array("user=bob 10.0.0.1:80 USER=eve\nid 7\u{1b}[2J".utf8)
      let arguments = [
        "scan", "-", "--each", "--pattern", "ipv4-port", "--regex", "user=[a-z]+", "--regex", "^id .*", "--find", "bob",
      ]
      #expect(
        try Tool.run(arguments, input: text).lines == [
          "0x0  user=[a-z]+  user=bob  file", "0x5  bob  bob  file", "0x9  ipv4-port  10.0.0.1:80  file",
          #"0x1e  ^id .*  id 7\x1b[2J  file"#,
        ])
      let ignoring = try Tool.run(arguments + ["--ignore-case", "--word"], input: text)
      #expect(ignoring.lines.contains("0x15  user=[a-z]+  USER=eve  file"))
    }

    @Test func whereAnExpressionGaveUpIsTold() throws {
      let text = [UInt8](repeating: UInt8(ascii: "a"), count: 6000)
      let result = try Tool.run(["scan", "-", "--regex", "(a+)+!"], input: text)
      #expect(result.status == 1 && result.errorOutput().hasSuffix(" scanned in TIME (RATE)\n"))
      let evil = try Tool.run(["scan", "-", "--regex", "(a+)+[!?]"], input: text)
      #expect(
        evil.errorOutput().hasSuffix(
          ", a regular expression gave up at 2 places, the first at 0xADDRESS, and may have missed something there\n"))
      let json = try Tool.run(["scan", "-", "--json", "--regex", "(a+)+[!?]"], input: text)
      #expect(
        json.text.contains(
          #","regex_limit_hits":2,"regex_limit_first_address":null,"regex_limit_first_offset":0,"#))
    }

    @Test func anExpressionThatIsNoneIsAnError() throws {
      let result = try Tool.run("scan", dump, "--regex", "(\u{1b}")
      #expect(
        result.errorText
          == "memdump: '(\\x1b' is not a regular expression: missing closing parenthesis, at byte 2.\n")
      #expect(result.status == 64)
    }
  #else
    @Test func aBuildWithoutAnEngineSaysHowToGetOne() throws {
      let result = try Tool.run("scan", dump, "--regex", "a")
      #expect(
        result.errorText == """
          memdump: this build of memdump has no engine for regular expressions. `apt-get install libpcre2-dev` and `swift \
          build --traits Regex` make one that has.

          """)
      #expect(result.status == 2)
    }
  #endif

  @Test func badBytesAreRefused() throws {
    for arguments in [["--hex", "zz"], ["--hex", "??"], ["--hex", "abc"], ["--find", ""]] {
      #expect(try Tool.run(["scan", "-"] + arguments).status == 64, "\(arguments)")
    }
  }

  @Test func nothingFoundIsStatusOne() throws {
    let empty = try directory.write([], to: "empty")
    let result = try Tool.run("scan", empty)
    #expect(result.text == "")
    #expect(result.errorOutput() == "0 findings, 0 distinct, 0 B scanned in TIME (RATE)\n")
    #expect(result.status == 1)
  }

  @Test func aSourceThatCannotBeReadDoesNotStopTheOthers() throws {
    let copy = try directory.write(sampleBytes, to: "copy")
    let result = try Tool.run("scan", dump, directory.file("missing"), copy)
    #expect(result.lines[1] == "    4        2    0x4  \(dump), \(copy)  ipv4-port  10.1.2.3:8080")
    #expect(result.errorText.contains("cannot open \(directory.file("missing")): No such file or directory."))
    #expect(result.status == 2)
  }

  @Test func anUnknownPatternIsAnsweredWithThoseThatAre() throws {
    let result = try Tool.run("scan", dump, "--pattern", "nope")
    #expect(result.errorText.hasPrefix("memdump: there is no pattern 'nope'. There are: ipv4-port"))
    #expect(result.status == 64)
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
    #expect(result.text == "0x0  ipv4-port  10.0.0.1:80  file\ndone\n")
    #expect(result.errorText == "")
  }

  @Test func controlBytesOfFilesAreNeverPrinted() throws {
    let name = "a\u{1b}[31mb"
    try directory.write(sampleBytes, to: name)
    let result = try Tool.run("scan", directory.file(name), directory.file(name + "missing"), "--each", "--json")
    #expect(!result.output.contains(0x1b))
    #expect(!result.errors.contains(0x1b))
    #expect(result.errorText.contains(#"a\\x1b[31mbmissing"#), "escaped, and once more for JSON")
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
  private static let modes = canSnapshot ? ["live", "stop", "snapshot"] : ["live", "stop"]

  @Test(arguments: modes) func aProcessIsScannedWithAddresses(mode: String) throws {
    let target = try FixtureProcess("--known")
    let known = try target.region("known").lowerBound
    let result = try Tool.run(
      ["scan", "\(target.pid)", "--each", "--region", "\(known)+64K"] + modeWords(mode))
    #expect(
      result.lines == [
        "\(known)  ipv4-port  10.0.0.1:8001  anon", "\(known + 0x100)  ipv4-port  10.1.2.3:8080  anon",
        "\(known + 0x1ffa)  ipv4-port  10.0.0.2:8002  anon", "\(known + 0x8000)  ipv4-port  10.1.2.3:8080  anon",
        "\(known + 0xfff3)  ipv4-port  10.0.0.3:8003  anon",
      ])
    #expect(result.status == 0)
    #expect(children(of: target.pid).isEmpty)
    #expect(try target.complaints() == [])
  }

  @Test(arguments: modes) func severalProcessesAreScannedAtOnce(mode: String) throws {
    let targets = try (0..<3).map { _ in try FixtureProcess("--known", "--threads", "2") }
    let result = try Tool.run(
      ["scan"] + targets.map { "\($0.pid)" } + ["--json", "--top", "0"] + modeWords(mode))
    #expect(result.text.contains(#""text":"10.1.2.3:8080","count":6"#))
    #expect(result.status == 0)
    for target in targets {
      #expect(children(of: target.pid).isEmpty)
      #expect(try target.complaints() == [])
    }
  }

  #if Regex
    @Test func aProcessIsScannedForExpressions() throws {
      let target = try FixtureProcess("--known")
      let known = try target.region("known").lowerBound
      let arguments = ["scan", "\(target.pid)", "--each", "--region", "\(known)+64K"]
      let expected = try Tool.run(arguments + ["--pattern", "ipv4-port"]).text
      let expression = #"\d+(\.\d+){3}:\d+"#
      let result = try Tool.run(arguments + ["--regex", expression])
      #expect(result.text == expected.replacing("ipv4-port", with: EscapedText(expression.utf8).description))
      #expect(result.lines.count == 5)
      #expect(try target.complaints() == [])
    }
  #endif

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
