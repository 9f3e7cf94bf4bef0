import Testing

@testable import MemDump

@Suite struct RegionSelectorTests {
  @Test(
    arguments: [
      ("heap", .kind(.heap)), ("stack", .kind(.stack)), ("anon", .kind(.anonymous)), ("file", .kind(.file)),
      ("shared", .kind(.shared)), ("device", .kind(.device)), ("kernel", .kind(.kernel)),
      ("largest", .largest),
      ("#1", .number(1)), ("#12", .number(12)), ("#999999", .number(999_999)),
      ("0x1821000", .address(Address(0x1821000))), ("0x0", .address(Address(0))),
      ("0xABCdef", .address(Address(0xabcdef))),
      ("0xffffffffffffffff", .address(Address(.max))),
      ("0x1821000-0x4e02000", .range(Range(0x1821000, 0x4e02000))),
      ("0x1821000-4e02000", .range(Range(0x1821000, 0x4e02000))),
      ("01821000-04e02000", .range(Range(0x1821000, 0x4e02000))),
      ("7f51ccb23000-7f51ccb25000", .range(Range(0x7f51_ccb2_3000, 0x7f51_ccb2_5000))),
      ("ffffffffff600000-ffffffffff601000", .range(Range(0xffff_ffff_ff60_0000, 0xffff_ffff_ff60_1000))),
      ("0x1000+64K", .range(Range(0x1000, 0x11000))), ("0x1000+0x10", .range(Range(0x1000, 0x1010))),
      ("0x1000+1", .range(Range(0x1000, 0x1001))), ("0x1000+1.5K", .range(Range(0x1000, 0x1600))),
      ("libssl.so", .file("libssl.so")), ("/usr/lib/libc.so.6", .file("/usr/lib/libc.so.6")),
      ("[vdso]", .file("[vdso]")),
      ("Heap", .file("Heap")), ("anonymous", .file("anonymous")), ("1821000", .number(1_821_000)), ("12", .number(12)),
      ("libstdc++.so.6", .file("libstdc++.so.6")), ("a-b", .file("a-b")), ("abc-def", .file("abc-def")),
      ("beef-cafe", .file("beef-cafe")), ("ld-linux-x86-64.so.2", .file("ld-linux-x86-64.so.2")), ("+", .file("+")),
      ("-", .file("-")), (" heap", .file(" heap")), ("/memfd:ring (deleted)", .file("/memfd:ring (deleted)")),
    ] as [(String, RegionSelector)]) func readsEveryForm(text: String, selector: RegionSelector) throws
  {
    #expect(try RegionSelector(parsing: text) == selector)
  }

  @Test(arguments: [
    "", "#", "#0", "0", "#-1", "99999999999999999999", "#+1", "#x", "#1x", "# 1", "#99999999999999999999", "0x", "0xg",
    "0x-1", "0x+1", "0x1 ",
    "0x10000000000000000", "0x1000+", "0x1000+x", "0x1000+10Q", "0x1000+-1", "0x1000++1", "0x1000-", "0x1000-0x",
    "0x1000-0xg", "0x1000-0x2000-0x3000", "0x1000-0x2000+5",
  ]) func refusesWhatNamesNoRegion(text: String) {
    expectProblem(text) { if case .notASelector = $0 { true } else { false } }
  }

  @Test(arguments: ["0x2000-0x1000", "0x1000-0x1000", "0x1000+0", "0xffffffffffffffff+1", "20000-10000"])
  func aRangeEndsBehindItsStart(text: String) {
    expectProblem(text) { if case .endNotAfterStart = $0 { true } else { false } }
  }

  private func expectProblem(_ text: String, _ isExpected: (MemDumpError.SelectorProblem) -> Bool) {
    let error = #expect(throws: MemDumpError.self) { try RegionSelector(parsing: text) }
    #expect(error?.code == .badSelector)
    guard case .selector(let written, let problem)? = error?.reason else { return }
    #expect(written == text)
    #expect(isExpected(problem), "\(problem)")
  }

  @Test(arguments: [
    "heap", "stack", "anon", "file", "shared", "device", "kernel", "largest", "12", "0x1821000", "0x1821000-0x4e02000",
    "libssl.so", "/usr/lib/libc.so.6",
  ]) func writesItselfAsItIsRead(text: String) throws {
    #expect(try RegionSelector(parsing: text).description == text)
  }

  // MARK: What answers to a selector

  /// An nginx worker after a fork: its heap is in two, libraries are in pieces, two stretches of plain memory touch.
  private static let map = """
    00400000-00500000 r-xp 00000000 fe:00 100 /usr/sbin/nginx
    00500000-00510000 rw-p 00100000 fe:00 100 /usr/sbin/nginx
    01000000-01021000 rw-p 00000000 00:00 0 [heap]
    01021000-01100000 rw-p 00000000 00:00 0 [heap]
    7f0000000000-7f0000010000 rw-p 00000000 00:00 0
    7f0000010000-7f0000020000 r--p 00000000 00:00 0
    7f0000020000-7f0000030000 r-xp 00000000 fe:00 200 /usr/lib/libssl.so.3
    7f0000030000-7f0000040000 rw-p 00010000 fe:00 200 /usr/lib/libssl.so.3
    7f0000050000-7f0000060000 r-xp 00000000 fe:00 300 /opt/lib/libssl.so.3
    7f0000070000-7f0000080000 r-xp 00000000 fe:00 400 /usr/lib/libsslx.so
    7f0000080000-7f0000090000 rw-s 00000000 00:01 500 /memfd:ring (deleted)
    7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]

    """

  private static func regions(_ text: String = map) throws -> [MemoryRegion] { try MapsParser.parse(Array(text.utf8)) }

  @Test(
    arguments: [
      ("heap", [Range(0x0100_0000, 0x0110_0000)]),
      ("stack", [Range(0x7ffd_0000_0000, 0x7ffd_0002_1000)]),
      ("shared", [Range(0x7f00_0008_0000, 0x7f00_0009_0000)]),
      // Plain memory has no name that would tell that the two belong together.
      ("anon", [Range(0x7f00_0000_0000, 0x7f00_0001_0000), Range(0x7f00_0001_0000, 0x7f00_0002_0000)]),
      ("#1", [Range(0x0040_0000, 0x0050_0000)]),
      ("#3", [Range(0x0100_0000, 0x0102_1000)]),
      ("#12", [Range(0x7ffd_0000_0000, 0x7ffd_0002_1000)]),
      ("0x400000", [Range(0x0040_0000, 0x0050_0000)]),
      ("0x4fffff", [Range(0x0040_0000, 0x0050_0000)]),
      ("0x500000", [Range(0x0050_0000, 0x0051_0000)]),
      // Inside the heap: the whole heap, whichever part it is.
      ("0x1000000", [Range(0x0100_0000, 0x0110_0000)]),
      ("0x10fffff", [Range(0x0100_0000, 0x0110_0000)]),
      ("0x1000010-0x1000020", [Range(0x0100_0010, 0x0100_0020)]),
      ("0x1020000+8K", [Range(0x0102_0000, 0x0102_2000)]),
      ("0x400000-0x510000", [Range(0x0040_0000, 0x0051_0000)]),
      ("nginx", [Range(0x0040_0000, 0x0051_0000)]),
      ("/usr/sbin/nginx", [Range(0x0040_0000, 0x0051_0000)]),
      ("ngi", [Range(0x0040_0000, 0x0051_0000)]),
      ("/usr/lib/libssl.so.3", [Range(0x7f00_0002_0000, 0x7f00_0004_0000)]),
      ("/opt/lib/libssl.so.3", [Range(0x7f00_0005_0000, 0x7f00_0006_0000)]),
      ("libsslx.so", [Range(0x7f00_0007_0000, 0x7f00_0008_0000)]),
      ("libssl.so.3", [Range(0x7f00_0002_0000, 0x7f00_0004_0000), Range(0x7f00_0005_0000, 0x7f00_0006_0000)]),
      ("[heap]", [Range(0x0100_0000, 0x0110_0000)]),
      ("memfd:ring", [Range(0x7f00_0008_0000, 0x7f00_0009_0000)]),
    ] as [(String, [Range<Address>])]) func theRightMemoryAnswers(text: String, ranges: [Range<Address>]) throws
  {
    #expect(try RegionSelector(parsing: text).ranges(in: try Self.regions()) == ranges)
  }

  @Test(arguments: ["device", "kernel", "13", "0x3fffff", "0x510000", "0x7f0000040000", "libcrypto.so", "ssl", "/usr"])
  func whereNothingAnswersItIsAnError(text: String) throws {
    let regions = try Self.regions()
    let error = #expect(throws: MemDumpError.self) { try RegionSelector(parsing: text).ranges(in: regions) }
    guard case .selector(text, .nothingMatches(nil))? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: MemDumpError.self) { try RegionSelector(parsing: text).range(in: regions) }
    #expect(throws: MemDumpError.self) { try RegionSelector(parsing: text).ranges(in: []) }
  }

  @Test func oneRangeIsGivenWhereOneAnswers() throws {
    #expect(try RegionSelector(parsing: "heap").range(in: try Self.regions()) == Range(0x0100_0000, 0x0110_0000))
  }

  @Test func whereSeveralAnswerAndOneIsNeededTheErrorListsThem() throws {
    let regions = try Self.regions()
    let error = #expect(throws: MemDumpError.self) { try RegionSelector(parsing: "libssl.so.3").range(in: regions) }
    guard case .selector("libssl.so.3", .severalMatch(let listed))? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(listed.map(\.number) == [7, 9])
    let description = try #require(error?.description)
    #expect(description.contains("\n  7  ") && description.contains("\n  9  ") && !description.contains("\n  8  "))
  }

  @Test(
    arguments: [
      // Before, behind and between what is mapped, and the stretch that is missing.
      ("0x3ff000-0x401000", Range(0x3ff000, 0x400000), 1),
      ("0x50f000-0x511000", Range(0x510000, 0x511000), 1),
      ("0x7f0000030000-0x7f0000058000", Range(0x7f00_0004_0000, 0x7f00_0005_0000), 2),
      ("0x400000-0x7ffd00021000", Range(0x510000, 0x1000000), 12),
      ("0x1000-0x2000", Range(0x1000, 0x2000), 0),
      ("0xffffffffff600000+4K", Range(0xffff_ffff_ff60_0000, 0xffff_ffff_ff60_1000), 0),
    ] as [(String, Range<Address>, Int)])
  func aRangeMustBeMappedAllOver(text: String, gap: Range<Address>, mappedCount: Int) throws {
    let regions = try Self.regions()
    let error = #expect(throws: MemDumpError.self) { try RegionSelector(parsing: text).ranges(in: regions) }
    guard case .selector(_, .unmapped(let found, let mapped))? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == gap)
    #expect(mapped.count == mappedCount)
  }

  // MARK: largest

  @Test func largestIsTheLargestOfWhatTheProcessWrote() throws {
    // Without usage, by size: the heap's two parts as one. The code of nginx is larger and not its own writing.
    #expect(try RegionSelector.largest.range(in: try Self.regions()) == Range(0x0100_0000, 0x0110_0000))
    let withoutHeap = try Self.regions().filter { $0.kind != .heap }
    #expect(try RegionSelector.largest.range(in: withoutHeap) == Range(0x7ffd_0000_0000, 0x7ffd_0002_1000))
  }

  /// The kernel counts pages of hugetlbfs apart: a malloc in huge pages was less than a small heap.
  @Test func largestCountsHugePages() throws {
    let regions = try SmapsParser.parse(
      Array(
        """
        1000-2000 rw-p 0 0:0 0 [heap]
        Rss: 4 kB
        200000-600000 rw-p 0 0:f 1 /anon_hugepage (deleted)
        Rss: 0 kB
        Private_Hugetlb: 4096 kB

        """.utf8))
    #expect(try RegionSelector.largest.range(in: regions) == Range(0x200000, 0x600000))
    #expect(regions[1].isPrivateAnonymous)
  }

  @Test func largestGoesByWhatIsThereAndNotBySize() throws {
    let regions = try SmapsParser.parse(
      Array(
        """
        10000-90000 rw-p 0 0:0 0
        Rss: 4 kB
        a0000-b0000 rw-p 0 0:0 0
        Rss: 8 kB
        Swap: 32 kB
        c0000-d0000 rw-p 0 0:0 0
        Rss: 36 kB
        e0000-f0000 r--p 0 fe:0 9 /large
        Rss: 64 kB
        """.utf8))
    #expect(try RegionSelector.largest.range(in: regions) == Range(0xa0000, 0xb0000))
  }

  @Test func ofTwoThatAreEquallyLargeTheFirstIsTaken() throws {
    let regions = try Self.regions("1000-2000 rw-p 0 0:0 0\n3000-4000 rw-p 0 0:0 0\n5000-5800 rw-p 0 0:0 0\n")
    #expect(try RegionSelector.largest.range(in: regions) == Range(0x1000, 0x2000))
  }

  @Test func aProcessThatWroteNothingHasNoLargest() throws {
    let regions = try Self.regions("1000-2000 r--p 0 0:0 0\n3000-4000 rw-s 0 0:6 9 /dev/nvidia0\n")
    #expect(throws: MemDumpError.self) { try RegionSelector.largest.range(in: regions) }
  }
}
