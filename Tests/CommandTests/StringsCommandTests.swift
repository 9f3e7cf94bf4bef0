import MemDump
import MemDumpTestSupport
import Testing

@Suite struct StringsCommandTests {
  private let directory: TemporaryDirectory
  private let dump: String

  /// Log lines of two sorts, one of them twice; a text too short, one in two bytes a character, one with an escape.
  private static let bytes: [UInt8] =
    Array("\0event-17 user=4\0event-17 user=4\0event-9 user=123\0abc\0".utf8) + Array("w\0i\0d\0e\0\0".utf8)
    + Array("\u{1b}[31mred\0caf\u{e9} 1\0".utf8)

  init() throws {
    directory = try TemporaryDirectory()
    dump = try directory.write(Self.bytes, to: "sample.raw")
  }

  @Test func textsAreCounted() throws {
    let result = try Tool.run("strings", dump)
    #expect(
      result.text == """
        COUNT  BYTES  REGIONS  FIRST  TEXT
            2     30        1    0x1  event-17 user=4
            1     16        1   0x21  event-9 user=123
            1      7        1   0x40  [31mred

        """)
    #expect(result.errorOutput() == "4 findings, 3 distinct, 80 B scanned in TIME (RATE)\n")
    #expect(result.status == 0)
  }

  @Test func everyTextHasItsAddressAndRegion() throws {
    let result = try Tool.run("strings", dump, "--each", "--base", "0x1000", "-n", "7")
    #expect(
      result.lines == [
        "0x1001  file  event-17 user=4", "0x1011  file  event-17 user=4", "0x1021  file  event-9 user=123",
        "0x1040  file  [31mred",
      ])
  }

  /// A thread makes lines of a block of 2 MiB, here more than it keeps of them: the others are made when they are printed.
  @Test func linesOfSeveralThreadsAreThoseOfOne() throws {
    let count = 750_000
    let many = try directory.write(
      (0..<count).flatMap { [UInt8(ascii: "a") + UInt8($0 % 26), UInt8(ascii: "b"), 0] }, to: "many.raw")
    let one = try Tool.run("strings", many, "--each", "-n", "2", "--threads", "1")
    let three = try Tool.run("strings", many, "--each", "-n", "2", "--threads", "3")
    #expect(one.text.utf8.count { $0 == UInt8(ascii: "\n") } == count)
    #expect(one.text == three.text)
  }

  @Test(arguments: ["strings", "scan --find event", "strings --each"])
  func outputThatCannotBeWrittenIsAnError(command: String) throws {
    let result = try Tool.shell(#"exec "$MEMDUMP" \#(command) "\#(dump)" >/dev/full"#)
    #expect(result.errorText == "memdump: cannot write standard output: No space left on device.\n")
    #expect(result.status == 2)
  }

  @Test func encodingsFindEachTheirOwn() throws {
    // The last byte of "abc" has a NUL behind it too.
    #expect(try Tool.run("strings", dump, "--each", "-e", "utf16").lines == ["0x34  file  cwide"])
    let utf8 = try Tool.run("strings", dump, "--each", "--encoding", "utf8", "-n", "6")
    #expect(utf8.lines.suffix(2) == ["0x40  file  [31mred", "0x48  file  café 1"])
    #expect(try Tool.run("strings", dump, "--each", "-n", "6").lines.last == "0x40  file  [31mred")
  }

  @Test func templatesAreRankedByBytes() throws {
    let result = try Tool.run("strings", dump, "--template")
    #expect(
      result.text == """
        BYTES    SHARE  COUNT  TEMPLATE        EXAMPLE
           46  86.79 %      3  event-# user=#  event-9 user=123
            7  13.21 %      1  [#mred          [31mred

        """)
    #expect(result.errorOutput() == "4 findings, 2 distinct, 80 B scanned in TIME (RATE)\n")
  }

  @Test func jsonHasStableFields() throws {
    let counted = try Tool.run("strings", dump, "--json", "--top", "1")
    #expect(
      counted.lines.first
        == #"{"type":"count","pattern":"ascii","text":"event-17 user=4","count":2,"regions":1,"first_address":null,"#
        + #""first_offset":1,"bytes":30,"error":0,"sources":["\#(dump)"]}"#)
    let each = try Tool.run("strings", dump, "--json", "--each", "--base", "0x10")
    #expect(
      each.lines.first
        == #"{"type":"finding","pattern":"ascii","text":"event-17 user=4","address":"0x11","offset":1,"#
        + #""region":"file","source":"\#(dump)","bytes":15}"#)
    let template = try Tool.run("strings", dump, "--json", "--template", "--top", "1")
    #expect(
      template.lines.first
        == #"{"type":"template","pattern":"ascii","template":"event-# user=#","count":3,"bytes":46,"all_bytes":53,"#
        + #""regions":1,"first_address":null,"first_offset":1,"example":"event-9 user=123","error":0,"sources":["\#(dump)"]}"#
    )
    #expect(
      template.lines.last?.replacing(#/"elapsed_ns":[0-9]+/#, with: #""elapsed_ns":N"#)
        == #"{"type":"summary","bytes_scanned":80,"absent_bytes":0,"unreadable_bytes":0,"findings":4,"distinct":2,"#
        + #""elapsed_ns":N,"partial":false,"truncated_sources":0,"omitted_segments":0,"left_out_bytes":0,"#
        + #""approximate":false,"error_bound":0,"#
        + #""mode":null,"mode_reason":null,"pause_ns":null,"state_before":null,"state_after":null,"verified":null}"#)
  }

  @Test func whatDoesNotFitTheMemoryIsCountedApproximatelyAndSaysSo() throws {
    let texts = (0..<30_000).map { "text number \($0)\0" }.joined() + String(repeating: "frequent\0", count: 500)
    let result = try Tool.run(["strings", "-", "--memory", "1M", "--top", "1"], input: Array(texts.utf8))
    #expect(result.lines.last?.hasSuffix("  frequent") == true)
    let pattern =
      #/Counts are approximate: the distinct texts did not fit 1 MiB \(--memory\). Each row may be too low by up to \d+ times?, and what is not shown was found no more than that.\n/#
    #expect(try pattern.firstMatch(in: result.errorText) != nil, "\(result.errorText)")
    let json = try Tool.run(["strings", "-", "--memory", "1M", "--json", "--top", "1"], input: Array(texts.utf8))
    #expect(json.lines.last?.contains(#""approximate":true,"error_bound":"#) == true)
    #expect(
      try Tool.run(["strings", "-", "--json", "--top", "1"], input: Array(texts.utf8)).text.contains(
        #""approximate":false,"error_bound":0"#))
  }

  @Test func severalSourcesAreOneCountAndABadOneDoesNotStopThem() throws {
    let copy = try directory.write(try #require(fileBytes(dump)), to: "copy")
    let result = try Tool.run("strings", dump, directory.file("missing"), copy)
    #expect(result.lines[1] == "    4     60        2    0x1  \(dump), \(copy)  event-17 user=4")
    #expect(result.errorText.contains("cannot open \(directory.file("missing")): No such file or directory."))
    #expect(result.status == 2)
  }

  @Test func nothingFoundIsStatusOne() throws {
    let result = try Tool.run("strings", dump, "-n", "100")
    #expect(result.text == "")
    #expect(result.errorOutput() == "0 findings, 0 distinct, 80 B scanned in TIME (RATE)\n")
    #expect(result.status == 1)
  }

  @Test func aTextOfAnyLengthIsNoTrouble() throws {
    let result = try Tool.shell(
      "head -c 300M /dev/zero | tr '\\0' A | \"$MEMDUMP\" strings - --json", within: .seconds(300))
    #expect(result.text.contains(#""count":1,"regions":1,"first_address":null,"first_offset":0,"bytes":314572800,"#))
  }

  @Test(arguments: [
    ["--min-length", "0"], ["-n", "x"], ["--template", "--each"], ["-e", "ebcdic"], ["--memory", "10"],
  ])
  func badOptionsAreRefused(arguments: [String]) throws {
    let result = try Tool.run(["strings", "-"] + arguments)
    #expect(result.status == 64)
    #expect(result.errorText.hasPrefix("memdump: "))
  }

  @Test func interruptingItGivesWhatWasFound() throws {
    let child = try Tool.start(["strings", "-"])
    child.send(Self.bytes)
    #expect(waitUntil { threadStates(child.id).count >= 2 && threadStates(child.id).values.allSatisfy { $0 == "S" } })
    child.send(signal: 2)
    #expect(try Tool.finish(child, within: .seconds(20)).status == 130)
  }
}

/// The same texts at the same places as GNU strings finds.
@Suite(.enabled(if: hasGNUStrings, "binutils are not installed")) struct GNUStringsTests {
  private func compare(_ file: String, _ ours: [String], _ theirs: [String]) throws {
    // What both write of a text: its offset and its bytes. Ours escapes tabs and backslashes, theirs does not.
    let gnu = try Tool.shell("strings -t x \(theirs.joined(separator: " ")) '\(file)' | sed 's/^ *//'")
    let own = try Tool.shell(
      "\"$MEMDUMP\" strings '\(file)' --each --base 0x0 \(ours.joined(separator: " ")) 2>/dev/null | "
        + #"sed -e 's/^0x//' -e 's/  file  / /' -e 's/\\x09/\t/g' -e 's/\\\\/\\/g'"#)
    #expect(gnu.lines.count > 100)
    #expect(own.output == gnu.output, "\(own.lines.count) and \(gnu.lines.count) lines")
  }

  @Test(arguments: [([], []), (["-n", "7"], ["-n", "7"]), (["-n", "1"], ["-n", "1"])]) func theToolItself(
    ours: [String], theirs: [String]
  ) throws {
    // Not longer than what we keep of a text, which none in it is.
    try compare(Programs.path("memdump"), ours, theirs)
  }

  @Test func textsInTwoBytesACharacter() throws {
    let directory = try TemporaryDirectory()
    let text = (0..<500).flatMap { index in
      Array("number \(index)".utf8.flatMap { [$0, 0] }) + [UInt8](repeating: 1, count: index % 5 + 1)
    }
    try compare(try directory.write(text, to: "wide"), ["-e", "utf16"], ["-e", "l"])
  }

  @Test(.enabled(if: canTrace && Programs.find("gcore") != nil, "gcore cannot be used here")) func aRealCore() throws {
    let target = try FixtureProcess("--known", "--endpoints", "1000")
    let directory = try TemporaryDirectory()
    let made = try Tool.shell("gcore -o '\(directory.file("core"))' \(target.pid)")
    #expect(made.status == 0)
    // As a raw file: a core as such has no bytes outside of its segments.
    let result = try Tool.shell(
      "f='\(directory.file("core")).\(target.pid)'; strings -t x $f | sed 's/^ *//' | cut -c1-4000 > '\(directory.file("gnu"))'; "
        + "\"$MEMDUMP\" strings - --each --base 0x0 < $f 2>/dev/null | "
        + #"sed -e 's/^0x//' -e 's/  file  / /' -e 's/\\x09/\t/g' -e 's/\\\\/\\/g' | cut -c1-4000 > "#
        + "'\(directory.file("own"))'; "
        + "wc -l < '\(directory.file("gnu"))'; cmp '\(directory.file("gnu"))' '\(directory.file("own"))' && echo same")
    #expect(result.lines.last == "same", "\(result.text)\(result.errorText)")
    #expect(Int(result.lines.first?.filter(\.isNumber) ?? "") ?? 0 > 1000)
  }
}

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct StringsLiveTests {
  @Test(arguments: canSnapshot ? ["live", "stop", "snapshot"] : ["live", "stop"])
  func aProcessIsSearchedWithAddresses(mode: String) throws {
    let target = try FixtureProcess("--known")
    let known = try target.region("known").lowerBound
    let result = try Tool.run(
      ["strings", "\(target.pid)", "--each", "--region", "\(known)+64K", "-n", "13"] + modeWords(mode))
    #expect(
      result.lines == [
        "\(known)  anon  10.0.0.1:8001", "\(known + 0x100)  anon  10.1.2.3:8080",
        "\(known + 0x1ffa)  anon  10.0.0.2:8002", "\(known + 0x8000)  anon  10.1.2.3:8080",
        "\(known + 0xfff3)  anon  10.0.0.3:8003",
      ])
    #expect(try target.complaints() == [])
  }
}
