import MemDump
import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct DumpCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory
  private let known: Range<Address>

  init() throws {
    target = try FixtureProcess("--known", "--heap", "256K", "--split-heap", "--truncated", "--untouched", "1G")
    directory = try TemporaryDirectory()
    known = try target.region("known")
  }

  private func dump(_ region: String, _ name: String = "d", _ more: String...) throws -> Tool.Result {
    try Tool.run(["dump", "\(target.pid)", "--region", region, "-o", directory.file(name)] + more)
  }

  @Test(arguments: ["live", "stop"]) func theFileHoldsTheBytes(mode: String) throws {
    let result = try dump("\(known.lowerBound)-\(known.upperBound)", "d", "--mode", mode)
    #expect(result.status == 0)
    #expect(holds(directory.file("d"), FixtureContent.known))
    #expect(fileMode(directory.file("d")) == 0o600)
    #expect(fileMode(directory.file("d.json")) == 0o600)
    #expect(directory.names == ["d", "d.json"])
    let text = result.output(("\(target.pid)", "PID"), (directory.path, "DIR"))
    #expect(text.hasPrefix("anon of PID (target-process) to DIR/d\n  range     0xADDRESS-0xADDRESS, 64 KiB\n"))
    #expect(text.contains("  written   64 KiB; 0 B untouched\n"))
    let pause =
      mode == "live" ? #/  pause     none: the process ran on/# : #/  pause     [0-9.]+ (?:µs|ms), all threads\n/#
    #expect(text.contains(pause))
    #expect(text.contains("  after     running, 1 thread, not traced; "))
    #expect(text.hasSuffix("  manifest  DIR/d.json\n"))
    #expect(try target.complaints() == [])
  }

  @Test func theManifestSaysWhereTheBytesAreFrom() throws {
    _ = try dump("\(known.lowerBound)+64K")
    let manifest = try #require(fileBytes(directory.file("d.json")).flatMap(Manifest.init(parsing:)))
    #expect(manifest.process == target.pid)
    #expect(manifest.name == "target-process")
    #expect(manifest.commandLine.first?.hasSuffix("target-process") == true)
    #expect(manifest.base == known.lowerBound)
    #expect(manifest.byteCount == 65536)
    #expect(manifest.mode == "live")
    #expect(manifest.pause == 0)
    #expect(manifest.holes == [])
    #expect(manifest.regions.map(\.range) == [known])
  }

  @Test func adjacentHeapMappingsAreOneRegion() throws {
    let heap = try target.region("split-heap")
    #expect(try dump("heap").status == 0)
    #expect(fileBytes(directory.file("d"))?.count == Int(heap.byteCount))
    #expect(try dump("\(heap.lowerBound + 4096)", "e").status == 0)
    #expect(fileBytes(directory.file("e"))?.count == Int(heap.byteCount))
  }

  @Test func everyFormOfASelectorWorks() throws {
    let rows = try Tool.run("regions", "\(target.pid)", "--all").lines
    let row = try #require(rows.map { $0.split(separator: " ") }.first { $0[1] == "\(known.lowerBound)" })
    let number = row[0]
    for (index, form) in ["#\(number)", "\(known.lowerBound + 77)", "largest", "stack", "libc.so"].enumerated() {
      let result = try dump(form, "f\(index)")
      #expect(result.status == 0, "\(form): \(result.errorText)")
    }
    #expect(holds(directory.file("f0"), FixtureContent.known))
    #expect(holds(directory.file("f1"), FixtureContent.known))
  }

  @Test func severalRegionsWhereOneIsNeededAreListed() throws {
    let result = try dump("anon")
    #expect(result.status == 2)
    #expect(
      result.errorText.contains(#/memdump: 'anon' matches [0-9]+ regions. Choose one by its number:\n  [0-9]+  0x/#))
    #expect(directory.names == [])
  }

  @Test func untouchedMemoryBecomesHoles() throws {
    let before = statusSize(target.pid, "VmRSS")
    let result = try dump("\(try target.region("untouched").lowerBound)+1G", "d", "--json")
    #expect(result.status == 0)
    #expect(bytesOnDisk(directory.file("d")) < 8 << 20)
    #expect(result.text.contains(#""absent_bytes":107"#))
    #expect(statusSize(target.pid, "VmRSS") == before)
  }

  @Test func whatCannotBeReadIsListed() throws {
    let result = try dump("\(try target.region("truncated").lowerBound)+16K")
    #expect(result.status == 0)
    #expect(result.text.contains("  not read  8 KiB behind-end-of-file\n"))
    #expect(fileText(directory.file("d.json"))?.contains(#""reason":"behind-end-of-file""#) == true)
  }

  @Test func aPipeGetsTheBytesAndStandardErrorTheSummary() throws {
    let result = try Tool.run("dump", "\(target.pid)", "-r", "\(known.lowerBound)+64K", "-o", "-")
    #expect(result.output.elementsEqual(FixtureContent.known) as Bool)
    #expect(result.errorText.contains("to standard output"))
    #expect(result.status == 0)
  }

  @Test func aPipeThatIsClosedIsAnError() throws {
    let line =
      "\"$MEMDUMP\" dump \(target.pid) -r \(try target.region("untouched").lowerBound)+1G -o - | head -c 10 >/dev/null"
    let result = try Tool.shell(line)
    #expect(result.errorText == "memdump: cannot write standard output: Broken pipe.\n")
    #expect(try target.complaints() == [])
  }

  @Test func anExistingFileStaysUnlessReplaced() throws {
    try directory.write([1, 2, 3], to: "d")
    let refused = try dump("\(known.lowerBound)+64K")
    #expect(refused.status == 2)
    #expect(refused.errorText.contains("exists already. Choose another name, or replace it with --force."))
    #expect(fileBytes(directory.file("d")) == [1, 2, 3])
    #expect(try dump("\(known.lowerBound)+64K", "d", "--force").status == 0)
    #expect(holds(directory.file("d"), FixtureContent.known))
    #expect(directory.names == ["d", "d.json"])
  }

  @Test func aLinkADirectoryAndAClosedDirectoryAreRefused() throws {
    _ = try Tool.shell("ln -s /tmp/nowhere '\(directory.file("link"))'; mkdir '\(directory.file("dir"))'")
    for (name, more) in [("link", []), ("link", ["--force"]), ("dir", []), ("missing/d", [])] {
      let result = try Tool.run(
        ["dump", "\(target.pid)", "-r", "\(known.lowerBound)+64K", "-o", directory.file(name)] + more)
      #expect(result.status == 2, "\(name)")
      #expect(result.errorText.hasPrefix("memdump: "), "\(name)")
    }
    #expect(directory.names == ["dir", "link"])
  }

  @Test(.enabled(if: canMount, "mounting is not permitted here")) func aFullDiskLeavesNothingBehind() throws {
    let region = "\(try target.region("split-heap").lowerBound)"
    let result = try Tool.shell(
      """
      exec unshare -m sh -c 'mount -t tmpfs -o size=64k none /mnt && cd /mnt &&
        "$MEMDUMP" dump \(target.pid) -r \(region) -o d; echo "status $?"; ls -A /mnt'
      """)
    #expect(result.text == "status 2\n")
    #expect(result.errorText.contains("not enough room for d: "))
  }

  @Test func aPauseThatIsTooShortIsSaid() throws {
    let big = try FixtureProcess("--fill", "512M", "--threads", "4")
    let region = "\(try big.region("fill").lowerBound)+512M"
    let result = try Tool.run([
      "dump", "\(big.pid)", "-r", region, "-o", directory.file("d"), "--mode", "stop", "--max-pause", "5ms",
    ])
    #expect(result.status == 4)
    #expect(result.text.contains("did not fit the pause and were read while the process ran"))
    #expect(fileText(directory.file("d.json"))?.contains(#""read_live":[{"start":"0x"#) == true)
    #expect(try big.complaints() == [])
  }
}
