import Testing

@testable import MemDump

/// What of a Python program is no object, found by address.
@Suite struct PythonBlocksTests {
  /// Pools of one size, full and with gaps, in between blocks of malloc of any size, one of them over many pools.
  private static let ranges: [Range<UInt64>] = {
    var ranges: [Range<UInt64>] = []
    var place: UInt64 = 0x7f00_0000_0000
    for pool in 0..<40 as Range<UInt64> {
      let size = 16 + pool % 8 * 48
      for number in 0..<(16 << 10 - 48) / size where pool % 3 != 1 || number % 7 > 2 {
        ranges.append(place + 48 + number * size..<place + 48 + (number + 1) * size)
      }
      place += 16 << 10
      if pool % 10 == 4 {
        ranges.append(place + 16..<place + 100_016)
        place += 128 << 10
      }
      if pool % 10 == 7 {
        for number in 0..<50 as Range<UInt64> {
          ranges.append(place + number * 300..<place + number * 300 + number + 1)
        }
        place += 64 << 10
      }
    }
    return ranges
  }()

  private func blocks(parts: Int) -> PythonBlocks {
    var all = PythonBlocks(limit: .max)
    for part in 0..<parts {
      var some = PythonBlocks(limit: .max)
      for range in Self.ranges[Self.ranges.count * part / parts..<Self.ranges.count * (part + 1) / parts] {
        some.add(HeapBlock(Address(range.lowerBound), byteCount: UInt64(range.count)), isPooled: true)
      }
      all.add(some)
    }
    all.arrange()
    return all
  }

  @Test(arguments: [1, 3]) func whatHoldsAnAddressIsFound(parts: Int) throws {
    let blocks = blocks(parts: parts)
    #expect(blocks.count == Self.ranges.count)
    for (index, range) in Self.ranges.enumerated() {
      #expect(blocks.index(startingAt: range.lowerBound) == index && blocks.mayBegin(at: range.lowerBound))
      #expect(blocks.index(holding: range.lowerBound) == index && blocks.index(holding: range.upperBound - 1) == index)
      if range.count > 1 { #expect(blocks.index(startingAt: range.lowerBound + 1) == nil) }
      let next = index + 1 < Self.ranges.count ? Self.ranges[index + 1].lowerBound : .max
      if next > range.upperBound {
        #expect(blocks.index(holding: range.upperBound) == nil && blocks.index(holding: next - 1) == nil)
      }
    }
    // Deep inside of the large ones, and outside of all.
    for (index, range) in Self.ranges.enumerated() where range.count > 50_000 {
      for address in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
        #expect(blocks.index(holding: address) == index)
      }
    }
    for address in [0, 8, 0x7f00_0000_0000, .max] as [UInt64] { #expect(blocks.index(holding: address) == nil) }
  }

  @Test func anOwnerIsKept() {
    var blocks = blocks(parts: 2)
    #expect((0..<blocks.count).allSatisfy { blocks.owner(of: $0) == nil })
    let object = PythonReader.Object(type: 65_535, address: Address(0x7fff_ffff_fff8))
    blocks.setOwner(of: 7, object)
    #expect(blocks.owner(of: 7) == object && object.type == 65_535 && object.address == Address(0x7fff_ffff_fff8))
    #expect(blocks.owner(of: 6) == nil && blocks.owner(of: 8) == nil)
  }

  @Test func noMoreAreKeptThanWanted() {
    var blocks = PythonBlocks(limit: 3)
    for number in 1...9 as ClosedRange<UInt64> {
      blocks.add(HeapBlock(Address(number << 20), byteCount: 64), isPooled: false)
    }
    blocks.arrange()
    #expect(blocks.count == 3 && blocks.index(startingAt: 3 << 20) == 2 && blocks.index(startingAt: 4 << 20) == nil)
  }
}
