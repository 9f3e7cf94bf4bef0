import Testing

@testable import MemDump

/// Usage is read before a stop and the map in it: borders move between the two.
@Suite struct RegionUsageTests {
  private func map(_ lines: String...) throws -> [MemoryRegion] {
    try MapsParser.parse(Array(lines.map { $0 + "\n" }.joined().utf8))
  }

  private func known(_ lines: [(String, anonymous: UInt64)], flags: Set<String> = []) throws -> [MemoryRegion] {
    var regions = try MapsParser.parse(Array(lines.map { $0.0 + "\n" }.joined().utf8))
    for index in regions.indices {
      regions[index].usage = .init(resident: lines[index].anonymous, anonymous: lines[index].anonymous, flags: flags)
    }
    return regions
  }

  private func amounts(_ known: [MemoryRegion], _ newer: [MemoryRegion]) -> [UInt64?] {
    known.usage(for: newer).map(\.usage?.anonymous)
  }

  @Test func aMappingThatGrowsDownwardsKeepsItsUsage() throws {
    let old = try known([("7000-9000 rw-p 00000000 00:00 0", 8192)])
    #expect(try amounts(old, map("5000-9000 rw-p 00000000 00:00 0")) == [8192])
    #expect(try amounts(old, map("7000-b000 rw-p 00000000 00:00 0")) == [8192])
    #expect(try amounts(old, map("5000-6000 rw-p 00000000 00:00 0")) == [nil])
  }

  @Test func mappingsThatAreJoinedAddUp() throws {
    let old = try known([("5000-6000 rw-p 00000000 00:00 0", 4096), ("7000-9000 rw-p 00000000 00:00 0", 8192)])
    #expect(try amounts(old, map("5000-9000 rw-p 00000000 00:00 0")) == [12288])
  }

  /// By the lower border alone, the upper part had all of the usage once more.
  @Test func aMappingThatIsCutCountsOnce() throws {
    let old = try known([("5000-9000 rw-p 00000000 00:00 0", 16384)], flags: ["io"])
    let newer = try map("5000-6000 rw-p 00000000 00:00 0", "6000-9000 r--p 00000000 00:00 0")
    #expect(amounts(old, newer) == [0, 16384])
    let areDevices = old.usage(for: newer).allSatisfy(\.isDevice)
    #expect(areDevices, "what was said of a device stays true of all of it")
  }

  @Test func whatTookThePlaceOfAnotherHasNoneOfItsUsage() throws {
    let old = try known([("5000-9000 rw-p 00000000 00:00 0", 16384)])
    #expect(try amounts(old, map("5000-9000 rw-p 00000000 08:01 77 /lib/x.so")) == [0])
    #expect(try amounts(old, map("5000-9000 rw-s 00000000 00:01 9 /dev/zero (deleted)")) == [0])
    #expect(try amounts([], map("5000-9000 rw-p 00000000 00:00 0")) == [nil])
  }
}
