import Testing

@testable import MemDump

@Suite struct AddressTests {
  @Test func writesItselfInHexadecimal() {
    #expect(Address(0x7f00).description == "0x7f00")
    #expect(Address(0).description == "0x0")
    #expect(Address(.max).description == "0xffffffffffffffff")
  }

  @Test func sumsStopAtTheEndsOfMemory() {
    #expect(Address(.max) + 1 == Address(.max))
    #expect(Address(.max - 1) + 1 == Address(.max))
    #expect(Address(1) - 2 == Address(0))
    #expect(Address(5) - Address(7) == 0)
    #expect(Address(7) - Address(5) == 2)
  }

  @Test func findsThePageItIsOn() {
    #expect(Address(pageSize + 5).pageStart == Address(pageSize))
    #expect(Address(pageSize + 5).pageEnd == Address(2 * pageSize))
    #expect(Address(pageSize).pageStart == Address(pageSize))
    #expect(Address(pageSize).pageEnd == Address(pageSize))
    #expect(Address(0).pageEnd == Address(0))
    #expect(Address(.max).pageStart == Address(.max - pageSize + 1))
  }

  @Test func rangesStopAtTheEndOfMemory() {
    #expect(Range(start: Address(0x1000), byteCount: 16) == Range(0x1000, 0x1010))
    #expect(Range(start: Address(.max - 3), byteCount: 16).byteCount == 3)
    #expect(Range(start: Address(.max), byteCount: 16).isEmpty)
  }

  @Test func rangesThatOverlapOrTouchAreOne() {
    #expect([Range<Address>]().union() == [])
    #expect([Range(5, 7), Range(1, 3)].union() == [Range(1, 3), Range(5, 7)])
    #expect([Range(1, 3), Range(3, 5)].union() == [Range(1, 5)])
    #expect([Range(1, 9), Range(2, 3), Range(8, 12), Range(20, 21)].union() == [Range(1, 12), Range(20, 21)])
    #expect([Range(1, 3), Range(1, 3)].union() == [Range(1, 3)])
  }
}
