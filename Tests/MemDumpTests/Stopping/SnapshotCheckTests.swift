import Testing

@testable import MemDump

@Suite struct SnapshotCheckTests {
  private static func problem(_ regions: [MemoryRegion]) -> SnapshotProblem? {
    SnapshotCheck.regionProblem(regions, kernel: (6, 18))
  }

  private static func regions(_ permissions: String, flags: String, anonymous: Int = 0, huge: Int = 0) throws
    -> [MemoryRegion]
  {
    try SmapsParser.parse(
      Array(
        """
        1000-900000000 \(permissions) 00000000 00:00 0
        Rss: \(anonymous) kB
        Anonymous: \(anonymous) kB
        AnonHugePages: \(huge) kB
        VmFlags: rd wr mr \(flags)

        """.utf8))
  }

  @Test func aProcessOf32BitsLiesBelowFourGibibytes() throws {
    let low = "8048000-8049000 r-xp 00000000 00:00 0\nfffdd000-ffffe000 rw-p 00000000 00:00 0 [stack]\n"
    let call = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"
    #expect(try MapsParser.parse(Array((low + call).utf8)).areNarrow)
    let high = "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]\n"
    #expect(try !MapsParser.parse(Array((low + high + call).utf8)).areNarrow)
  }

  @Test(arguments: ["um", "uw", "ui"]) func memoryWithPageFaultsOfItsOwnIsRefused(flag: String) throws {
    #expect(Self.problem(try Self.regions("rw-p", flags: flag)) == .userFaults)
  }

  @Test func privateReservedHugePagesAreRefused() throws {
    #expect(Self.problem(try Self.regions("rw-p", flags: "ht")) == .reservedHugePages)
    #expect(Self.problem(try Self.regions("rw-s", flags: "ht")) == nil)
    #expect(Self.problem(try Self.regions("rw-p", flags: "me ac")) == nil)
  }

  @Test(arguments: ["/[aio] (deleted)", "anon_inode:[io_uring]"])
  func readsInTheBackgroundAreRefusedByOldKernels(name: String) throws {
    let regions = try MapsParser.parse(Array("1000-2000 rw-s 00000000 00:0e 1 \(name)\n".utf8))
    #expect(SnapshotCheck.regionProblem(regions, kernel: (6, 4)) == .backgroundReads)
    #expect(SnapshotCheck.regionProblem(regions, kernel: (5, 15)) == .backgroundReads)
    #expect(SnapshotCheck.regionProblem(regions, kernel: (0, 0)) == .backgroundReads)
    #expect(SnapshotCheck.regionProblem(regions, kernel: (6, 5)) == nil)
    #expect(SnapshotCheck.regionProblem(regions, kernel: (7, 0)) == nil)
  }

  @Test func hugePagesMakeAForkShort() throws {
    let small = SnapshotCheck.forkTime(try Self.regions("rw-p", flags: "", anonymous: 4 << 20))
    let huge = SnapshotCheck.forkTime(try Self.regions("rw-p", flags: "hg", anonymous: 4 << 20, huge: 4 << 20))
    #expect(small > 100_000_000)
    #expect(huge < 20_000_000)
    #expect(SnapshotCheck.forkTime([]) < 10_000_000)
  }

  @Test func aShadowStackIsSeen() {
    #expect(ProcessStatus(parsing: Array("x86_Thread_features:\tshstk wrss \n".utf8)).hasShadowStack)
    #expect(
      !ProcessStatus(parsing: Array("x86_Thread_features:\t\nx86_Thread_features_locked:\tshstk\n".utf8)).hasShadowStack
    )
  }

  @Test func theInnermostNumberIsThatOfTheProcessItself() {
    #expect(ProcessStatus(parsing: Array("NSpid:\t5092\t77\t1\n".utf8)).innerID == 1)
    #expect(ProcessStatus(parsing: Array("NSpid:\t5092\n".utf8)).innerID == 5092)
  }
}
