import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct WordCacheTests {
  /// The shapes, and one that holds next to nothing.
  private static let shapes: [WordCache.Shape] = [.walk, .jumps, .hops, .init(blockByteCount: 16, blockCount: 2)]

  /// The words at addresses, read by one cache in this order.
  private static func words(
    _ memory: any MemorySource, _ addresses: [UInt64], _ shape: WordCache.Shape
  ) throws -> [UInt64?] {
    var cache = try WordCache(memory, shape)
    var words: [UInt64?] = []
    for address in addresses { words.append(try cache.word(at: Address(address))) }
    return words
  }

  @Test(arguments: shapes) func wordsAreReadWhereTheyAre(shape: WordCache.Shape) throws {
    let memory = try TestMemory([0x1000: Array(0..<16), 0x1f10: Array(0..<24)], longestRead: 3)
    let first: UInt64 = 0x0706_0504_0302_0100
    let words = try Self.words(memory, [0x1000, 0x1008, 0x1f20, 0x1f10, 0x1000], shape)
    #expect(words == [first, 0x0f0e_0d0c_0b0a_0908, 0x1716_1514_1312_1110, first, first])
  }

  @Test(arguments: shapes) func whereThereIsNothingIsNoWord(shape: WordCache.Shape) throws {
    let memory = try TestMemory([0x1000: Array(0..<16), 0x1f10: Array(0..<24)])
    let addresses: [UInt64] = [0, 0xff8, 0x1001, 0x1010, 0x1f08, 0x1f28, .max - 7, .max]
    #expect(try Self.words(memory, addresses, shape) == addresses.map { _ in nil })
  }

  @Test(arguments: shapes) func aWordThatIsNotAllThereIsNone(shape: WordCache.Shape) throws {
    #expect(try Self.words(TestMemory([0x1000: [1, 2, 3, 4, 5, 6, 7]]), [0x1000], shape) == [nil])
  }

  @Test(arguments: shapes) func whatWasNotReadIsUnknownAndUntouchedMemoryIsZeros(shape: WordCache.Shape) throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [
        .bytes([1, 0, 0, 0, 0, 0, 0, 0]), .unread(8, .swapped), .bytes([2, 0, 0, 0, 0, 0, 0, 0]), .absent(1 << 30),
      ])
    let words = try Self.words(memory, [0x1010, 0x1000, 0x1008, 0x1018, 0x1000 + (1 << 29)], shape)
    #expect(words == [2, 1, nil, 0, 0])
  }

  @Test(arguments: shapes) func theWordsOfARangeAreThoseThatAreKnown(shape: WordCache.Shape) throws {
    let word: (UInt8) -> [UInt8] = { [$0, 0, 0, 0, 0, 0, 0, 0] }
    let memory = try PatchyMemory(
      start: 0x1000,
      [
        .bytes(word(1) + word(2) + [9, 9, 9]), .unread(13, .swapped), .bytes(word(3)), .absent(8), .gap(8),
        .bytes(word(4)),
      ])
    var cache = try WordCache(memory, shape)
    var words: [UInt64] = []
    try cache.forEachWord(in: Address(0xff0)..<Address(0x1100)) { words.append($0) }
    #expect(words == [1, 2, 3, 0, 4])
    words = []
    try cache.forEachWord(in: Address(0x1008)..<Address(0x1028)) { words.append($0) }
    #expect(words == [2, 3])
    try cache.forEachWord(in: Address(.max - 7)..<Address(.max)) { words.append($0) }
    #expect(words == [2, 3])
  }

  @Test(arguments: shapes) func bytesAreReadAsFarAsTheyAreKnown(shape: WordCache.Shape) throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [
        .bytes(Array(0..<60)), .absent(4), .unread(8, .swapped), .bytes([7]), .gap(3), .bytes([8, 9]),
        .unread(1, .device),
      ])
    var cache = try WordCache(memory, shape)
    var found: [[UInt8]] = []
    for (address, count) in [(0x1003, 50), (0x1003, 500), (0x1040, 8), (0x1048, 8), (0x104c, 8)] as [(UInt64, Int)] {
      found.append(try cache.bytes(at: Address(address), count: count))
    }
    #expect(found == [Array(3..<53), Array(3..<60) + [0, 0, 0, 0], [], [7], [8, 9]])
  }

  @Test func whatIsEmptyIsPassedOver() throws {
    let memory = try PatchyMemory(start: 0x1000, [.absent(1 << 20), .bytes([1]), .unread(1 << 19, .swapped), .gap(64)])
    var cache = try WordCache(memory)
    let bytes = Address(0x1000 + (1 << 20))
    let untouched = try cache.emptyEnd(at: Address(0x2000))
    #expect(untouched.map { $0 > Address(0x2000) && $0 <= bytes } == true)
    let (atBytes, behind) = (try cache.emptyEnd(at: bytes), try cache.emptyEnd(at: bytes + (1 << 30)))
    #expect(atBytes == nil)
    #expect(behind == Address(.max))
  }

  @Test func stepsEnd() throws {
    var cache = try WordCache(TestMemory([:]), .jumps, steps: 2)
    let steps = [cache.step(), cache.step(), cache.step()]
    #expect(steps == [true, true, false])
    var endless = try WordCache(TestMemory([:]))
    let all = (0..<1000).map { _ in endless.step() }
    #expect(all.allSatisfy { $0 })
  }
}
