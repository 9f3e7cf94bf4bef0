import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct PointerReaderTests {
  @Test func wordsAreReadWhereTheyAre() throws {
    let memory = try TestMemory([0x1000: Array(0..<16), 0x1f10: Array(0..<24)], longestRead: 3)
    var reader = try PointerReader(memory, steps: 2)
    #expect(try reader.word(at: Address(0x1000)) == 0x0706_0504_0302_0100)
    #expect(try reader.word(at: Address(0x1008)) == 0x0f0e_0d0c_0b0a_0908)
    #expect(try reader.word(at: Address(0x1f20)) == 0x1716_1514_1312_1110)
    for address: UInt64 in [0, 0xff8, 0x1001, 0x1010, 0x1f08, 0x1f28, .max - 7, .max] {
      #expect(try reader.word(at: Address(address)) == nil)
    }
    #expect(try reader.word(at: Address(0x1000)) == 0x0706_0504_0302_0100)
  }

  @Test func aWordThatIsNotAllThereIsNone() throws {
    var reader = try PointerReader(TestMemory([0x1000: [1, 2, 3, 4, 5, 6, 7]]), steps: 1)
    #expect(try reader.word(at: Address(0x1000)) == nil)
  }

  @Test func whatWasNotReadIsUnknownAndUntouchedMemoryIsZeros() throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [.bytes([1, 0, 0, 0, 0, 0, 0, 0]), .unread(8, .swapped), .bytes([2, 0, 0, 0, 0, 0, 0, 0]), .absent(1 << 30)])
    var reader = try PointerReader(memory, steps: 1)
    #expect(try reader.word(at: Address(0x1010)) == 2)
    #expect(try reader.word(at: Address(0x1000)) == 1)
    #expect(try reader.word(at: Address(0x1008)) == nil)
    #expect(try reader.word(at: Address(0x1018)) == 0)
    #expect(try reader.word(at: Address(0x1000 + (1 << 29))) == 0)
  }

  @Test func stepsEnd() throws {
    var reader = try PointerReader(TestMemory([:]), steps: 2)
    #expect(reader.step())
    #expect(reader.step())
    #expect(!reader.step())
  }
}
