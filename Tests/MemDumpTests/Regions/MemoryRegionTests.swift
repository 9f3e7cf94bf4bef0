import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct MemoryRegionTests {
  private static func region(_ text: String, flags: Set<String>? = nil) throws -> MemoryRegion {
    let bytes = Array("1000-2000 \(text)\n".utf8)
    var region = try #require(try MapsParser.parse(bytes).first)
    region.usage = flags.map { MemoryRegion.Usage(flags: $0) }
    return region
  }

  /// What stands in the map, and the kind of memory it is.
  private static let kinds: [(String, RegionKind)] = [
    ("rw-p 0 0:0 0", .anonymous),
    ("rw-s 0 0:0 0", .shared),
    ("---p 0 0:0 0", .anonymous),
    ("rw-p 0 0:0 0 [heap]", .heap),
    ("rw-p 0 0:0 0 [stack]", .stack),
    ("rw-p 0 0:0 0 [stack:4711]", .stack),
    ("rw-p 0 0:0 0 [anon:jemalloc]", .anonymous),
    ("rw-s 0 0:1 9 [anon_shmem:ring]", .shared),
    ("r-xp 0 0:0 0 [vdso]", .kernel),
    ("r--p 0 0:0 0 [vvar]", .kernel),
    ("r--p 0 0:0 0 [vvar_vclock]", .kernel),
    ("--xp 0 0:0 0 [vsyscall]", .kernel),
    ("rw-p 0 0:0 0 [uprobes]", .kernel),
    ("r-xp 0 fe:0 9 /usr/bin/nginx", .file),
    ("r-xp 0 fe:0 9 /usr/bin/nginx (deleted)", .file),
    ("rw-s 0 fe:0 9 /var/lib/db", .file),
    ("rw-s 0 0:1 9 /dev/zero (deleted)", .shared),
    ("rw-p 0 0:1 9 /dev/zero", .file),
    ("rw-s 0 0:1 9 /memfd:ring (deleted)", .shared),
    ("rw-p 0 0:1 9 /memfd:ring (deleted)", .file),
    ("rw-s 0 0:1 9 /SYSV0000002a (deleted)", .shared),
    ("rw-s 0 0:1b 9 /dev/shm/ring", .shared),
    ("rw-s 0 0:6 9 /dev/nvidia0", .device),
    ("rw-s 0 0:6 9 /dev/dri/card0", .device),
    ("rw-p 0 0:6 9 /dev/mem", .device),
    ("rw-s 0 0:f 9 anon_inode:[perf_event]", .device),
    ("rw-s 0 0:9 9 socket:[4711]", .device),
    ("rw-p 0 fe:0 9 /development/x", .file),
    ("rw-p 0 fe:0 9 /memfd", .file),
  ]

  @Test(arguments: kinds) func theNameTellsTheKind(line: String, kind: RegionKind) throws {
    #expect(try Self.region(line).kind == kind)
  }

  /// The words of `--kind` and of the JSON.
  @Test func kindsHaveTheirWords() {
    #expect(RegionKind.allCases.map(\.rawValue) == ["heap", "stack", "anon", "file", "shared", "device", "kernel"])
  }

  @Test func memoryOfADeviceIsLeftAlone() throws {
    #expect(try Self.region("rw-s 0 0:6 9 /dev/nvidia0").isDevice)
    #expect(try Self.region("r--p 0 0:0 0 [vvar]").isDevice)
    #expect(try Self.region("r--p 0 0:0 0 [vvar_vclock]").isDevice)
    #expect(try Self.region("rw-p 0 fe:0 9 /x", flags: ["rd", "io"]).isDevice)
    #expect(try Self.region("rw-p 0 fe:0 9 /x", flags: ["pf"]).isDevice)
    #expect(try !Self.region("rw-p 0 fe:0 9 /x", flags: ["rd", "wr"]).isDevice)
    #expect(try !Self.region("r-xp 0 0:0 0 [vdso]").isDevice)
  }

  @Test func privateMemoryWithoutAFileReadsAsZerosWhereUntouched() throws {
    #expect(try Self.region("rw-p 0 0:0 0").isPrivateAnonymous)
    #expect(try Self.region("rw-p 0 0:0 0 [heap]").isPrivateAnonymous)
    #expect(try Self.region("rw-p 0 0:0 0 [stack]").isPrivateAnonymous)
    #expect(try !Self.region("rw-s 0 0:0 0").isPrivateAnonymous)
    #expect(try !Self.region("rw-p 0 fe:0 9 /x").isPrivateAnonymous)
    #expect(try !Self.region("r-xp 0 0:0 0 [vdso]").isPrivateAnonymous)
  }

  @Test func theLabelIsTheNameOrTheKind() throws {
    #expect(try Self.region("rw-p 0 0:0 0").label == "anon")
    #expect(try Self.region("rw-p 0 0:0 0 [heap]").label == "[heap]")
  }

  @Test func isFoundByAnAddressInIt() throws {
    let regions = try TestMemory([0x1000: [0, 0], 0x1002: [0], 0x2000: [0], 0x3000: [0, 0, 0]]).regions
    let expected: [(UInt64, Int?)] = [
      (0, nil), (0xfff, nil), (0x1000, 0), (0x1001, 0), (0x1002, 1), (0x1003, nil), (0x1fff, nil), (0x2000, 2),
      (0x2001, nil), (0x3000, 3), (0x3002, 3), (0x3003, nil), (.max, nil),
    ]
    for (address, index) in expected {
      #expect(regions.index(holding: Address(address)) == index, "\(Address(address))")
    }
    #expect([MemoryRegion]().index(holding: Address(0)) == nil)
  }

  @Test func theFirstThatEndsBehindAnAddressIsFound() throws {
    let regions = try TestMemory([0x1000: [0, 0], 0x1002: [0], 0x2000: [0]]).regions
    let expected: [(UInt64, Int)] = [
      (0, 0), (0x1000, 0), (0x1001, 0), (0x1002, 1), (0x1003, 2), (0x2000, 2), (0x2001, 3), (.max, 3),
    ]
    for (address, index) in expected { #expect(regions.firstIndex(endingAfter: Address(address)) == index) }
  }
}
