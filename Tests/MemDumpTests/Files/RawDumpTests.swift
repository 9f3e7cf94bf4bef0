import SystemPackage
import Testing

@testable import MemDump

@Suite struct RawDumpTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// All runs of a source from an address on, with the bytes of each.
  private func runs(
    _ source: any MemorySource, at address: UInt64, bufferByteCount: Int = 64
  ) throws -> [(content: MemoryRun.Content, range: Range<Address>, bytes: [UInt8])] {
    var found: [(MemoryRun.Content, Range<Address>, [UInt8])] = []
    let buffer = try PageBuffer(byteCount: bufferByteCount)
    var address = Address(address)
    while true {
      let runs = try buffer.withMutableBytes(0..<bufferByteCount) { (span: inout MutableRawSpan) throws(MemDumpError) in
        try source.read(at: address, into: &span)
      }
      if runs.isEmpty { return found }
      var offset = 0
      for run in runs {
        let end = min(bufferByteCount, offset + Int(clamping: run.byteCount))
        found.append(
          (run.content, Range(start: address, byteCount: run.byteCount), buffer.withBytes(offset..<end) { Array($0) }))
        address = address + run.byteCount
        offset = end
      }
    }
  }

  private func writeManifest(_ name: String, base: String, bytes: Int, regions: String = "", holes: String = "") throws
  {
    let text =
      #"{"type":"manifest","version":1,"base":"\#(base)","bytes":\#(bytes),"regions":[\#(regions)],"holes":[\#(holes)]}"#
    try directory.write(name + ".json", Array(text.utf8))
  }

  @Test func withoutAManifestAddressesAreOffsets() throws {
    let dump = try RawDump(directory.write("dump", Array("x1.2.3.4:80".utf8)))
    #expect(!dump.hasAddresses)
    #expect(dump.manifest == nil)
    #expect(dump.regions.map(\.range) == [Range(0, 11)])
    #expect(dump.fileOffset(of: Address(5)) == 5)
    #expect(try Scan(patterns: [IPv4Port()]).items(dump) == [.init(address: 1, text: "1.2.3.4:80")])
  }

  @Test func aBaseGivesAddresses() throws {
    let dump = try RawDump(directory.write("dump", Array("x1.2.3.4:80".utf8)), base: Address(0x7f00_0000_0000))
    #expect(dump.hasAddresses)
    #expect(dump.regions.map(\.range) == [Range(0x7f00_0000_0000, 0x7f00_0000_000b)])
    #expect(dump.fileOffset(of: Address(0x7f00_0000_0005)) == 5)
    #expect(try Scan(patterns: [IPv4Port()]).items(dump) == [.init(address: 0x7f00_0000_0001, text: "1.2.3.4:80")])
  }

  @Test func aManifestGivesAddressesRegionsAndHoles() throws {
    try directory.write(
      "dump", Array("1.2.3.4:80".utf8) + [UInt8](repeating: 0, count: 10) + Array("5.6.7.8:90".utf8))
    try writeManifest(
      "dump", base: "0x1000", bytes: 30,
      regions: #"{"start":"0x1000","end":"0x100a","kind":"heap","path":"[heap]","permissions":"rw-p"},"#
        + #"{"start":"0x100a","end":"0x101e","kind":"anon","path":null,"permissions":"r--p"}"#,
      holes: #"{"start":"0x100a","end":"0x100f","reason":"untouched","errno":null},"#
        + #"{"start":"0x100f","end":"0x1014","reason":"unreadable","errno":5}"#)
    let dump = try RawDump(directory["dump"])
    #expect(dump.hasAddresses)
    #expect(dump.regions.map(\.kind) == [.heap, .anonymous])
    #expect(dump.regions.map(\.permissions.description) == ["rw-p", "r--p"])
    let runs = try runs(dump, at: 0x1000)
    #expect(runs.map(\.content) == [.bytes, .absent, .unread(.failed(.ioError)), .bytes])
    #expect(
      runs.map(\.range) == [
        Range(0x1000, 0x100a), Range(0x100a, 0x100f), Range(0x100f, 0x1014), Range(0x1014, 0x101e),
      ])
    #expect(runs[1].bytes == [0, 0, 0, 0, 0], "untouched memory reads as zeros")
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()]).run(dump, into: &list)
    #expect(list.items == [.init(address: 0x1000, text: "1.2.3.4:80"), .init(address: 0x1014, text: "5.6.7.8:90")])
    #expect(list.findings.map(\.region) == [0, 1])
    #expect((summary.byteCount, summary.absentByteCount, summary.unreadByteCount) == (20, 5, 5))
  }

  /// Writes a file of one TiB with a text at an offset.
  private func writeSparse(_ text: String, at offset: Int64) throws -> FilePath {
    let path = try directory.write("dump", [])
    let file = try FileDescriptor.open(path, .writeOnly)
    try Syscall.truncate(file, 1 << 40)
    try file.closeAfter { _ = try file.writeAll(toAbsoluteOffset: offset, Array(text.utf8)) }
    return path
  }

  @Test func aHoleOfTheFileItselfIsAbsent() throws {
    let dump = try RawDump(try writeSparse("1.2.3.4:80", at: 1 << 30))
    var buffer = [UInt8](repeating: 1, count: 64)
    var span = buffer.mutableSpan
    var target = unsafe span.mutableBytes
    #expect(try dump.read(at: Address(5), into: &target) == [MemoryRun(.absent, (1 << 30) - 5)])
    #expect(buffer.allSatisfy { $0 == 0 })
  }

  /// Work goes by what is there: this is a TiB.
  @Test(arguments: [1, 2]) func holesOfTheFileTakeNoTime(threads: Int) throws {
    let dump = try RawDump(try writeSparse("1.2.3.4:80", at: 777 << 30))
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()], threads: threads).run(dump, into: &list)
    #expect(list.items == [.init(address: 777 << 30, text: "1.2.3.4:80")])
    #expect(summary.byteCount < 1 << 20 && summary.byteCount + summary.absentByteCount == 1 << 40)
  }

  /// The manifest tells what was never touched: another hole of the file is a page of zeros.
  @Test func aHoleOfTheFileThatTheManifestDoesNotHaveIsZeros() throws {
    _ = try writeSparse("1.2.3.4:80", at: 0)
    try writeManifest("dump", base: "0x1000", bytes: 1 << 40)
    var buffer = [UInt8](repeating: 1, count: 64)
    var span = buffer.mutableSpan
    var target = unsafe span.mutableBytes
    #expect(try RawDump(directory["dump"]).read(at: Address(1 << 30), into: &target) == [MemoryRun(.bytes, 64)])
    #expect(buffer.allSatisfy { $0 == 0 })
  }

  @Test func aHoleLongerThanTheBufferIsGivenAsAWhole() throws {
    let bytes = [UInt8](repeating: 0x41, count: 300)
    try directory.write("dump", bytes[..<16] + [UInt8](repeating: 0, count: 256) + bytes[272...])
    try writeManifest(
      "dump", base: "0x1000", bytes: 300, holes: #"{"start":"0x1010","end":"0x1110","reason":"untouched"}"#)
    let runs = try runs(try RawDump(directory["dump"]), at: 0x1000, bufferByteCount: 32)
    #expect(runs.map(\.range).prefix(3) == [Range(0x1000, 0x1010), Range(0x1010, 0x1110), Range(0x1110, 0x112c)])
    #expect(runs[1].bytes.allSatisfy { $0 == 0 })
    let inside = try self.runs(try RawDump(directory["dump"]), at: 0x1080, bufferByteCount: 32)
    #expect(inside.first?.range == Range(0x1080, 0x1110))
  }

  @Test func outsideOfTheFileThereIsNothing() throws {
    let dump = try RawDump(directory.write("dump", [1, 2, 3]), base: Address(0x1000))
    for address in [0, 0xfff, 0x1003, 0x2000, .max] as [UInt64] { #expect(try runs(dump, at: address).isEmpty) }
    #expect(try runs(dump, at: 0x1002).map(\.bytes) == [[3]])
  }

  @Test func anEmptyFileHasNoRegion() throws {
    let dump = try RawDump(directory.write("dump", []))
    #expect(dump.regions.isEmpty)
    #expect(try Scan(patterns: [IPv4Port()]).items(dump).isEmpty)
  }

  /// A base near the end of memory must not trap, and one that leaves no room for the bytes is refused.
  @Test func aBaseMayLieAtTheEndOfMemory() throws {
    let path = try directory.write("dump", Array("1.2.3.4:80 and more".utf8))
    for distance: UInt64 in [0, 1, 10, 11, 18] {
      let error = #expect(throws: MemDumpError.self) { try RawDump(path, base: Address(.max - distance)) }
      #expect(error?.code == .file && error?.description.contains("has 19 B, which do not fit") == true)
    }
    for distance: UInt64 in [19, 20] {
      let dump = try RawDump(path, base: Address(.max - distance))
      #expect(dump.regions.allSatisfy { !$0.range.isEmpty })
      _ = try Scan(patterns: [IPv4Port()]).items(dump)
    }
    let whole = try RawDump(path, base: Address(.max - 19))
    #expect(try Scan(patterns: [IPv4Port()]).items(whole).map(\.text) == ["1.2.3.4:80"])
  }

  @Test func aManifestOfAnotherLengthIsRefused() throws {
    try directory.write("dump", [1, 2, 3])
    try writeManifest("dump", base: "0x1000", bytes: 4)
    let error = #expect(throws: MemDumpError.self) { try RawDump(directory["dump"]) }
    #expect(error?.code == .malformed)
    let description = try #require(error?.description)
    #expect(description.contains("4 bytes") && description.contains("has 3"))
    // A base given by hand takes its place.
    #expect(try RawDump(directory["dump"], base: Address(0x10)).regions.map(\.range) == [Range(0x10, 0x13)])
  }

  /// Another dump of the same length was put in the place of the one that the manifest is of.
  @Test(arguments: ["untouched", "unreadable"]) func aManifestWhoseHolesHideBytesIsRefused(reason: String) throws {
    try directory.write("dump", [UInt8](repeating: 0, count: 99) + Array("1.2.3.4:80".utf8))
    try writeManifest(
      "dump", base: "0x1000", bytes: 109, holes: #"{"start":"0x1000","end":"0x106d","reason":"\#(reason)"}"#)
    let error = #expect(throws: MemDumpError.self) { try RawDump(directory["dump"]) }
    #expect(error?.code == .malformed)
    #expect(error?.description.contains("\(reason) memory is at offset 99, and there are bytes") == true)
    #expect(try Scan(patterns: [IPv4Port()]).items(RawDump(directory["dump"], base: Address(0))).count == 1)
  }

  @Test func aManifestThatIsNoneIsRefused() throws {
    try directory.write("dump", [1, 2, 3])
    try directory.write("dump.json", Array("{}".utf8))
    let error = #expect(throws: MemDumpError.self) { try RawDump(directory["dump"]) }
    #expect(error?.code == .malformed)
  }

  @Test func whatIsNoFileIsRefused() throws {
    let missing = #expect(throws: MemDumpError.self) { try RawDump(directory["missing"]) }
    #expect(missing?.code == .file)
    #expect(missing?.cause == .noSuchFileOrDirectory)
    for path: FilePath in [directory.path, "/dev/null"] {
      let error = #expect(throws: MemDumpError.self) { try RawDump(path) }
      guard case .notARegularFile(path)? = error?.reason else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  /// What a dump wrote, a reader reads: the same bytes, the same holes.
  @Test func readsWhatWasDumped() throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [.bytes(Array(" 1.2.3.4:80 ".utf8)), .absent(5000), .bytes(Array("5.6.7.8:90".utf8)), .unread(10, .swapped)])
    let range = try #require(memory.regions.first).range
    let minimum = #"{"type":"manifest","version":1,"base":"0x0","bytes":0,"regions":[],"holes":[]}"#
    var manifest = try #require(Manifest(parsing: Array(minimum.utf8)))
    (manifest.base, manifest.byteCount, manifest.regions) = (range.lowerBound, range.byteCount, memory.regions)
    let image = ProcessImage(regions: memory.regions, contents: [range], facts: ProcessFacts(), threads: [])
    let writing = DumpWriting(
      layout: RawFormat.layout(image), contents: [range], source: GatheredMemory(memory), digest: nil,
      control: WorkControl())
    _ = try writing.write(to: directory["dump"], replacing: false, endLook: {}) { result, _ in
      manifest.complete(with: result, contents: [range], proof: nil)
      return manifest
    }
    let scan = Scan(patterns: [IPv4Port()])
    var (live, dead) = (FindingRecorder(), FindingRecorder())
    let liveSummary = try scan.run(memory, into: &live)
    let deadSummary = try scan.run(try RawDump(directory["dump"]), into: &dead)
    #expect(live.items == dead.items && live.items.count == 2)
    #expect(liveSummary == deadSummary)
  }
}
