import Testing

@testable import MemDump

@Suite struct SearchBlocksTests {
  @Test func blocksEndAtMultiplesOfTheirSize() {
    let blocks = SearchBlocks([Range(0x18, 0x35)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(0x18, 0x20), Range(0x20, 0x30), Range(0x30, 0x35)])
    #expect(blocks.allSatisfy { $0.run == Range(0x18, 0x35) })
  }

  @Test func adjacentRangesAreOneRun() {
    let blocks = SearchBlocks([Range(0x10, 0x18), Range(0x18, 0x20), Range(0x28, 0x30)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(0x10, 0x20), Range(0x28, 0x30)])
    #expect(blocks.map(\.run) == [Range(0x10, 0x20), Range(0x28, 0x30)])
  }

  @Test func reachTheTopOfMemory() {
    let blocks = SearchBlocks([Range(.max - 0x10, .max)], byteCount: 0x10).blocks
    #expect(blocks.map(\.range) == [Range(.max - 0x10, .max - 0xf), Range(.max - 0xf, .max)])
    #expect(SearchBlocks([], byteCount: 16).blocks.isEmpty)
    #expect(SearchBlocks([Range(5, 5)], byteCount: 16).blocks.isEmpty)
  }
}
