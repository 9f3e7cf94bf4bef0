import MemDumpTestSupport
import Testing

@testable import MemDump

/// Records as the kernel writes them, built by hand (perf_event_open(2)).
enum RecordBytes {
  /// A record of a type with its contents.
  static func record(_ type: UInt32, _ content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: type)
    bytes.append(number: UInt16(0))
    bytes.append(number: UInt16(8 + content.count))
    return bytes + content
  }

  /// A sample; `room` and `used` are what the record says of its stack.
  static func sample(
    thread: Int32 = 7, instant: UInt64 = 1000, address: UInt64 = 0x40_1000, abi: UInt64 = 2,
    registers: [UInt64] = Array(100..<117), stack: [UInt8] = Array(1...16), room: UInt64? = nil, used: UInt64? = nil
  ) -> [UInt8] {
    var content: [UInt8] = []
    content.append(number: Int32(3))
    content.append(number: thread)
    for number in [instant, address, abi] + registers + [room ?? UInt64(stack.count)] { content.append(number: number) }
    content += stack
    if !stack.isEmpty { content.append(number: used ?? UInt64(stack.count)) }
    return record(9, content)
  }

  static func lost(_ count: UInt64, until instant: UInt64) -> [UInt8] {
    var content: [UInt8] = []
    for number: UInt64 in [1, count, 7 << 32 | 3, instant] { content.append(number: number) }
    return record(2, content)
  }
}

@Suite struct PerfRecordTests {
  @Test func samplesAndLossesAreRead() throws {
    let bytes =
      RecordBytes.sample(used: 8) + RecordBytes.record(5, Array(repeating: 0, count: 8))
      + RecordBytes.lost(3, until: 2000)
    let (records, byteCount) = PerfRecord.parse(bytes)
    #expect(byteCount == bytes.count && records.count == 3)
    guard case .sample(let sample) = records[0] else { return #expect(Bool(false), "no sample") }
    #expect(sample.thread == 7 && sample.instant == 1000 && sample.address == Address(0x40_1000))
    #expect(sample.stack == Array(1...8))
    // ax, bx, cx, dx, si, di, bp, sp, ip and r8 to r15 of the kernel's order, by the numbers of DWARF.
    #expect(sample.registers == [100, 103, 102, 101, 104, 105, 106, 107] + Array(109...116) + [108])
    #expect(sample.returned == 100 && sample.arguments == [105, 104, 103])
    #expect(records[1] == .other && records[2] == .lost(3, until: 2000))
  }

  @Test func registersOfANarrowProgramAndNoneAreNone() throws {
    for bytes in [RecordBytes.sample(abi: 1), RecordBytes.sample(abi: 0, registers: [], stack: [])] {
      guard case .sample(let sample)? = PerfRecord.parse(bytes).records.first else {
        return #expect(Bool(false), "no sample")
      }
      #expect(sample.registers.isEmpty && sample.returned == nil && sample.arguments.isEmpty)
    }
  }

  @Test(arguments: [
    RecordBytes.sample(room: 1 << 40), RecordBytes.sample(room: .max), RecordBytes.sample(room: 17),
    RecordBytes.sample(registers: [1, 2]), RecordBytes.record(9, []), RecordBytes.record(2, [1, 2, 3]),
    RecordBytes.record(9, Array(repeating: 0xff, count: 40)),
  ]) func whatIsNoRecordOfTheFormEndsTheReading(bytes: [UInt8]) {
    let good = RecordBytes.sample()
    let (records, byteCount) = PerfRecord.parse(good + bytes + good)
    #expect(records.count == 1 && byteCount == good.count)
  }

  @Test func aSizeThatLeadsNowhereEndsTheReading() {
    for size in [UInt16(0), 7, 0xffff] {
      var bytes: [UInt8] = []
      bytes.append(number: UInt32(9))
      bytes.append(number: UInt16(0))
      bytes.append(number: size)
      #expect(PerfRecord.parse(bytes).byteCount == 0)
      #expect(PerfRecord.sampleCount(bytes, from: 0) == (0, 0))
    }
  }

  @Test func moreStackThanThereIsRoomForIsNotRead() {
    guard case .sample(let sample)? = PerfRecord.parse(RecordBytes.sample(used: .max)).records.first else {
      return #expect(Bool(false), "no sample")
    }
    #expect(sample.stack == Array(1...16))
  }

  @Test func samplesAreCountedAsTheyCome() {
    let one = RecordBytes.sample()
    let all = one + RecordBytes.lost(1, until: 5) + one
    #expect(PerfRecord.sampleCount(all, from: 0) == (2, all.count))
    #expect(PerfRecord.sampleCount(all + one.dropLast(), from: one.count) == (1, all.count))
  }

  @Test func cutAndBentRecordsHaveAnAnswer() {
    let all = RecordBytes.sample() + RecordBytes.lost(1, until: 5) + RecordBytes.sample(stack: Array(1...64))
    for count in 0...all.count { #expect(PerfRecord.parse(Array(all.prefix(count))).byteCount <= count) }
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      var bent = all
      for _ in 0..<3 {
        bent[Int.random(in: 0..<bent.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let (records, byteCount) = PerfRecord.parse(bent)
      #expect(byteCount <= bent.count && records.count <= 3)
    }
  }
}

@Suite struct EventSliceTests {
  private static func slice(_ records: [[UInt8]], limit: Int = 100) -> EventSlice {
    EventSlice(records.map { PerfRecord.parse($0).records }, armed: (first: 5, all: 10, end: 1000), limit: limit)
  }

  @Test func theWindowIsFromTheLastThreadArmedToTheEnd() {
    let slice = Self.slice([RecordBytes.sample(instant: 20), RecordBytes.sample(thread: 8, instant: 15)])
    #expect(slice.window == 10..<1000 && slice.armedTime == 995)
    #expect(slice.samples.map(\.thread) == [8, 7] && !slice.isCapped)
  }

  /// Of one place of one thread; the same of two threads, or two places, is no cap.
  @Test func theFirstCapReachedEndsTheWindow() {
    let capped = RecordBytes.sample(instant: 20) + RecordBytes.sample(instant: 30)
    let slice = Self.slice([capped, RecordBytes.sample(thread: 8, instant: 900)], limit: 2)
    #expect(slice.window == 10..<30 && slice.isCapped)
    let apart = RecordBytes.sample(instant: 20) + RecordBytes.sample(instant: 30, address: 8)
    #expect(Self.slice([apart, RecordBytes.sample(thread: 8, instant: 25)], limit: 2).window == 10..<1000)
  }

  /// Nobody knows when it was, only after what.
  @Test func aLossEndsTheWindowWhereTheRecordBeforeItCame() {
    let bytes = RecordBytes.sample(instant: 20) + RecordBytes.lost(4, until: 500) + RecordBytes.sample(instant: 600)
    let slice = Self.slice([bytes])
    #expect(slice.window == 10..<20 && slice.lostCount == 4)
    #expect(Self.slice([RecordBytes.lost(1, until: 500)]).window.isEmpty)
  }
}
