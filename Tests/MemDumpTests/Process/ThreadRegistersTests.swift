import Testing

@testable import MemDump

@Suite struct ThreadRegistersTests {
  private static func record(_ thread: Int32, signal: Int32 = 0, _ notes: [(UInt32, [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in [thread, signal, Int32(notes.count), 0] { bytes.append(number: number) }
    for (type, content) in notes {
      for number in [type, UInt32(content.count)] { bytes.append(number: number) }
      bytes += content + [UInt8](repeating: 0, count: (8 - content.count % 8) % 8)
    }
    return bytes
  }

  private static let process = ProcessID(rawValue: 20) ?? Syscall.ownProcess

  @Test func theMainThreadIsTheFirst() {
    let records =
      Self.record(31, signal: 11, [(1, [1, 2, 3]), (0x202, [])]) + Self.record(9, []) + Self.record(20, [(1, [4])])
    let threads = ThreadRegisters.parse(records: records, of: Self.process)
    #expect(threads.map(\.thread.rawValue) == [20, 9, 31])
    #expect(threads.map(\.signal) == [0, 0, 11])
    #expect(threads[2].notes == [.init(type: 1, bytes: [1, 2, 3]), .init(type: 0x202, bytes: [])])
    #expect(threads[1].notes.isEmpty)
  }

  @Test func aCutRecordIsNone() {
    let records = Self.record(20, [(1, [1, 2, 3])]) + Self.record(21, [(1, [UInt8](repeating: 1, count: 40))])
    for length in 0..<records.count {
      let threads = ThreadRegisters.parse(records: Array(records[..<length]), of: Self.process)
      #expect(threads.count == (length < 27 ? 0 : 1), "\(length) bytes")
    }
    #expect(ThreadRegisters.parse(records: records, of: Self.process).count == 2)
    var huge = records
    huge.replaceSubrange(20..<24, with: [255, 255, 255, 255])
    #expect(ThreadRegisters.parse(records: huge, of: Self.process).isEmpty)
  }
}
