import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct PointerReaderTests {
  /// The words at addresses, read by one reader in this order.
  private static func words(_ memory: any MemorySource, _ addresses: [UInt64]) throws -> [UInt64?] {
    var reader = try PointerReader(memory, steps: 0)
    var words: [UInt64?] = []
    for address in addresses { words.append(try reader.word(at: Address(address))) }
    return words
  }

  @Test func wordsAreReadWhereTheyAre() throws {
    let memory = try TestMemory([0x1000: Array(0..<16), 0x1f10: Array(0..<24)], longestRead: 3)
    let first: UInt64 = 0x0706_0504_0302_0100
    let words = try Self.words(memory, [0x1000, 0x1008, 0x1f20, 0x1f10, 0x1000])
    #expect(words == [first, 0x0f0e_0d0c_0b0a_0908, 0x1716_1514_1312_1110, first, first])
  }

  @Test func whereThereIsNothingIsNoWord() throws {
    let memory = try TestMemory([0x1000: Array(0..<16), 0x1f10: Array(0..<24)])
    let addresses: [UInt64] = [0, 0xff8, 0x1001, 0x1010, 0x1f08, 0x1f28, .max - 7, .max]
    #expect(try Self.words(memory, addresses) == addresses.map { _ in nil })
  }

  @Test func aWordThatIsNotAllThereIsNone() throws {
    #expect(try Self.words(TestMemory([0x1000: [1, 2, 3, 4, 5, 6, 7]]), [0x1000]) == [nil])
  }

  @Test func whatWasNotReadIsUnknownAndUntouchedMemoryIsZeros() throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [
        .bytes([1, 0, 0, 0, 0, 0, 0, 0]), .unread(8, .swapped), .bytes([2, 0, 0, 0, 0, 0, 0, 0]), .absent(1 << 30),
      ])
    let words = try Self.words(memory, [0x1010, 0x1000, 0x1008, 0x1018, 0x1000 + (1 << 29)])
    #expect(words == [2, 1, nil, 0, 0])
  }

  @Test func stepsEnd() throws {
    var reader = try PointerReader(TestMemory([:]), steps: 2)
    let steps = [reader.step(), reader.step(), reader.step()]
    #expect(steps == [true, true, false])
  }
}
