import Testing

@testable import MemDump

@Suite struct OwnWritingTests {
  private static func region(_ text: String, flags: Set<String>? = nil) throws -> MemoryRegion {
    var region = try #require(try MapsParser.parse(Array("1000-3000 \(text)\n".utf8)).first)
    region.usage = flags.map { MemoryRegion.Usage(flags: $0) }
    return region
  }

  @Test(arguments: [OwnWriting.privateMemory, .withSharedMemory])
  func isPrivateAndWritable(_ own: OwnWriting) throws {
    #expect(try own.includes(Self.region("rw-p 0 0:0 0")))
    #expect(try own.includes(Self.region("rw-p 0 fe:0 9 /x")))
    #expect(try !own.includes(Self.region("r--p 0 fe:0 9 /x")))
    #expect(try !own.includes(Self.region("rw-s 0 fe:0 9 /x")))
    #expect(try !own.includes(Self.region("rw-p 0 0:0 0 [uprobes]")))
    #expect(try !own.includes(Self.region("rw-p 0 0:0 0", flags: ["io"])))
  }

  @Test func sharedMemoryWithoutAFileIsOfOneCaseOnly() throws {
    let shared = try Self.region("rw-s 0 0:1 9 /memfd:ring (deleted)")
    #expect(OwnWriting.withSharedMemory.includes(shared))
    #expect(!OwnWriting.privateMemory.includes(shared))
  }

  @Test func rangesKeepTheOrderOfTheMap() throws {
    let map = try MapsParser.parse(
      Array(
        "1000-2000 rw-p 0 0:0 0\n2000-3000 r--p 0 0:0 0\n3000-5000 rw-s 0 0:1 9 /memfd:a\n6000-7000 rw-p 0 0:0 0\n".utf8
      ))
    #expect(OwnWriting.privateMemory.ranges(in: map) == [Range(0x1000, 0x2000), Range(0x6000, 0x7000)])
    #expect(
      OwnWriting.withSharedMemory.ranges(in: map)
        == [Range(0x1000, 0x2000), Range(0x3000, 0x5000), Range(0x6000, 0x7000)])
  }
}
