import MemDumpTestSupport
import Testing

@testable import MemDump

/// Threads take blocks; no border of a block may show. Blocks end at multiples of 2 and 16 MiB, so little memory around
/// such an address is enough.
@Suite struct ThreadedScanTests {
  /// A block of a scan in order ends at each of them, and one of a scan that counts at the last two.
  private static let borders: [UInt64] = [2 << 20, 4 << 20, 16 << 20, 64 << 20]

  /// Bytes on both sides of a border of blocks, in one of the shapes that memory has there.
  private static func memory(
    _ table: PatternCases, _ border: UInt64, using generator: inout SeededGenerator
  ) throws -> PatchyMemory {
    func bytes() -> [UInt8] { table.randomBytes(pieceCount: 6, using: &generator) }
    let (before, behind) = (bytes(), bytes())
    let start = border - UInt64(before.count)
    // A few bytes off, so that any byte of a match comes to lie on the border.
    let moved = start + UInt64.random(in: 0..<16, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: return try PatchyMemory(start: moved, [.bytes(before + behind)])
    case 1: return try PatchyMemory(start: moved, [.bytes(before), .absent(20), .bytes(behind)])
    case 2: return try PatchyMemory(start: start, [.bytes(before), .border, .bytes(behind)])
    case 3: return try PatchyMemory(start: moved, [.bytes(before), .unread(1, .swapped), .bytes(behind)])
    default:
      return try PatchyMemory(
        start: start, [.bytes(before), .gap(9 << 20), .bytes(behind), .absent(99 << 20), .bytes(bytes())])
    }
  }

  @Test(arguments: PatternCases.all) func noBorderOfABlockShows(table: PatternCases) throws {
    var generator = SeededGenerator(seed: 5)
    var count = 0
    for round in 0..<24 {
      let memory = try Self.memory(table, Self.borders[round % 3], using: &generator)
      let chunk = [1, 24, 100, 1 << 16][round % 4]
      let scan = Scan(patterns: [table.pattern], chunk: chunk, threads: 1 + round % 8)
      let single = Scan(patterns: [table.pattern], chunk: 1 << 20)
      let expected = memory.runs(zeroCount: 128).flatMap { table.places(in: $0.bytes, at: $0.start) }
      var (list, alone) = (FindingRecorder(), FindingRecorder())
      let summary = try scan.run(memory, into: &list)
      let expectedSummary = try single.run(memory, into: &alone)
      #expect(
        list.findings.map(\.address.rawValue) == expected.map(\.address), "chunk \(chunk), threads \(scan.threads)")
      #expect(list.findings == alone.findings)
      #expect(list.items == alone.items)
      #expect(summary == expectedSummary)
      var (tally, expectedTally) = (Tally(), Tally())
      let counted = try scan.count(memory, into: &tally)
      _ = try single.count(memory, into: &expectedTally)
      #expect(tally.rows() == expectedTally.rows())
      #expect(tally.total == expectedTally.total)
      #expect(counted == expectedSummary)
      count += expected.count
    }
    #expect(count >= 50)
  }

  @Test func moreBlocksThanThreadsComeInOrder() throws {
    let pieces = (1...40).map { (UInt64($0) * (2 << 20) - 5, Array("1.1.1.1:\($0)".utf8)) }
    let memory = try TestMemory(Dictionary(uniqueKeysWithValues: pieces))
    let items = try Scan(patterns: [IPv4Port()], threads: 3).items(memory)
    #expect(items.map(\.text) == (1...40).map { "1.1.1.1:\($0)" })
  }

  @Test(arguments: [1, 3]) func theSinkMayEndIt(threads: Int) throws {
    let pieces = (1...40).map { (UInt64($0) * (4 << 20), Array("1.1.1.1:\($0)".utf8)) }
    let memory = try TestMemory(Dictionary(uniqueKeysWithValues: pieces))
    var list = FindingRecorder(limit: 2)
    let summary = try Scan(patterns: [IPv4Port()], threads: threads).run(memory, into: &list)
    #expect(list.items.map(\.text) == ["1.1.1.1:1", "1.1.1.1:2"])
    #expect(summary.isPartial)
  }

  @Test(arguments: [1, 3]) func itEndsWhenItIsTold(threads: Int) throws {
    let pieces = (1...40).map { (UInt64($0) * (64 << 20), Array("1.1.1.1:\($0)".utf8)) }
    let memory = try TestMemory(Dictionary(uniqueKeysWithValues: pieces))
    let control = WorkControl()
    control.stop()
    var (list, tally) = (FindingRecorder(), Tally())
    let scan = Scan(patterns: [IPv4Port()], threads: threads)
    #expect(try scan.run(memory, into: &list, control: control).isPartial)
    #expect(try scan.count(memory, into: &tally, control: control).isPartial)
    #expect(list.items.count <= threads && tally.total <= threads, "a window each at most")
  }

  @Test(arguments: [1, 3]) func tellsHowFarItIs(threads: Int) throws {
    let memory = try PatchyMemory(
      start: 0x1000, [.bytes([1, 2, 3]), .gap(64 << 20), .bytes([4]), .unread(5, .swapped)])
    let control = WorkControl()
    var tally = Tally()
    _ = try Scan(patterns: [IPv4Port()], threads: threads).count(memory, into: &tally, control: control)
    #expect(control.byteCount == 4)
  }

  /// A failure of one thread is the failure of the scan.
  @Test(arguments: [1, 3]) func aSourceThatEndsIsAnError(threads: Int) throws {
    let memory = EndingMemory()
    var (list, tally) = (FindingRecorder(), Tally())
    let scan = Scan(patterns: [IPv4Port()], threads: threads)
    #expect(throws: MemDumpError.self) { try scan.run(memory, into: &list) }
    #expect(throws: MemDumpError.self) { try scan.count(memory, into: &tally) }
  }
}

/// A process that exits while it is read.
private final class EndingMemory: MemorySource {
  let regions: [MemoryRegion] =
    (try? MapsParser.parse(Array("1000-8000000 rw-p 0 0:0 0\n".utf8))) ?? []
  let hasAddresses = true

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard address < Address(0x4000000) else { throw MemDumpError(.terminalOutput) }
    return [MemoryRun(.absent, min(0x8000000 - address.rawValue, 0x4000000 - address.rawValue))]
  }
}
