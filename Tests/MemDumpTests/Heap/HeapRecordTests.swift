import MemDumpTestSupport
import Testing

@testable import MemDump

/// Blocks that are added many at a time, and records that are put together.
@Suite struct HeapRecordTests {
  private static let base: UInt64 = 0x7f12_3456_7000

  private func rows(_ record: HeapRecord) throws -> [String] {
    var rows = record.classes.classes.map { "\($0.footprint) \($0.count) \($0.freeCount) \($0.samples.addresses)" }
    try record.blocks.forEach { (block) throws(MemDumpError) in
      rows.append("\(block)")
      return true
    }
    var reading = record.occupancy.reading()
    for page in 0..<(64 << 20) / pageSize {
      rows.append("\(reading.byteCount(ofPageAt: Address(Self.base + page * pageSize)))")
    }
    return rows + ["\(record.blockCount) \(record.freeCounts)"]
  }

  /// Sizes and numbers of blocks of which many stretches cross pages and MiB.
  private static let stretches: [(count: UInt64, footprint: UInt64)] = (1..<400 as Range<UInt64>).map {
    ($0 * 7919 % 1009, ($0 * 104_729 % 64 + 1) * 8)
  }

  @Test func manyAtOnceAreAsOneByOne() throws {
    var (bulk, single) = (HeapRecord(granularity: 8), HeapRecord(granularity: 8))
    var place = Address(Self.base)
    for (count, footprint) in Self.stretches {
      bulk.addUsed(place, count: count, footprint: footprint)
      for number in 0..<count { single.addUsed(place + number * footprint, footprint: footprint) }
      place = place + count * footprint + 8
    }
    #expect(place.rawValue - Self.base > 32 << 20)
    #expect(try rows(bulk) == rows(single))
  }

  @Test func partsAreOneRecord() throws {
    var whole = HeapRecord(granularity: 16)
    var parts = HeapRecord(granularity: 16)
    for mebibyte in 0..<8 as Range<UInt64> {
      var part = HeapRecord(granularity: 16)
      for number in 0..<1000 as Range<UInt64> {
        let block = Address(0x7f12_0000_0000 + mebibyte << 20 + number * 512)
        let footprint = 16 + number * 16 % 496
        if number % 5 == 0 {
          part.addFree(footprint: footprint, .listed)
          whole.addFree(footprint: footprint, .listed)
        } else {
          part.addUsed(block, footprint: footprint)
          whole.addUsed(block, footprint: footprint)
        }
      }
      parts.add(part)
    }
    func counts(_ record: HeapRecord) -> [[UInt64]] {
      record.classes.classes.map { [$0.footprint, $0.count, $0.freeCount] }.sorted { $0[0] < $1[0] }
    }
    #expect(counts(parts) == counts(whole) && parts.blockCount == whole.blockCount && parts.blocks.count == 6400)
    #expect(parts.freeCounts == whole.freeCounts)
    var (mine, theirs) = (parts.occupancy.reading(), whole.occupancy.reading())
    for number in 0..<(8 << 20) / pageSize {
      let page = Address(0x7f12_0000_0000 + number * pageSize)
      #expect(mine.byteCount(ofPageAt: page) == theirs.byteCount(ofPageAt: page))
    }
    // Samples are of all parts.
    for row in parts.classes.classes where row.count >= 64 {
      #expect((32...64).contains(row.samples.addresses.count))
      #expect(Set(row.samples.addresses.map { $0.rawValue >> 20 }).count == 8)
    }
  }
}
