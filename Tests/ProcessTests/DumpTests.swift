import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

/// A dump made by the library: the file, its manifest, and the proof that nothing changed.
@Suite("A dump of a process", .serialized)
struct DumpTests {
  private static let modes = LookMode.allCases.filter { mode in
    mode == .live || (canTrace && (mode == .stop || canSnapshot))
  }

  private func dump(
    _ fixture: FixtureProcess, _ range: Range<Address>, _ mode: LookMode, to path: String,
    budget: Duration = .seconds(5)
  ) throws -> Dump.Summary {
    try Dump(.range(range), mode: mode, budget: budget).run(
      fixture.target(), to: .file(FilePath(path), replacing: false))
  }

  @Test("In every mode the file holds the bytes, and the manifest the holes", arguments: Self.modes)
  func bytesAndHoles(mode: LookMode) throws {
    let fixture = try FixtureProcess("--holes", "--threads", "2")
    let region = try fixture.region("holes")
    let directory = try TemporaryDirectory()
    let path = directory.file("dump")
    let summary = try dump(fixture, region, mode, to: path)
    var expected = (0..<16).flatMap { FixtureContent.page(3, $0) }
    expected.replaceSubrange(3 * 4096..<4 * 4096, with: repeatElement(0, count: 4096))
    #expect(fileBytes(path) == expected)
    #expect(summary.proof.isVerified)
    #expect(summary.byteCount == 15 * 4096)
    #expect(summary.absentByteCount == 4096)
    #expect((summary.proof.pause == nil) == (mode == .live))
    let manifest = try #require(Manifest(parsing: fileBytes(path + ".json") ?? []))
    #expect(manifest.process == fixture.pid)
    #expect(manifest.base == region.lowerBound)
    #expect(manifest.byteCount == region.byteCount)
    #expect(manifest.mode == mode.rawValue)
    #expect(manifest.holes.map(\.reason) == ["untouched"])
    #expect(manifest.holes.first?.range == Range(start: region.lowerBound + 3 * 4096, byteCount: 4096))
    #expect((manifest.pause > 0) == (mode != .live))
    #expect(manifest.readInStop.isEmpty == (mode != .stop))
    #expect(manifest.readFromChild == (mode == .snapshot ? [region] : []))
    #expect(directory.names == ["dump", "dump.json"])
    #expect(try fixture.complaints().isEmpty)
  }

  @Test("A dump read again has the addresses and the holes of the process")
  func readAgain() throws {
    let fixture = try FixtureProcess("--truncated")
    let region = try fixture.region("truncated")
    let directory = try TemporaryDirectory()
    _ = try dump(fixture, region, .live, to: directory.file("dump"))
    let again = try RawDump(FilePath(directory.file("dump")))
    #expect(again.hasAddresses)
    let (live, dumped) = (try LiveMemory(fixture.target()).contents(region), try again.contents(region))
    #expect(dumped.bytes == live.bytes)
    #expect(dumped.runs == live.runs)
  }

  @Test(
    "Scattered pages and stretches of many are each in their place, in a file and in a stream", arguments: Self.modes)
  func patches(mode: LookMode) throws {
    let fixture = try FixtureProcess("--patches", "64M")
    let region = try fixture.region("patches")
    let touched = try #require(Int(try fixture.words("patches")[2]))
    let directory = try TemporaryDirectory()
    let path = directory.file("dump")
    let summary = try dump(fixture, region, mode, to: path)
    #expect(summary.byteCount == UInt64(touched * 4096))
    #expect(summary.absentByteCount == region.byteCount - summary.byteCount)
    #expect(bytesOnDisk(path) < touched * 4096 + 1 << 20)
    let bytes = try #require(fileBytes(path))
    let pageCount = Int(region.byteCount / 4096)
    let isRight = (0..<pageCount).allSatisfy { page in
      let isTouched = page < pageCount / 2 ? page % 20 == 0 : (page - pageCount / 2) % 5120 < 256
      let byte = isTouched ? UInt8(1 + page % 255) : 0
      return bytes[page * 4096] == byte && bytes[page * 4096 + 4095] == byte
    }
    #expect(bytes.count == Int(region.byteCount) && isRight)

    let stream = try FileDescriptor.open(
      directory.file("stream"), .writeOnly, options: .create, permissions: [.ownerReadWrite])
    defer { try? stream.close() }
    let streamed = try Dump(.range(region), mode: mode, budget: .seconds(5)).run(
      fixture.target(), to: .stream(stream, "stream"))
    #expect(streamed.holes == summary.holes)
    #expect(fileBytes(directory.file("stream")) == bytes)
  }

  @Test(
    "Pages that a fork has left to parent and child stay of both, whether the map is read with usage or not",
    arguments: ["fill", "all"])
  func pagesOfAFork(what: String) throws {
    let fixture = try FixtureProcess("--fill", "8M")
    let region = try fixture.region("fill")
    #expect(try fixture.count("keep-child") > 0)
    let before = try LiveMemoryTests.sharedByteCount(of: region, fixture)
    #expect(before >= region.byteCount / 2)
    let directory = try TemporaryDirectory()
    let selection = what == "all" ? Dump.Selection.all(nil, includingDontDump: false) : .regions([.range(region)])
    let summary = try Dump(selection, format: what == "all" ? .core : .raw).run(
      fixture.target(), to: .file(FilePath(directory.file("dump")), replacing: false))
    #expect(summary.byteCount >= region.byteCount)
    #expect(try LiveMemoryTests.sharedByteCount(of: region, fixture) >= region.byteCount / 2)
  }

  @Test("A dump leaves the process's memory as it was, in every mode", arguments: Self.modes)
  func memoryProof(mode: LookMode) throws {
    let fixture = try FixtureProcess("--shared", "--file", "--untouched", "1G")
    let directory = try TemporaryDirectory()
    for name in ["shared-by-child", "file", "untouched"] {
      let summary = try dump(fixture, try fixture.region(name), mode, to: directory.file(name))
      // A snapshot may touch two pages at the end of the stack, once.
      let before = try #require(summary.proof.before.footprint)
      let after = try #require(summary.proof.after.witness?.footprint)
      let allowed: UInt64 = mode == .snapshot && name == "shared-by-child" ? 2 * 4096 : 0
      #expect(after.resident <= before.resident + allowed, "\(name)")
      #expect(after.pageTables <= before.pageTables + allowed, "\(name)")
      #expect(after.swap == before.swap)
      #expect(after.resident == statusSize(fixture.pid, "VmRSS").map { UInt64($0) * 1024 })
      #expect(after.pageTables == statusSize(fixture.pid, "VmPTE").map { UInt64($0) * 1024 })
    }
    #expect(bytesOnDisk(directory.file("untouched")) < 4 << 20)
  }

  @Test(
    "A budget that is too small is kept to, and labelled in summary and manifest",
    .enabled(if: canTrace, "ptrace is not permitted here"))
  func budget() throws {
    let fixture = try FixtureProcess("--fill", "256M", "--threads", "8")
    let region = try fixture.region("fill")
    let directory = try TemporaryDirectory()
    let summary = try Stopping.patiently {
      try dump(fixture, region, .stop, to: directory.file("dump"), budget: .milliseconds(10))
    }
    #expect(!summary.proof.readLive.isEmpty)
    #expect(summary.proof.isVerified)
    #expect(summary.byteCount == region.byteCount)
    let manifest = try #require(Manifest(parsing: fileBytes(directory.file("dump.json")) ?? []))
    #expect(manifest.readLive == summary.proof.readLive)
    #expect(try fixture.complaints().isEmpty)
  }

  @Test("A region that is not there is an error, and leaves no file", arguments: Self.modes)
  func regionGone(mode: LookMode) throws {
    let fixture = try FixtureProcess("--known", "--threads", "2")
    let region = try fixture.region("known")
    try fixture.ask("unmap")
    let directory = try TemporaryDirectory()
    let error = #expect(throws: MemDumpError.self) { _ = try dump(fixture, region, mode, to: directory.file("dump")) }
    #expect(error?.code == .badSelector)
    #expect(directory.names.isEmpty)
    #expect(try fixture.complaints().isEmpty)
  }
}
