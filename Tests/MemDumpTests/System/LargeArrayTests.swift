import Testing

@testable import MemDump

@Suite struct LargeArrayTests {
  @Test func elementsAreWhatWasPut() throws {
    var array = try LargeArray<UInt32>(capacity: 3 << 20)
    #expect(array.count == 0 && array.indices.isEmpty && array.capacity == 3 << 20)
    for number in 0..<3 << 20 as Range<UInt32> { array.append(number) }
    array[7] += 1
    #expect((array[6], array[7], array[3 << 20 - 1], array.count) == (6, 8, 3 << 20 - 1, 3 << 20))
    array.removeAll(from: 2)
    array.append(5)
    #expect((array[0], array[1], array[2], array.count) == (0, 1, 5, 3))
  }

  @Test func allElementsAreEqualAtFirst() throws {
    let array = try LargeArray<Int16>(repeating: -1, count: 5000)
    let sum = array.indices.reduce(0) { $0 + Int(array[$1]) }
    #expect(array.count == 5000 && sum == -5000)
    let none = try LargeArray<Int16>(repeating: -1, count: 0)
    #expect(none.count == 0)
  }

  /// Memory that there is not is an error, and no trap.
  @Test func whatThereIsNoRoomForIsTold() {
    #expect(throws: MemDumpError.self) { _ = try LargeArray<UInt64>.ofOurs(.max).count }
    #expect(throws: MemDumpError.self) { _ = try LargeArray<UInt64>.ofOurs(1 << 58).count }
  }
}
