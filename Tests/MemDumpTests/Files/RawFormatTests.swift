import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct RawFormatTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func writing(_ source: any MemorySource, _ range: Range<Address>) -> DumpWriting {
    let image = ProcessImage(regions: source.regions, contents: [range], facts: ProcessFacts(), threads: [])
    return DumpWriting(
      layout: RawFormat.layout(image), contents: [range], source: GatheredMemory(source), digest: nil,
      control: WorkControl())
  }

  private func write(_ source: any MemorySource, _ range: Range<Address>) throws -> DumpCopy.Result {
    let output = try OutputFile(directory["dump"], replacing: false, needed: 0)
    let layout = writing(source, range).layout
    try output.setByteCount(layout.byteCount)
    let writer = SparseFileWriter(output.file, path: output.path)
    let result = try DumpCopy(layout, of: GatheredMemory(source), control: WorkControl()).run([writer])
    try output.commit()
    return result
  }

  private func stream(_ source: any MemorySource, _ range: Range<Address>) throws -> ([UInt8], DumpCopy.Result) {
    let path = try directory.write("stream", [])
    let file = try FileDescriptor.open(path, .writeOnly)
    defer { try? file.close() }
    let result = try writing(source, range).write(to: file, path: path)
    return (try directory.read("stream"), result.copied)
  }

  private static func hole(_ start: UInt64, _ end: UInt64, _ reason: String, _ errno: Int? = nil) -> Manifest.Hole {
    Manifest.Hole(range: Range(start, end), reason: reason, errno: errno)
  }

  @Test func byteNIsTheByteAtBasePlusN() throws {
    let memory = try TestMemory([0x1000: Array("hello, ".utf8), 0x1007: Array("world".utf8)], longestRead: 3)
    let result = try write(memory, Range(0x1002, 0x100a))
    #expect(try directory.read("dump") == Array("llo, wor".utf8))
    #expect(result.byteCount == 8)
    #expect(result.holes.isEmpty)
  }

  @Test func whatIsNotThereIsAHoleWithItsReason() throws {
    let memory = try PatchyMemory(
      start: 0x1000,
      [
        .bytes([1, 2]), .absent(3), .bytes([3]), .unread(2, .swapped), .unread(2, .failed(.badAddress)),
        .unread(1, .device), .border, .unread(1, .device), .bytes([4]), .unread(2, .notResident),
        .unread(2, .behindEndOfFile), .unread(2, .notInFile), .bytes([5]),
      ])
    let range =
      try #require(memory.regions.first).range.lowerBound..<(try #require(memory.regions.last).range.upperBound)
    let holes = [
      Self.hole(0x1002, 0x1005, "untouched"), Self.hole(0x1006, 0x1008, "swapped"),
      Self.hole(0x1008, 0x100a, "unreadable", 14), Self.hole(0x100a, 0x100c, "device"),
      Self.hole(0x100d, 0x100f, "not-resident"), Self.hole(0x100f, 0x1011, "behind-end-of-file"),
      Self.hole(0x1011, 0x1013, "not-in-file"),
    ]
    let bytes: [UInt8] = [1, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 5]
    let result = try write(memory, range)
    #expect(try directory.read("dump") == bytes)
    #expect(result.holes == holes)
    #expect(result.byteCount == 5)
    let (streamed, streamResult) = try stream(memory, range)
    #expect(streamed == bytes)
    #expect(streamResult.holes == holes)
    #expect(streamResult.byteCount == 5)
  }

  @Test func aHugeHoleTakesNoRoom() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1]), .absent(1 << 36), .bytes([2])])
    let result = try write(memory, Range(start: Address(0x1000), byteCount: 2 + 1 << 36))
    #expect(result.holes == [Self.hole(0x1001, 0x1001 + 1 << 36, "untouched")])
    #expect(try Syscall.attributes(directory["dump"]).byteCount == 2 + 1 << 36)
    #expect(try directory.byteCountOnDisk("dump") < 1 << 20)
    #expect(memory.readCount <= 4, "to look and to copy, on either side")
  }

  /// A hole at the end makes the file as long as the range, in a stream too.
  @Test func aHoleAtTheEndCounts() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1]), .absent(9)])
    _ = try write(memory, Range(0x1000, 0x100a))
    #expect(try directory.read("dump").count == 10)
    #expect(try stream(memory, Range(0x1000, 0x100a)).0.count == 10)
  }

  @Test func nothingOutsideOfTheRangeIsWritten() throws {
    let memory = try PatchyMemory(start: 0x1000, [.absent(100), .bytes(Array(1...50)), .unread(100, .swapped)])
    let result = try write(memory, Range(0x1032, 0x10a0))
    #expect(
      try directory.read("dump") == [UInt8](repeating: 0, count: 50) + Array(1...50) + [UInt8](repeating: 0, count: 10))
    #expect(
      result.holes == [Self.hole(0x1032, 0x1064, "untouched"), Self.hole(0x1096, 0x10a0, "swapped")])
  }

  /// What was mapped when the range was chosen and is not now.
  @Test func memoryThatIsGoneIsAnUnreadableHole() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1, 2]), .gap(0x100), .bytes([3])])
    let result = try write(memory, Range(0x1000, 0x1200))
    #expect(
      result.holes == [
        Self.hole(0x1002, 0x1102, "unreadable", 14), Self.hole(0x1103, 0x1200, "unreadable", 14),
      ])
    #expect(try directory.read("dump").count == 0x200)
    #expect(try directory.read("dump")[0x102] == 3)
  }

  @Test(arguments: 1...10) func whateverTheMemoryIsTheFileHoldsWhatAReaderSees(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let stretches: [PatchyMemory.Stretch] = (0..<20).map { _ in
      let length = UInt64.random(in: 1...3000, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: return .absent(length)
      case 1: return .unread(length, .swapped)
      default: return .bytes((0..<length).map { _ in UInt8.random(in: 1...255, using: &generator) })
      }
    }
    let memory = try PatchyMemory(start: 0x1000, stretches, longestRead: seed % 2 == 0 ? 777 : .max)
    let range = try #require(memory.regions.first).range
    let result = try write(memory, range)
    var expected: [UInt8] = []
    for stretch in memory.stretches {
      if case .bytes(let bytes) = stretch.content {
        expected += bytes
      } else {
        expected += repeatElement(0, count: Int(stretch.range.byteCount))
      }
    }
    let isSame = try directory.read("dump") == expected
    #expect(isSame)
    #expect(result.byteCount + result.holes.reduce(0) { $0 + $1.range.byteCount } == range.byteCount)
    #expect(zip(result.holes, result.holes.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
  }
}
