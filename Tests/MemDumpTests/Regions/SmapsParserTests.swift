import Testing

@testable import MemDump

@Suite struct SmapsParserTests {
  /// Two regions as Linux 6.18 wrote them, and the one that has nothing.
  private static let captured = """
    7f51ccb25000-7f51ccb27000 rw-p 00000000 fe:00 16277889                   /tmp/Rss: 4 kB
    Size:                  8 kB
    KernelPageSize:        4 kB
    MMUPageSize:           4 kB
    Rss:                   8 kB
    Pss:                   6 kB
    Pss_Dirty:             4 kB
    Shared_Clean:          4 kB
    Shared_Dirty:          0 kB
    Private_Clean:         0 kB
    Private_Dirty:         4 kB
    Referenced:            4 kB
    Anonymous:             4 kB
    KSM:                   0 kB
    LazyFree:              0 kB
    AnonHugePages:         0 kB
    ShmemPmdMapped:        0 kB
    FilePmdMapped:         0 kB
    Shared_Hugetlb:        0 kB
    Private_Hugetlb:       0 kB
    Swap:                 12 kB
    SwapPss:              12 kB
    Locked:                0 kB
    THPeligible:           0
    VmFlags: rd wr mr mw me ac sd\u{20}
    7ffed32e5000-7ffed3306000 rw-p 00000000 00:00 0                          [stack]
    Size:                132 kB
    Rss:                  12 kB
    Pss:                  12 kB
    Private_Dirty:        12 kB
    Swap:                  0 kB
    ProtectionKey:         0
    VmFlags: rd wr mr mw me gd ac\u{20}
    ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
    VmFlags: ex\u{20}

    """

  private static func regions(_ text: String) throws -> [MemoryRegion] { try SmapsParser.parse(Array(text.utf8)) }

  @Test func readsWhatAKernelWrote() throws {
    let regions = try Self.regions(Self.captured)
    #expect(regions.map(\.number) == [1, 2, 3])
    let usage = try #require(regions[0].usage)
    #expect(usage.resident == 8192)
    #expect(usage.proportional == 6144)
    #expect(usage.privateDirty == 4096)
    #expect(usage.swap == 12288)
    #expect(usage.flags == ["rd", "wr", "mr", "mw", "me", "ac", "sd"])
    #expect(regions[0].name == Array("/tmp/Rss: 4 kB".utf8))
    #expect(regions[1].usage?.resident == 12288)
    #expect(regions[1].usage?.swap == 0)
    #expect(regions[2].usage == MemoryRegion.Usage(flags: ["ex"]))
  }

  /// The kernel counts them apart from all else.
  @Test func hugePagesOfHugetlbfsAreMemoryLikeAnyOther() throws {
    let fields = "Rss: 0 kB\nPss: 0 kB\nShared_Hugetlb: 2048 kB\nPrivate_Hugetlb: 4096 kB\nVmFlags: ht\n"
    let mebibyte: UInt64 = 1 << 20
    let own = try Self.regions("200000-a00000 rw-p 0 0:f 1   /anon_hugepage (deleted)\n" + fields)
    #expect(own[0].kind == .anonymous)
    #expect(
      own[0].usage
        == MemoryRegion.Usage(
          resident: 6 * mebibyte, proportional: 4 * mebibyte, privateDirty: 4 * mebibyte, anonymous: 6 * mebibyte,
          anonymousHuge: 6 * mebibyte, flags: ["ht"]))
    #expect(own[0].sharesPages)
    let shared = try Self.regions("200000-a00000 rw-s 0 0:f 1   /anon_hugepage (deleted)\n" + fields)
    #expect(shared[0].kind == .shared)
    #expect(shared[0].usage?.resident == 6 * mebibyte && shared[0].usage?.anonymous == 0)
    let file = try Self.regions("200000-a00000 rw-p 0 0:f 1   /mnt/huge/file\n" + fields)
    #expect(file[0].kind == .file)
    #expect(file[0].usage?.resident == 6 * mebibyte && file[0].usage?.anonymous == 0)
  }

  @Test func agreesWithTheMapOnEverythingButUsage() throws {
    let lines = Self.captured.split(separator: "\n").filter { $0.first.map { $0.isLowercase || $0.isNumber } ?? false }
    let map = try MapsParser.parse(Array(lines.joined(separator: "\n").utf8))
    let bare = try Self.regions(Self.captured).map { region in
      var region = region
      region.usage = nil
      return region
    }
    #expect(bare == map)
  }

  @Test func aRegionWithoutFieldsTakesUpNothing() throws {
    let regions = try Self.regions("1000-2000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\nRss: 4 kB\n")
    #expect(regions[0].usage == MemoryRegion.Usage())
    #expect(regions[1].usage?.resident == 4096)
    #expect(try Self.regions("").isEmpty)
  }

  @Test func passesOverFieldsItDoesNotKnow() throws {
    let regions = try Self.regions("1000-2000 rw-p 0 0:0 0\nNewThing: 5 kB\nX\nRss\nRssX: 8 kB\nRss: 4 kB\nZ: \u{1}\n")
    #expect(regions.first?.usage == MemoryRegion.Usage(resident: 4096))
  }

  @Test func aFieldWithoutANumberCountsAsNothing() throws {
    let regions = try Self.regions("1000-2000 rw-p 0 0:0 0\nRss: many\nPss:\nSwap: 99999999999999999999 kB\nVmFlags:\n")
    #expect(regions.first?.usage == MemoryRegion.Usage())
  }

  private static let malformed: [(String, Int)] = [
    ("Rss: 4 kB\n", 1),
    ("\n", 1),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\nrss: 4 kB\n", 3),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n\n", 3),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n1800-3000 rw-p 0 0:0 0\n", 3),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\nSize: 4 kB\n0-1000 rw-p 0 0:0 0\n", 4),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n3000-2000 rw-p 0 0:0 0\n", 3),
  ]

  @Test(arguments: malformed) func tellsTheLineThatIsWrong(text: String, line: Int) {
    #expect(throws: MalformedText(line: line)) { try Self.regions(text) }
  }

  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let source = Array(Self.captured.utf8)
    for _ in 0..<150 {
      var bytes = Array(source[0..<Int.random(in: 0...source.count, using: &generator)])
      for _ in 0..<Int.random(in: 0...8, using: &generator) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      if let regions = try? SmapsParser.parse(bytes) { #expect(regions.allSatisfy { $0.usage != nil }) }
    }
  }

  /// The kernel hands a map out piece by piece, and a heap may grow between two pieces.
  @Test func aRegionThatGrewBetweenTwoPiecesCountsOnce() throws {
    let first = "1000-2000 r--p 0 0:0 0\nRss: 4 kB\n3000-5000 rw-p 0 0:0 0 [heap]\nRss: 8 kB\n"
    let again = "3000-6000 rw-p 0 0:0 0 [heap]\nRss: 12 kB\n7000-8000 rw-p 0 0:0 0\nRss: 4 kB\n"
    let regions = try SmapsParser.parse(Array((first + again).utf8))
    #expect(regions.map(\.range) == [Range(0x1000, 0x2000), Range(0x3000, 0x6000), Range(0x7000, 0x8000)])
    #expect(regions.map(\.number) == [1, 2, 3])
    #expect(regions.map { $0.usage?.resident } == [4096, 12288, 4096])
    let map = (first + again).split(separator: "\n").filter { !$0.hasPrefix("Rss") }.joined(separator: "\n")
    #expect(try MapsParser.parse(Array(map.utf8)).map(\.range) == regions.map(\.range))
  }
}
