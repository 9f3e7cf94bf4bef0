import MemDumpTestSupport
import Testing

@testable import MemDump

/// Threads take blocks; no border of a block may show. Blocks end at multiples of 2 and 16 MiB, so little memory around
/// such an address is enough.
@Suite struct ThreadedScanTests {
  private static let borders: [UInt64] = [2 << 20, 4 << 20, 16 << 20, 64 << 20]

  private static func memory(_ border: UInt64, using generator: inout SeededGenerator) throws -> PatchyMemory {
    let pieces = ["1.2.3.4:80", "255.254.253.252:65535", "1.2.3.4:5.6.7.8:90", "256.1.1.1:1", "1.2.3.4:80.5", ".", ":"]
    func text(_ byteCount: Int) -> [UInt8] {
      var text: [UInt8] = []
      while text.count < byteCount {
        text += Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
        if Int.random(in: 0..<3, using: &generator) > 0 { text.append(0x20) }
      }
      return Array(text[..<byteCount])
    }
    let start = border - 100
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return try PatchyMemory(start: start, [.bytes(text(200))])
    case 1: return try PatchyMemory(start: start, [.bytes(text(90)), .absent(20), .bytes(text(90))])
    case 2: return try PatchyMemory(start: start, [.bytes(text(100)), .border, .bytes(text(100))])
    default:
      return try PatchyMemory(
        start: start, [.bytes(text(95)), .unread(1, .swapped), .bytes(text(10)), .gap(9 << 20), .bytes(text(300))])
    }
  }

  @Test(arguments: borders, [2, 3, 7]) func noBorderOfABlockShows(border: UInt64, threads: Int) throws {
    var generator = SeededGenerator(seed: border &+ UInt64(threads))
    for round in 0..<12 {
      let memory = try Self.memory(border, using: &generator)
      let chunk = [1, 24, 100, 1 << 16][round % 4]
      let scan = Scan(patterns: [IPv4Port()], chunk: chunk, threads: threads)
      let single = Scan(patterns: [IPv4Port()], chunk: chunk)
      var (list, expected) = (FindingRecorder(), FindingRecorder())
      let summary = try scan.run(memory, into: &list)
      let expectedSummary = try single.run(memory, into: &expected)
      #expect(list.findings == expected.findings)
      #expect(list.items == expected.items)
      #expect(summary == expectedSummary)
      var (tally, expectedTally) = (Tally(), Tally())
      let counted = try scan.count(memory, into: &tally)
      _ = try single.count(memory, into: &expectedTally)
      #expect(tally.rows() == expectedTally.rows())
      #expect(tally.total == expectedTally.total)
      #expect(counted == expectedSummary)
    }
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
    let control = ScanControl()
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
    let control = ScanControl()
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
