import Testing

@testable import MemDump

@Suite struct ReturnablePagesTests {
  private let start = HeapBuilder.start

  private func heap(_ builder: HeapBuilder) throws -> HeapSummary {
    try #require(try HeapWalk(builder.memory()).run().all.first)
  }

  private func pages(_ range: Range<UInt64>) -> Range<Address> {
    Address(start + range.lowerBound * 4096)..<Address(start + range.upperBound * 4096)
  }

  /// malloc_trim keeps the first 48 bytes of a free chunk, so that one whose header ends a page later gives a page less.
  @Test func wholePagesOfAFreeChunkAreReturned() throws {
    var builder = HeapBuilder()
    builder.add(4096 - 48)
    builder.add(3 * 4096 + 48, isInUse: false)
    builder.add(4096)
    builder.close()
    #expect(try heap(builder).returnableRanges.first == pages(1..<4))
    builder = HeapBuilder()
    builder.add(4096 - 32)
    builder.add(3 * 4096 + 32, isInUse: false)
    builder.add(4096)
    builder.close()
    let heap = try heap(builder)
    #expect(heap.returnableRanges.first == pages(2..<4))
    #expect(heap.keptRanges.contains(pages(1..<2)))
  }

  /// Fast chunks are joined with what is free beside them first (malloc_consolidate).
  @Test func whatIsInFastbinsCountsAsFree() throws {
    var builder = HeapBuilder()
    builder.add(4096 - 64)
    var chunks: [UInt64] = []
    for _ in 0..<256 { chunks.append(builder.add(64)) }
    builder.add(64)
    builder.close()
    #expect(try heap(builder).returnableRanges.filter { $0.lowerBound < Address(start + 4 * 4096) } == [])
    for (index, chunk) in chunks.enumerated() {
      let next = index + 1 < chunks.count ? chunks[index + 1] : 0
      builder.put(next ^ ((chunk + 16) >> 12), at: chunk + 16)
    }
    builder.fastbins = [2: chunks[0]]
    #expect(try heap(builder).returnableRanges.first == pages(1..<4))
  }

  /// Of the top the last byte and a smallest chunk stay (systrim).
  private static let tops: [(size: UInt64, count: UInt64)] = [
    (32768, 7), (32784, 7), (32816, 8), (4096, 0), (4128, 0), (4144, 1),
  ]

  @Test(arguments: tops)
  func theTopOfTheMainArenaIsReturned(size: UInt64, count: UInt64) throws {
    var builder = HeapBuilder()
    let whole = (size + 4095) / 4096
    builder.add(whole * 4096 + 4096 - size)
    builder.close(with: builder.add(size))
    let ranges = try heap(builder).returnableRanges
    let sum: UInt64 = ranges.reduce(0) { $0 + $1.byteCount }
    #expect(sum == count * 4096)
    let end = Address(start + UInt64(builder.bytes.count))
    #expect(ranges.allSatisfy { $0.upperBound == end })
  }

  /// Of what was not walked nothing is known.
  @Test func whatIsBrokenIsNotReturned() throws {
    var builder = HeapBuilder()
    builder.add(4096)
    let broken = builder.add(16 * 4096, isInUse: false)
    for _ in 0..<20 { builder.add(4096) }
    builder.close()
    builder.put(0xffff_ffff_ffff, at: broken + 8)
    let heap = try heap(builder)
    #expect(!heap.isClean)
    #expect(heap.returnableRanges.filter { $0.lowerBound < Address(broken + 16 * 4096) } == [])
  }
}
