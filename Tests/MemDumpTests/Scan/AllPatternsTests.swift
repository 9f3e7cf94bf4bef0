import MemDumpTestSupport
import Testing

@testable import MemDump

/// One pass for all patterns finds what a pass for each finds, in the order of addresses and then of patterns.
@Suite struct AllPatternsTests {
  /// A table for each pattern, in the order of the list.
  private static var tables: [PatternCases] {
    Patterns.all.compactMap { pattern in PatternCases.all.first { $0.pattern.name == pattern.name } }
  }

  /// Something of each pattern, in a multiple of 4 bytes.
  private static func bytes(using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for table in tables.shuffled(using: &generator) {
      bytes += table.randomBytes(pieceCount: 3, using: &generator) + [UInt8](repeating: 0, count: 3)
      bytes.removeLast(bytes.count % 4)
      // A match, which each table begins with.
      bytes += latin1(table.cases[0].text)
    }
    return bytes + [UInt8](repeating: 0, count: 4 - bytes.count % 4)
  }

  private static func expected(_ memory: PatchyMemory) -> [FoundPlace] {
    let places = memory.runs(zeroCount: 128).flatMap { run in
      tables.enumerated().flatMap { index, table in
        table.places(in: run.bytes, at: run.start).map { FoundPlace(pattern: index, address: $0.address) }
      }
    }
    return places.sorted { ($0.address, $0.pattern) < ($1.address, $1.pattern) }
  }

  @Test(arguments: [1, 2, 3, 8], [1, 7, 64, 4096, 1 << 20]) func onePassIsTheUnionOfAll(threads: Int, chunk: Int) throws
  {
    var generator = SeededGenerator(seed: UInt64(threads * 31 + chunk))
    var found: Set<Int> = []
    for round in 0..<(chunk < 64 ? 3 : 8) {
      let bytes = Self.bytes(using: &generator)
      let start = (16 << 20) - UInt64(bytes.count / 8 * 4)
      let memory = try PatchyMemory(
        start: start,
        [
          .bytes(bytes), .border, .bytes(Self.bytes(using: &generator)), .absent(3000), .unread(8, .swapped),
          .bytes(Self.bytes(using: &generator)), .absent(5 << 20), .bytes(Self.bytes(using: &generator)),
        ], longestRead: round % 2 == 0 ? .max : 31)
      let expected = Self.expected(memory)
      let scan = Scan(patterns: Patterns.all, chunk: chunk, threads: threads)
      #expect(try scan.places(memory) == expected)
      found.formUnion(expected.map(\.pattern))
    }
    #expect(found.count == Patterns.all.count, "each pattern must have found something")
  }

  /// Counted, it does not matter in what order they come.
  @Test(arguments: 1...8) func countingGivesTheSame(threads: Int) throws {
    var generator = SeededGenerator(seed: UInt64(threads))
    let bytes = Self.bytes(using: &generator)
    let memory = try PatchyMemory(start: (16 << 20) - UInt64(bytes.count / 8 * 4), [.bytes(bytes)])
    var tally = Tally()
    let summary = try Scan(patterns: Patterns.all, chunk: 100, threads: threads).count(memory, into: &tally)
    let expected = Self.expected(memory)
    #expect(tally.total == UInt64(expected.count) && summary.findingCount == UInt64(expected.count))
    for index in Patterns.all.indices {
      let count = tally.rows().filter { $0.pattern == index }.reduce(0) { $0 + $1.count }
      #expect(count == UInt64(expected.filter { $0.pattern == index }.count))
    }
  }
}
