import Testing

@testable import MemDump

@Suite struct PieceArrayTests {
  @Test func whatIsAddedIsThere() {
    var array = PieceArray<Int>()
    for number in 0..<10_000 { array.append(number) }
    #expect(array.count == 10_000 && array.indices == 0..<10_000)
    for number in stride(from: 0, to: 10_000, by: 3) { array[number] = -number }
    #expect(array.indices.allSatisfy { array[$0] == ($0 % 3 == 0 ? -$0 : $0) })
    // A copy is one of its own.
    var other = array
    other[4096] = 7
    other.append(8)
    #expect(array[4096] == 4096 && other[4096] == 7 && array.count == 10_000 && other.count == 10_001)
  }
}
