import MemDumpTestSupport
import Testing

@testable import MemDump

/// On data that zlib made.
@Suite struct InflateTests {
  private static let text = Array(
    String(repeating: "deflate knows texts that repeat, texts that repeat, and texts that do not. ", count: 9).utf8)
  private static let dynamic = bytes(
    "78da4b494dcb492c4955c8cecb2f2f562849ad2801921989250a45a905a989253ad88412f3529085"
      + "53f215f2f24bf41452468d1a358a06460100f9aef54a")
  private static let fixed = bytes(
    "78014b494dcb492c4955c8cecb2f2f562849ad2801921989250a45a905a989253ad88412f3529085"
      + "53f215f2f24bf41452468d1a358a06460100f9aef54a")
  private static let stored = bytes("7801010600f9ff73746f726564093c0292")

  private static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
  }

  @Test func blocksOfEveryKind() {
    #expect(Inflate.bytes(zlib: Self.dynamic, byteCount: Self.text.count) == Self.text)
    #expect(Inflate.bytes(zlib: Self.fixed, byteCount: Self.text.count) == Self.text)
    #expect(Inflate.bytes(zlib: Self.stored, byteCount: 6) == Array("stored".utf8))
  }

  @Test func anotherLengthThanWasToldIsRefused() {
    for data in [Self.dynamic, Self.fixed, Self.stored] {
      for byteCount in [0, 5, 7, Self.text.count - 1, Self.text.count + 1] {
        #expect(Inflate.bytes(zlib: data, byteCount: byteCount) == nil)
      }
    }
  }

  @Test func everyCutAndEveryFlippedBitIsSeen() {
    for data in [Self.dynamic, Self.fixed] {
      for count in data.indices {
        #expect(Inflate.bytes(zlib: Array(data[..<count]), byteCount: Self.text.count) == nil)
      }
      for bit in 0..<data.count * 8 {
        var broken = data
        broken[bit / 8] ^= 1 << UInt8(bit % 8)
        // The level of compression says nothing of the bytes; the sum of the header covers it.
        let found = Inflate.bytes(zlib: broken, byteCount: Self.text.count)
        #expect(found == nil || found == Self.text)
      }
    }
  }
}
