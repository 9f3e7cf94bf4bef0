import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct VerifyCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory
  private var path: String { directory.file("d") }

  init() throws {
    target = try FixtureProcess("--holes")
    directory = try TemporaryDirectory()
  }

  private func dump(_ more: String...) throws {
    let region = try target.region("holes").lowerBound
    let words = more.contains("--all") ? [] : ["-r", "\(region)+64K"]
    #expect(try Tool.run(["dump", "\(target.pid)", "-o", path] + words + more).status == 0)
  }

  @Test func aGoodDumpIsSaidToBeGood() throws {
    try dump("--sha256")
    let digest = try Tool.shell("sha256sum < '\(path)'").text.prefix(64)
    let result = try Tool.run("verify", path)
    #expect(
      result.text == """
        \(path): raw dump of \(target.pid) (target-process)
          length    ok: 64 KiB
          regions   ok: 5 regions, in order
          holes     ok: 1 hole, 4 KiB, all empty
          sha256    ok: \(digest)
        It is as it was written.

        """)
    #expect(result.status == 0)
  }

  @Test func aCoreIsVerifiedToo() throws {
    try dump("--all", "--sha256")
    let digest = try Tool.shell("sha256sum < '\(path)'").text.prefix(64)
    let result = try Tool.run("verify", "--json", path)
    #expect(result.status == 0)
    #expect(
      result.text.hasPrefix(#"{"type":"verify","path":"\#(path)","ok":true,"format":"core","pid":\#(target.pid),"#))
    #expect(result.text.contains(#"{"name":"sha256","outcome":"ok","detail":"\#(digest)"}"#))
    #expect(result.lines.count == 1)
  }

  @Test func aChangedDumpIsSaidToBeChanged() throws {
    try dump("--sha256")
    _ = try Tool.shell("printf x | dd of='\(path)' bs=1 seek=100 conv=notrunc")
    let result = try Tool.run("verify", path)
    #expect(result.status == 2)
    #expect(result.text.contains("  sha256    WRONG: it is "))
    #expect(result.text.hasSuffix("\nIt is NOT as it was written.\n"))
  }

  @Test func withoutADigestTheRestIsChecked() throws {
    try dump()
    let result = try Tool.run("verify", path)
    #expect(result.status == 0)
    #expect(result.text.contains("  sha256    not checked: the manifest has none; dump with --sha256 to have one\n"))
  }

  @Test func withoutAManifestThereIsNothingToCompareWith() throws {
    try directory.write([1, 2, 3], to: "alone")
    let result = try Tool.run("verify", directory.file("alone"))
    #expect(result.status == 2)
    #expect(result.errorText == "memdump: cannot read \(directory.file("alone")).json: No such file or directory.\n")
  }
}
