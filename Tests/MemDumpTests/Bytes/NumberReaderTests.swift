import Testing

@testable import MemDump

@Suite struct NumberReaderTests {
  private static func reader(_ bytes: [UInt8]) -> NumberReader { NumberReader(bytes, at: 0x1000) }

  /// The examples of DWARF 5, 7.6.
  @Test(
    arguments: [
      ([2], 2), ([127], 127), ([0x80, 1], 128), ([0x81, 1], 129), ([0xb9, 0x64], 12857),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], .max),
      ([0x80], nil), ([], nil), ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], nil),
      ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0], nil),
    ] as [([UInt8], UInt64?)])
  func unsigned(bytes: [UInt8], value: UInt64?) {
    var reader = Self.reader(bytes)
    #expect(reader.unsigned() == value)
  }

  @Test(
    arguments: [
      ([2], 2), ([0x7e], -2), ([0xff, 0], 127), ([0x81, 0x7f], -127), ([0x80, 1], 128), ([0x80, 0x7f], -128),
      ([0xff, 0x7e], -129), ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], .min), ([0xff], nil),
    ] as [([UInt8], Int64?)])
  func signed(bytes: [UInt8], value: Int64?) {
    var reader = Self.reader(bytes)
    #expect(reader.signed() == value)
  }

  @Test(
    arguments: [
      (0x1b, [0xf0, 0xff, 0xff, 0xff], 0xff0), (0x3b, [0x10, 0, 0, 0], 0x8010), (0x03, [1, 0, 0, 0x80], 0x8000_0001),
      (0x0b, [0xff, 0xff, 0xff, 0xff], .max), (0x00, [1, 2, 3, 4, 5, 6, 7, 8], 0x0807_0605_0403_0201),
      (0x0a, [0xfe, 0xff], .max - 1), (0x09, [0x7f], .max), (0x1b, [1, 2, 3], nil), (0x9b, [0, 0, 0, 0], nil),
      (0x50, [0, 0, 0, 0, 0, 0, 0, 0], nil), (0xff, [0, 0, 0, 0, 0, 0, 0, 0], nil), (0x05, [0, 0, 0, 0], nil),
    ] as [(UInt8, [UInt8], UInt64?)])
  func pointers(encoding: UInt8, bytes: [UInt8], value: UInt64?) {
    var reader = Self.reader(bytes)
    #expect(reader.pointer(encoding, base: 0x8000) == value)
  }

  @Test func blocksAndTextsEndInTheBytes() {
    var reader = Self.reader([2, 7, 8, 0x7a, 0, 3, 1])
    #expect(reader.block() == [7, 8])
    #expect(reader.text() == [0x7a])
    #expect(reader.address == 0x1005)
    #expect(reader.block() == nil)
    #expect(!reader.skip(9) && reader.skip(1) && reader.isAtEnd)
    #expect(reader.text() == nil)
  }
}
