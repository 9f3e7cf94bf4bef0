import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// The whole scan against the slow references: no boundary may show.
@Suite struct ReferenceScanTests {
  private static let chunks = [1, 2, 3, 7, 24, 25, 4096, 1 << 20]
  private static let longestReads = [1, 2, 5, 23, .max]

  /// Any text of the bytes that matter.
  @Test(arguments: PatternCases.all) func randomTextsGiveWhatTheReferenceGives(table: PatternCases) {
    var generator = SeededGenerator(seed: 1)
    let all = table.alphabet
    for _ in 0..<200 {
      let few = (0..<Int.random(in: 2...7, using: &generator)).map { _ in
        all[Int.random(in: all.indices, using: &generator)]
      }
      let bytes = (0..<Int.random(in: 0...150, using: &generator)).map { _ in
        few[Int.random(in: few.indices, using: &generator)]
      }
      let base = UInt64.random(in: 0..<64, using: &generator)
      let expected = table.reference.matches(in: bytes, at: base)
      #expect(table.pattern.places(in: bytes, at: base) == expected, "\(bytes.latin1.debugDescription)")
    }
  }

  @Test(arguments: PatternCases.all) func randomPiecesGiveWhatTheReferenceGives(table: PatternCases) throws {
    var generator = SeededGenerator(seed: 2)
    var count = 0
    for _ in 0..<150 {
      let bytes = table.randomBytes(pieceCount: Int.random(in: 0...20, using: &generator), using: &generator)
      let base = UInt64.random(in: 0..<64, using: &generator)
      let expected = table.reference.matches(in: bytes, at: base)
      for capacity in [1, 3, 4096] {
        #expect(
          table.pattern.places(in: bytes, at: base, capacity: capacity) == expected, "\(bytes.latin1.debugDescription)")
      }
      count += expected.count
    }
    #expect(count > 100, "the pieces must make matches, or this compares nothing with nothing")
  }

  /// The same bytes, cut into regions next to each other at any place, read in chunks and gulps of any size.
  @Test(arguments: PatternCases.all) func noBorderShows(table: PatternCases) throws {
    var generator = SeededGenerator(seed: 3)
    for chunk in Self.chunks {
      for longestRead in Self.longestReads {
        let bytes = table.randomBytes(pieceCount: 30, using: &generator)
        let memory = try TestMemory(Self.cut(bytes, at: 0x7fff_f000, using: &generator), longestRead: longestRead)
        let expected = table.places(in: bytes, at: 0x7fff_f000)
        #expect(!expected.isEmpty)
        let places = try Scan(patterns: [table.pattern], chunk: chunk).places(memory)
        #expect(places == expected, "chunk \(chunk), reads of \(longestRead): \(bytes.latin1.debugDescription)")
      }
    }
  }

  private static func cut(
    _ bytes: [UInt8], at start: UInt64, using generator: inout SeededGenerator
  ) -> [UInt64: [UInt8]] {
    var pieces: [UInt64: [UInt8]] = [:]
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + Int.random(in: 1...60, using: &generator))
      pieces[start + UInt64(place)] = Array(bytes[place..<end])
      place = end
    }
    return pieces
  }

  /// The longest match of each table, with a border at each of its bytes: of chunks, of regions, and of what is mapped.
  @Test(arguments: PatternCases.all) func aMatchMayStraddleABorderAtAnyByte(table: PatternCases) throws {
    let matches = table.cases.map { latin1($0.text) }.flatMap { bytes in
      table.reference.matches(in: bytes).map { bytes[$0] }
    }
    for match in [matches.min { $0.count < $1.count }, matches.max { $0.count < $1.count }] {
      let bytes = Array(try #require(match)) + [0]
      let expected = table.places(in: bytes, at: 0x1000)
      #expect(expected.count == 1)
      for border in stride(from: 1, to: bytes.count, by: bytes.count / 100 + 1) {
        let chunked = Scan(patterns: [table.pattern], chunk: border)
        #expect(try chunked.places(TestMemory([0x1000: bytes])) == expected, "chunk \(border)")
        let (first, second) = (Array(bytes[..<border]), Array(bytes[border...]))
        let scan = Scan(patterns: [table.pattern], chunk: 7)
        let halves = try TestMemory([0x1000: first, 0x1000 + UInt64(border): second])
        #expect(try scan.places(halves) == expected, "a border at \(border)")
        let torn = try TestMemory([0x1000: first, 0x2000: second])
        let parts = table.places(in: first, at: 0x1000) + table.places(in: second, at: 0x2000)
        #expect(try scan.places(torn) == parts, "torn at \(border)")
      }
    }
  }

  /// What was not selected is not seen, not even as a neighbour.
  @Test(arguments: PatternCases.all) func whatIsNotSelectedIsABoundary(table: PatternCases) throws {
    var generator = SeededGenerator(seed: 4)
    for chunk in Self.chunks {
      let bytes = table.randomBytes(pieceCount: 30, using: &generator)
      let memory = try TestMemory(Self.cut(bytes, at: 0x1000, using: &generator))
      var ranges: [Range<Address>] = []
      var expected: [FoundPlace] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...120, using: &generator))
        ranges.append(Range(0x1000 + UInt64(start), 0x1000 + UInt64(end)))
        expected += table.places(in: Array(bytes[start..<end]), at: 0x1000 + UInt64(start))
        start = end + Int.random(in: 1...3, using: &generator)
      }
      #expect(try Scan(patterns: [table.pattern], chunk: chunk).places(memory, ranges: ranges) == expected)
    }
  }

  /// Untouched memory reads as NUL, unread memory ends a run, and neither shows what the buffer happens to hold.
  @Test(arguments: PatternCases.all, [1, 3, .max]) func holesAreBoundaries(table: PatternCases, mostRuns: Int) throws {
    var generator = SeededGenerator(seed: UInt64(truncatingIfNeeded: mostRuns))
    var count = 0
    for (round, chunk) in (Self.chunks + Self.chunks).enumerated() {
      let memory = try PatchyMemory(
        Self.patches(table, using: &generator), longestRead: round % 2 == 0 ? .max : 17, mostRuns: mostRuns)
      let expected = memory.runs(zeroCount: 128).flatMap { table.places(in: $0.bytes, at: $0.start) }
      #expect(try Scan(patterns: [table.pattern], chunk: chunk).places(memory) == expected, "chunk \(chunk)")
      count += expected.count
    }
    #expect(count > 20)
  }

  static func patches(_ table: PatternCases, using generator: inout SeededGenerator) -> [PatchyMemory.Stretch] {
    let lengths: [UInt64] = [1, 2, 3, 4, 8, 23, 24, 48, 49, 60, 4095, 4096, 4097, 9000, 1 << 21, 1 << 40]
    return (0..<20).map { _ in
      let length = lengths[Int.random(in: 0..<lengths.count, using: &generator)]
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<5:
        return .bytes(table.randomBytes(pieceCount: Int.random(in: 1...5, using: &generator), using: &generator))
      case 5, 6: return .absent(length)
      case 7: return .unread(length, .swapped)
      case 8: return .border
      default: return .gap(length)
      }
    }
  }

  @Test func passesOverUntouchedMemoryInOneStep() throws {
    let memory = try PatchyMemory([
      .bytes(Array("1.2.3.4:80".utf8)), .absent(1 << 45), .bytes(Array("5.6.7.8:90".utf8)),
    ])
    let items = try Scan(patterns: [IPv4Port()]).items(memory)
    #expect(items.map(\.text) == ["1.2.3.4:80", "5.6.7.8:90"])
    #expect(items.last?.address == 0x10000 + 10 + 1 << 45)
    #expect(memory.readCount <= 3)
  }
}
