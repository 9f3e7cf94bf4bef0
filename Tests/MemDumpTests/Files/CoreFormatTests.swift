import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct CoreFormatTests {
  private static func map(_ text: String) throws -> [MemoryRegion] { try MapsParser.parse(Array(text.utf8)) }

  private static func image(
    _ regions: [MemoryRegion], _ contents: [Range<Address>], threads: [ThreadRegisters] = []
  ) -> ProcessImage {
    ProcessImage(regions: regions, contents: contents, facts: ProcessFacts(), threads: threads)
  }

  private static func headers(_ layout: FileLayout) throws -> (CoreParser, count: UInt64) {
    let header = try #require(CoreParser.header(layout.header))
    let count = try #require(
      header.segmentCount(with: ELFSection(layout.header, at: Int(header.sections.offset))))
    let start = Int(header.segments.offset)
    return (CoreParser(programHeaders: Array(layout.header[start..<start + 56 * Int(count)])), count)
  }

  @Test func everyRegionIsASegmentAndWhatIsCopiedHasBytes() throws {
    let regions = try Self.map(
      "1000-3000 r-xp 0 fe:0 9 /bin/x\n3000-4000 rw-p 2000 fe:0 9 /bin/x\n8000-c000 rw-s 0 0:0 0\n")
    let layout = CoreFormat.layout(Self.image(regions, [Range(0x1000, 0x2000), Range(0x3000, 0x4000)]))
    let (parser, count) = try Self.headers(layout)
    #expect(count == 4)
    #expect(parser.segments.map(\.range) == regions.map(\.range))
    #expect(parser.segments.map(\.fileByteCount) == [0x1000, 0x1000, 0])
    #expect(parser.segments.map(\.permissions.description) == ["r-xp", "rw-p", "rw-p"])
    #expect(layout.memory.map(\.range) == [Range(0x1000, 0x2000), Range(0x3000, 0x4000)])
    #expect(layout.memory.map(\.content.rawValue) == parser.segments.prefix(2).map(\.fileOffset))
    #expect(layout.byteCount == parser.segments[1].fileOffset + 0x1000)
    #expect(UInt64(layout.header.count) <= layout.memory[0].content.rawValue)
  }

  /// core(5) of the loaders: the offset of a segment is as far into a page as its address.
  @Test func offsetsAndAddressesAreAsFarIntoAPage() throws {
    let regions = try Self.map("1000-9000 rw-p 0 0:0 0\n")
    let contents = [Range(0x1010, 0x1020), Range(0x1ffe, 0x3001), Range(0x5000, 0x9000)]
    let layout = CoreFormat.layout(Self.image(regions, contents))
    #expect(layout.memory.map(\.range) == contents)
    for stretch in layout.memory {
      #expect(stretch.content.rawValue % 4096 == stretch.range.lowerBound.rawValue % 4096)
    }
    let ends = layout.memory.map { $0.content(at: $0.range.upperBound).rawValue }
    #expect(zip(ends, layout.memory.dropFirst()).allSatisfy { $0 <= $1.content.rawValue })
    let (parser, _) = try Self.headers(layout)
    #expect(parser.segments.map(\.range.lowerBound.rawValue) == [0x1000, 0x1010, 0x1ffe, 0x5000])
    #expect(parser.segments.map(\.fileByteCount) == [0, 0x10, 0x1003, 0x4000])
    #expect(parser.segments.last?.range.upperBound == Address(0x9000))
  }

  @Test func aRangeOverSeveralRegionsIsInEachOfThem() throws {
    let regions = try Self.map("1000-2000 rw-p 0 0:0 0\n2000-3000 r--p 0 0:0 0\n5000-6000 rw-p 0 0:0 0\n")
    let segments = CoreFormat.segments(regions, [Range(0x1800, 0x2800)])
    #expect(
      segments.map(\.range) == [
        Range(0x1000, 0x1800), Range(0x1800, 0x2000), Range(0x2000, 0x3000), Range(0x5000, 0x6000),
      ])
    #expect(segments.map(\.fileByteCount) == [0, 0x800, 0x800, 0])
  }

  @Test(arguments: [65_533, 65_534, 65_535, 70_000]) func manySegmentsAreCountedInASection(count: Int) throws {
    var text = ""
    for index in 0..<count {
      let start = 0x10000 + index * 0x2000
      text += "\(String(start, radix: 16))-\(String(start + 0x1000, radix: 16)) rw-p 0 0:0 0\n"
    }
    let regions = try Self.map(text)
    let layout = CoreFormat.layout(Self.image(regions, regions.map(\.range)))
    let (parser, headerCount) = try Self.headers(layout)
    #expect(headerCount == UInt64(count + 1))
    #expect(CoreParser.header(layout.header)?.segmentCount(with: nil) == (count + 1 < 0xffff ? UInt64(count + 1) : nil))
    #expect(parser.segments.count == count)
    #expect(parser.segments.last?.range == regions.last?.range)
    #expect(parser.segments.last?.fileOffset == layout.memory.last?.content.rawValue)
  }

  @Test func whatIsWrittenIsReadAgainByTheReaderOfCores() throws {
    let memory = try PatchyMemory(
      start: 0x10000,
      [
        .bytes((0..<0x1000).map { UInt8(truncatingIfNeeded: $0 &* 7 | 1) }), .absent(5 << 20),
        .bytes([UInt8](repeating: 3, count: 0x1000)),
        .gap(0x3000), .bytes([UInt8](repeating: 4, count: 0x2000)), .unread(0x1000, .swapped),
      ])
    let directory = try TemporaryDirectory()
    let path = directory["core"]
    let layout = CoreFormat.layout(Self.image(memory.regions, memory.regions.map(\.range)))
    let writing = DumpWriting(
      layout: layout, contents: memory.regions.map(\.range), source: GatheredMemory(memory),
      digest: CollectingDigest.self,
      control: WorkControl())
    var manifest = try #require(
      Manifest(
        parsing: Array(
          #"{"type":"manifest","version":1,"format":"core","base":"0x0","bytes":0,"regions":[],"holes":[]}"#.utf8)))
    (manifest.regions, manifest.byteCount) = (memory.regions, layout.byteCount)
    let (result, _) = try writing.write(to: path, replacing: false, endLook: {}) { result, _ in
      manifest.complete(with: result, contents: memory.regions.map(\.range), proof: nil)
      return manifest
    }
    #expect(result.copied.byteCount == 0x4000)
    #expect(result.copied.holes.map(\.reason) == ["untouched", "swapped"])
    #expect(try directory.byteCountOnDisk("core") < 1 << 20)
    #expect(try result.digest == hexadecimal(directory.read("core")), "the digest is that of the file with its holes")
    let core = try CoreFile(path)
    #expect(core.regions.map(\.range) == memory.regions.map(\.range))
    #expect(!core.isTruncated)
    for region in memory.regions {
      let (read, expected) = (try core.contents(region.range), try memory.contents(region.range))
      #expect(read.bytes == expected.bytes)
    }
    // What was not read is no memory of zeros: the manifest tells.
    let swapped = try #require(memory.regions.last).range.upperBound - 0x1000
    #expect(try core.contents(swapped..<(swapped + 0x1000)).runs == [MemoryRun(.unread(.swapped), 0x1000)])

    // Of a core that was put in the place of this one the manifest says what is not so.
    let offset = try #require(core.segments.last.map { $0.held.content(at: swapped).rawValue })
    let file = try FileDescriptor.open(path, .writeOnly)
    try file.closeAfter { _ = try file.writeAll(toAbsoluteOffset: Int64(offset + 7), [1]) }
    let error = #expect(throws: MemDumpError.self) { try CoreFile(path) }
    #expect(error?.description.contains("swapped memory is at offset \(offset + 7), and there are bytes") == true)
  }
}
