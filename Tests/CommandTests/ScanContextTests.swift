import MemDump
import MemDumpTestSupport
import Testing

/// `scan --each --context N`: the bytes around an occurrence.
@Suite struct ScanContextTests {
  private let directory: TemporaryDirectory
  private let dump: String

  init() throws {
    directory = try TemporaryDirectory()
    dump = try directory.write(sampleBytes, to: "sample.raw")
  }

  @Test func aHexdumpFollowsEachOccurrence() throws {
    let bytes = Array("\u{1}\u{2}abcdefghijklmnop 10.1.2.3:8080\0end".utf8)
    let path = try directory.write(bytes, to: "context.raw")
    let result = try Tool.run("scan", path, "--each", "--context", "4", "--base", "0x1000")
    #expect(
      result.lines == [
        "0x1013  ipv4-port  10.1.2.3:8080  file",
        "  1000                                                 6e  |               n|",
        "  1010   6f 70 20 31 30 2e 31 2e  32 2e 33 3a 38 30 38 30  |op 10.1.2.3:8080|",
        "  1020   00 65 6e 64                                       |.end            |",
      ])
  }

  @Test func programsGetTheBytesAsDigits() throws {
    let result = try Tool.run("scan", dump, "--each", "--json", "--context", "2", "--find", "10.1.2.4")
    let line = try #require(result.lines.first)
    #expect(line.contains(#""mapped_file":null,"mapped_offset":null,"context_lead":2,"context":""#), "\(line)")
    let text = sampleBytes[0x11..<0x13 + 10].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(line.contains(#""context":"\#(text)""#), "\(line)")
  }

  /// As far as the memory reaches without a gap, and the same for every number of threads and every source.
  @Test(arguments: ["1", "3"]) func contextEndsWhereMemoryDoes(threads: String) throws {
    let arguments = ["--each", "--context", "65536", "--threads", threads]
    let file = try Tool.run(["scan", dump] + arguments)
    let stream = try Tool.run(["scan", "-"] + arguments, input: sampleBytes)
    #expect(file.text == stream.text)
    #expect(file.lines.count == 3 + 3 * 3, "\(file.text)")
  }

  @Test func contextNeedsEach() throws {
    let result = try Tool.run("scan", dump, "--context", "8")
    #expect(result.status == 64)
    #expect(result.errorOutput().contains("--context needs --each"))
    #expect(try Tool.run("scan", dump, "--each", "--context", "65537").status == 64)
    #expect(try Tool.run("scan", dump, "--each", "--context", "-1").status == 64)
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here"))
  func aMappedFileIsNamedWithItsOffset() throws {
    let target = try FixtureProcess("--known")
    let result = try Tool.run(
      "scan", "\(target.pid)", "-r", "libc.so", "--each", "--context", "16", "--find", "GNU C Library")
    let line = try #require(result.lines.first)
    #expect(line.contains(#/libc\.so\.6\+0x[0-9a-f]+$/#), "\(line)")
  }
}
