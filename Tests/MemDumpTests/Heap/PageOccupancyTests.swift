import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct PageOccupancyTests {
  private let page: UInt64 = 0x7f00_0000_0000

  private func counts(_ occupancy: PageOccupancy, _ pages: Range<UInt64>) -> [UInt64] {
    var reading = occupancy.reading()
    return pages.map { reading.byteCount(ofPageAt: Address(page + $0 * pageSize)) }
  }

  @Test func aBlockCountsInEachOfItsPages() {
    var occupancy = PageOccupancy()
    occupancy.add(Address(page + 16), 64)
    occupancy.add(Address(page + pageSize - 32), 96)
    occupancy.add(Address(page + 2 * pageSize), 2 * pageSize)
    #expect(counts(occupancy, 0..<5) == [96, 64, pageSize, pageSize, 0])
    occupancy.remove(Address(page + pageSize - 32), 96)
    occupancy.remove(Address(page + 2 * pageSize), 2 * pageSize)
    #expect(counts(occupancy, 0..<5) == [64, 0, 0, 0, 0])
  }

  /// What a large block has inside takes no count a page, whatever size its header claims.
  @Test func aLargeBlockIsARange() {
    var occupancy = PageOccupancy()
    occupancy.add(Address(page + 4000), 1 << 40)
    #expect(counts(occupancy, 0..<3) == [pageSize - 4000, pageSize, pageSize])
    var reading = occupancy.reading()
    #expect(reading.byteCount(ofPageAt: Address(page + 1 << 40)) == 4000)
    #expect(reading.byteCount(ofPageAt: Address(page + pageSize)) == pageSize)
    occupancy.remove(Address(page + 4000), 1 << 40)
    #expect(counts(occupancy, 0..<3) == [0, 0, 0])
  }

  /// Blocks that lie over each other, as in a broken heap, take no more than the page has.
  @Test func aPageIsNeverOverfull() {
    var occupancy = PageOccupancy()
    for _ in 0..<100 { occupancy.add(Address(page), 4000) }
    #expect(counts(occupancy, 0..<1) == [pageSize])
    for _ in 0..<200 { occupancy.remove(Address(page), 4000) }
    #expect(counts(occupancy, 0..<1) == [0])
    occupancy.add(Address(.max - 7), 8)
    occupancy.add(Address(.max - 100), 1 << 20)
  }

  @Test func itAgreesWithASlowCount() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20 {
      var (occupancy, slow) = (PageOccupancy(), [UInt64](repeating: 0, count: 1 << 10))
      var (blocks, place): ([(UInt64, UInt64)], UInt64) = ([], 0)
      while place < 800 * pageSize {
        let most: UInt64 = Int.random(in: 0..<30, using: &generator) == 0 ? 50_000 : 60
        let size = UInt64.random(in: 2...most, using: &generator) * 8
        blocks.append((place, size))
        place += size
      }
      for (start, size) in blocks {
        occupancy.add(Address(page + start), size)
        for byte in stride(from: start, to: start + size, by: 8) { slow[Int(byte / pageSize)] += 8 }
      }
      for (start, size) in blocks where Bool.random(using: &generator) {
        occupancy.remove(Address(page + start), size)
        for byte in stride(from: start, to: start + size, by: 8) { slow[Int(byte / pageSize)] -= 8 }
      }
      #expect(counts(occupancy, 0..<1024) == slow)
    }
  }
}
