import Glibc
import MemDumpTestSupport
import Testing

/// `scan --find-file`: what is reported, and what a list is refused for.
@Suite struct FindFileTests {
  private let directory: TemporaryDirectory
  private let dump: String

  init() throws {
    directory = try TemporaryDirectory()
    let wide = "eyJx".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    dump = try directory.write(Array("password=1 eyJ \u{7f}ELF Password=2 ".utf8) + wide, to: "sample.raw")
  }

  private func run(_ list: String, _ arguments: [String] = []) throws -> Tool.Result {
    let path = try directory.write(Array(list.utf8), to: "needles.txt")
    return try Tool.run(["scan", dump, "--find-file", path] + arguments)
  }

  private static let list = "# secrets\npassword=\nname:jwt text:eyJ\nname:elf hex:7f 45 4c 46\n"

  @Test func aMatchTellsItsNeedle() throws {
    let each = try run(Self.list, ["--each"])
    #expect(each.lines == ["0x0  password=  password=  file", "0xb  jwt  eyJ  file", "0xf  elf  \\x7fELF  file"])
    #expect(each.status == 0)
    let json = try run(Self.list, ["--each", "--json"])
    #expect(
      json.lines[1]
        == #"{"type":"finding","pattern":"jwt","text":"eyJ","address":null,"offset":11,"region":"file","#
        + #""source":"\#(dump)","bytes":3}"#)
    let counted = try run(Self.list)
    #expect(
      counted.text == """
        COUNT  REGIONS  FIRST  PATTERN    TEXT
            1        1    0x0  password=  password=
            1        1    0xb  jwt        eyJ
            1        1    0xf  elf        \\x7fELF

        """)
  }

  @Test func theOtherOptionsApply() throws {
    let result = try run(Self.list, ["--each", "--ignore-case", "--wide", "--find", "ELF"])
    #expect(
      result.lines == [
        "0x0  password=  password=  file", "0xb  jwt  eyJ  file", "0xf  elf  \\x7fELF  file", "0x10  ELF  ELF  file",
        "0x14  password=  Password=  file", "0x1f  jwt (wide)  eyJ  file",
      ])
    #expect(try run(Self.list, ["--each", "--word", "--wide"]).lines.count == 3)
  }

  @Test func thousandsOfNeedlesAreOnePass() throws {
    let list = (0..<5000).map { "needle-\($0)" }.joined(separator: "\n") + "\neyJ\n"
    let result = try run(list, ["--each", "--threads", "2"])
    #expect(result.lines == ["0xb  eyJ  eyJ  file"])
    #expect(try run("nothing\nof this\n").status == 1)
  }

  @Test(arguments: [
    ("", "is no list of needles: it has no needle."),
    ("a\n\nname:x b", "line 3 of LIST is no needle: behind a name stands hex: or text:"),
    ("ab\nhex:zz", "line 2 of LIST is no needle: what stands behind hex: is not a row of bytes"),
    ("ab\nab", "line 2 of LIST is no needle: the needle is that of line 1 already. Remove one of the two."),
  ]) func aListThatIsNoneIsRefused(list: String, sentence: String) throws {
    let result = try run(list)
    #expect(result.status == 2 && result.text.isEmpty)
    let told = result.errorText.replacing("\(directory.path)/needles.txt", with: "LIST")
    #expect(told.contains(sentence), "\(told)")
  }

  /// Neither a pipe that nobody writes to nor a device is waited for.
  @Test(.timeLimit(.minutes(5))) func whatIsNoFileIsRefusedAtOnce() throws {
    let pipe = "\(directory.path)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [pipe, "/dev/zero", directory.path] {
      let result = try Tool.run(["scan", dump, "--find-file", path])
      #expect(result.status == 2 && result.errorText.contains("is not a regular file"), "\(result.errorText)")
    }
    let missing = try Tool.run(["scan", dump, "--find-file", "\(directory.path)/none"])
    #expect(missing.status == 2 && missing.errorText.contains("cannot open"))
  }

  /// Of a list that is far too long no more is read than the limit.
  @Test func aHugeListIsRefused() throws {
    let path = try directory.write([], to: "huge")
    #expect(truncate(path, 100 << 20) == 0)
    let result = try Tool.run(["scan", dump, "--find-file", path])
    #expect(result.status == 2 && result.errorText.contains("it is larger than 16 MiB, which is the limit"))
  }
}
