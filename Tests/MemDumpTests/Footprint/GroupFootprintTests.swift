import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct UseMapTests {
  @Test func whatWasClaimedFirstStays() {
    var uses = UseMap()
    let (heap, stack) = (FootprintUse(.heap), FootprintUse(.stack))
    uses.claim([Address(0x3000)..<Address(0x5000), Address(0x9100)..<Address(0x9200)], for: heap)
    uses.claim([Address(0x1000)..<Address(0xa000)], for: stack)
    #expect(
      uses.stretches.map { "\($0.range.lowerBound) \($0.content.category.name)" } == [
        "0x1000 stack", "0x3000 heap", "0x5000 stack", "0x9000 heap",
      ])
    #expect(zip(uses.stretches, uses.stretches.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
  }
}
