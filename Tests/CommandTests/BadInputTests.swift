import MemDumpTestSupport
import Testing

@Suite struct BadInputTests {
  /// What was asked, the exit status, and how the one sentence begins.
  static let cases: [([String], Int32, String)] = [
    (["regions", "0"], 64, "memdump: '0' is not a process number.\n"),
    (["regions", "-1"], 64, "memdump: "),
    (["regions", "99999999"], 2, "memdump: there is no process 99999999."),
    (["regions", "99999999999999999999"], 64, "memdump: '99999999999999999999' is not a process number"),
    (
      ["regions", "nosuchprogram"], 2, "memdump: no process has the name 'nosuchprogram'. `ps -e` lists names.\n"
    ),
    (["regions", "\u{1b}[31m"], 2, #"memdump: no process has the name '\x1b[31m'."#),
    (["regions", "1", "\u{1b}[31m", "--nosuch\u{1b}"], 64, #"memdump: unknown option '--nosuch\x1b'"#),
    (["regions"], 64, "memdump: missing expected argument '<process> ...'"),
    (["regions", "1", "--min-size", "10Q"], 64, "memdump: the value '10Q' is invalid for '--min-size <size>'"),
    (["regions", "1", "--perm", "z"], 64, "memdump: 'z' is not a set of permissions"),
    (
      ["dump", "1", "-r", "0x2000-0x1000", "-o", "x"], 64,
      "memdump: the value '0x2000-0x1000' is invalid for '-r <sel>'"
    ),
    (["dump", "1", "-r", "0x1000+0", "-o", "x"], 64, "memdump: "),
    (["dump", "1", "-r", "", "-o", "x"], 64, "memdump: "),
    (["dump", "1", "-r", "#0", "-o", "x"], 64, "memdump: "),
    (["dump", "1", "-r", "heap"], 64, "memdump: missing expected argument '--output <file>'"),
    (["dump", "1", "-r", "heap", "-o", "x", "--mode", "never"], 64, "memdump: "),
    (["dump", "1", "-r", "heap", "-o", "x", "--max-pause", "soon"], 64, "memdump: "),
    (
      ["dump", "1", "-o", "x"], 64,
      "memdump: say which memory, with --region SEL, --all, or --min-size, --kind and --perm."
    ),
    (["dump", "1", "-r", "heap", "--all", "-o", "x"], 64, "memdump: --all and --region exclude each other."),
    (["dump", "1", "--all", "--format", "raw", "-o", "x"], 64, "memdump: A raw dump holds one region."),
    (["dump", "1", "-r", "heap", "--filter", "0x33", "-o", "x"], 64, "memdump: --filter and --dontdump need --all."),
    (
      ["dump", "1", "--all", "--filter", "all", "-o", "x"], 64,
      "memdump: the value 'all' is invalid for '--filter <bits>'"
    ),
    (["verify"], 64, "memdump: missing expected argument '<file>'"),
    (["verify", "./99999999"], 2, "memdump: there is no dump ./99999999."),
    (["verify", "/dev/null"], 2, "memdump: /dev/null is not a regular file"),
    (["scan"], 64, "memdump: missing expected argument '<source> ...'"),
    (["scan", "./99999999"], 2, "memdump: cannot open ./99999999: No such file or directory."),
    (["scan", ""], 2, "memdump: cannot open : No such file or directory."),
    (["scan", "/"], 2, "memdump: / is not a regular file"),
    (["scan", "-", "--top", "-1"], 64, "memdump: "),
    (["scan", "-", "--base", "1000"], 64, "memdump: "),
    (["scan", "-", "--mode", "stop"], 64, "memdump: --mode is for a process, and '-' is none."),
    (["strings", "-", "--mode", "stop"], 64, "memdump: --mode is for a process, and '-' is none."),
    (["scan", "-", "--sockets"], 64, "memdump: --sockets is for a process, and '-' is none."),
    (["scan", "1", "./1", "--sockets"], 64, "memdump: --sockets is for a process, and './1' is none."),
    (["scan", "1", "--sockets", "--each"], 64, "memdump: --sockets goes with counts, not with --each."),
    (
      ["scan", "-", "--wide", "--regex", "上游.*"], 64,
      "memdump: --wide knows letters of ASCII only in a regular expression, not '上游.*'; --find TEXT --wide finds any text."
    ),
    (
      ["scan", "-", "--wide", "--regex", #"\x{4e0a}"#], 64,
      #"memdump: --wide knows letters of ASCII only in a regular expression, not '\\x{4e0a}'; --find TEXT --wide finds any text."#
    ),
    (
      ["scan", "-", "--wide", "--find", "é" + String(repeating: "a", count: 4000)], 64,
      "memdump: --find with --wide needs a text of at most 4096 bytes in UTF-16."
    ),
    (["nothing"], 64, "memdump: "),
  ]

  @Test(arguments: cases.indices) func badInputIsAnsweredWithASentence(index: Int) throws {
    let (arguments, status, beginning) = Self.cases[index]
    let result = try Tool.run(arguments)
    #expect(result.status == status)
    #expect(result.errorText.hasPrefix(beginning), "\(result.errorText)")
    #expect(result.text == "")
    #expect(!result.errors.contains(0x1b))
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aRangeOverUnmappedSpaceIsRefused() throws {
    let target = try FixtureProcess("--known")
    let known = try target.region("known")
    let result = try Tool.run("dump", "\(target.pid)", "-r", "0x1000-0x3000", "-o", "-")
    #expect(
      result.errorText
        == "memdump: '0x1000-0x3000' is not mapped from 0x1000 to 0x3000. Nothing of it is mapped.\n")
    #expect(result.status == 2)
    #expect(try target.ask("unmap") == [])
    let gone = try Tool.run("dump", "\(target.pid)", "-r", "\(known.lowerBound)+64K", "-o", "-")
    #expect(gone.status == 2)
  }
}
