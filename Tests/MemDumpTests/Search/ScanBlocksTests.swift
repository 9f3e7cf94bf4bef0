import Testing

@testable import MemDump

@Suite struct ScanBlocksTests {
  @Test func blocksEndAtMultiplesOfTheirSize() {
    let blocks = ScanBlocks([Range(0x18, 0x35)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(0x18, 0x20), Range(0x20, 0x30), Range(0x30, 0x35)])
    #expect(blocks.allSatisfy { $0.run == Range(0x18, 0x35) })
  }

  @Test func adjacentRangesAreOneRun() {
    let blocks = ScanBlocks([Range(0x10, 0x18), Range(0x18, 0x20), Range(0x28, 0x30)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(0x10, 0x20), Range(0x28, 0x30)])
    #expect(blocks.map(\.run) == [Range(0x10, 0x20), Range(0x28, 0x30)])
  }

  @Test func reachTheTopOfMemory() {
    let blocks = ScanBlocks([Range(.max - 0x10, .max)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(.max - 0x10, .max - 0xf), Range(.max - 0xf, .max)])
    #expect(ScanBlocks([], byteCount: 16).blocks.isEmpty)
    #expect(ScanBlocks([Range(5, 5)], byteCount: 16).blocks.isEmpty)
  }
}
