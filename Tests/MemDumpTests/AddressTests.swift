import MemDump
import Testing

@Suite struct AddressTests {
  @Test func writesItselfInHexadecimal() { #expect(Address(0x7f00).description == "0x7f00") }

  @Test func sumsStopAtTheEndsOfMemory() {
    #expect(Address(.max) + 1 == Address(.max))
    #expect(Address(1) - 2 == Address(0))
    #expect(Address(5) - Address(7) == 0)
  }
}
