import Testing

@testable import MemDump

@Suite struct FrameExpressionTests {
  /// The value of an expression where register N is N × 256, and a word of memory its own address plus 1.
  private static func value(_ bytes: [UInt8], initial: UInt64? = nil) -> UInt64? {
    FrameExpression.value(bytes, initial: initial, bias: 0x1000) {
      $0 < 17 ? $0 * 256 : nil
    } memory: { address, count in
      address < 1 << 40 ? (address &+ 1) & (count == 8 ? .max : 1 << UInt64(count * 8) - 1) : nil
    }
  }

  @Test(
    arguments: [
      ([0x30], 0), ([0x4f], 31), ([0x08, 0xff], 255), ([0x09, 0xff], .max),
      ([0x0b, 0, 0x80], UInt64(bitPattern: -32768)),
      ([0x10, 0x80, 1], 128), ([0x11, 0x7f], .max), ([0x0e, 1, 0, 0, 0, 0, 0, 0, 0x80], 1 << 63 | 1),
      // Registers 7 and 16 with offsets, and one by its number.
      ([0x77, 8], 7 * 256 + 8), ([0x80, 0], 4096), ([0x92, 6, 0x78], 6 * 256 - 8),
      ([0x77, 0, 0x06], 7 * 256 + 1), ([0x08, 0xff, 0x94, 1], 0), ([0x03, 1, 0, 0, 0, 0, 0, 0, 0], 0x1001),
      // Arithmetic.
      ([0x35, 0x33, 0x1c], 2), ([0x33, 0x35, 0x1c], UInt64(bitPattern: -2)), ([0x37, 0x32, 0x1b], 3),
      ([0x09, 0xf9, 0x32, 0x1b], UInt64(bitPattern: -3)), ([0x37, 0x32, 0x1d], 1), ([0x37, 0x33, 0x1e], 21),
      ([0x33, 0x1f], UInt64(bitPattern: -3)), ([0x09, 0xfd, 0x19], 3), ([0x30, 0x20], .max), ([0x33, 0x35, 0x27], 6),
      ([0x33, 0x24 - 0x24 + 0x34, 0x24], 48), ([0x09, 0xff, 0x31, 0x25], .max >> 1), ([0x09, 0xfe, 0x31, 0x26], .max),
      ([0x33, 0x23, 0x90, 1], 147), ([0x33, 0x33, 0x29], 1), ([0x09, 0xff, 0x30, 0x2d], 1),
      ([0x09, 0xff, 0x30, 0x2a], 0),
      // The stack.
      ([0x31, 0x32, 0x16, 0x1c], 1), ([0x31, 0x32, 0x33, 0x17], 2), ([0x31, 0x32, 0x14], 1),
      ([0x31, 0x32, 0x33, 0x15, 2], 1),
      ([0x31, 0x12, 0x22], 2), ([0x31, 0x32, 0x13], 1),
      // Jumps: over a constant, and one that is not made.
      ([0x31, 0x2f, 1, 0, 0x32], 1), ([0x35, 0x30, 0x28, 1, 0, 0x36], 6), ([0x35, 0x31, 0x28, 1, 0, 0x36], 5),
      // What is not known, not there, not written here, or never ends.
      ([], nil), ([0x22], nil), ([0x31, 0x30, 0x1b], nil), ([0x31, 0x30, 0x1d], nil), ([0xf0], nil), ([0x08], nil),
      ([0x91], nil), ([0x8f, 0], nil), ([0x31, 0x2f, 0xfd, 0xff], nil), ([0x31, 0x2f, 0xf0, 0xff], nil),
      ([0x31, 0x12, 0x2f, 0xfc, 0xff], nil), ([0x0e, 0, 0, 0, 0, 0, 1, 0, 0, 0x06], nil), ([0x31, 0x94, 9], nil),
    ] as [([UInt8], UInt64?)])
  func values(bytes: [UInt8], value: UInt64?) {
    #expect(Self.value(bytes) == value)
  }

  @Test func theFrameAddressLiesOnTheStackAtFirst() {
    #expect(Self.value([0x34, 0x1c], initial: 100) == 96)
    #expect(Self.value([], initial: 100) == 100)
  }

  /// How a linker tells of its table of jumps (.plt): rsp + 8, and 8 more from byte 11 of an entry on.
  @Test func theTableOfJumps() {
    let bytes: [UInt8] = [0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]
    for (place, more) in [(0, 0), (10, 0), (11, 8), (15, 8)] as [(UInt64, UInt64)] {
      let value = FrameExpression.value(bytes, bias: 0) {
        $0 == 7 ? 1000 : 0x4000 + place
      } memory: { _, _ in
        nil
      }
      #expect(value == 1008 + more)
    }
  }
}
