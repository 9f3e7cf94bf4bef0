import MemDumpTestSupport
import Testing

@testable import MemDump

/// The whole scan against the slow reference: no boundary may show.
@Suite struct ReferenceScanTests {
  /// Alphabets in which matches and near misses are frequent.
  private static let alphabets: [String] = [
    "01.:", "1.:", "25.:", "0123456789.:", "12.: ", "1.:a_", "16.:\u{0}\u{ff}", "5.:6\u{b5}",
  ]

  /// Pieces of which matches are made, and what may stand between them.
  private static let pieces: [String] = [
    "1.2.3.4:80", "255.255.255.255:65535", "0.0.0.0:1", "256.1.1.1:80", "1.2.3.4:65536", "10.0.0.1", ":8080", "1", "0",
    ".", ":", "65535", "255", "1.2.3.", "9.9.9.9:0", "00", "1.2.3.4:5.6.7.8", "192.168.1.1:5432",
  ]
  private static let separators = [" ", "\u{0}", "x", "_", "\u{ff}", "..", "::", ":", ",", ". "]

  private static let patterns: [(IPv4Port, ReferenceScan)] = [
    (IPv4Port(), ReferenceScan()),
    (IPv4Port(allowsPortZero: true), ReferenceScan(allowsPortZero: true)),
    (IPv4Port(wantsWholeWord: true), ReferenceScan(wantsWholeWord: true)),
    (
      IPv4Port(allowsPortZero: true, wantsWholeWord: true), ReferenceScan(allowsPortZero: true, wantsWholeWord: true)
    ),
  ]

  private static func text(of count: Int, from alphabet: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
  }

  private static func text(ofPieces count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    (0..<count).flatMap { _ in
      let isApart = Int.random(in: 0..<4, using: &generator) > 0
      let separator = separators[Int.random(in: 0..<separators.count, using: &generator)]
      return latin1(pieces[Int.random(in: 0..<pieces.count, using: &generator)] + (isApart ? separator : ""))
    }
  }

  private static func items(_ reference: ReferenceScan, _ bytes: [UInt8], at start: UInt64) -> [FindingRecorder.Item] {
    reference.matches(in: bytes).map {
      FindingRecorder.Item(address: start + UInt64($0.lowerBound), text: Array(bytes[$0]).latin1)
    }
  }

  @Test(arguments: alphabets) func randomTextsGiveWhatTheReferenceGives(alphabet: String) throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<150 {
      let bytes = Self.text(of: Int.random(in: 0...200, using: &generator), from: latin1(alphabet), using: &generator)
      try check(bytes)
    }
  }

  @Test(arguments: 1...8) func randomPiecesGiveWhatTheReferenceGives(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var findings = 0
    for _ in 0..<40 {
      let bytes = Self.text(ofPieces: Int.random(in: 0...40, using: &generator), using: &generator)
      findings += try check(bytes)
    }
    #expect(findings > 100, "the pieces must make matches, or this compares nothing with nothing")
  }

  @discardableResult private func check(_ bytes: [UInt8]) throws -> Int {
    guard !bytes.isEmpty else { return 0 }
    let memory = try TestMemory([0x1000: bytes])
    var count = 0
    for (pattern, reference) in Self.patterns {
      let expected = Self.items(reference, bytes, at: 0x1000)
      #expect(try Scan(patterns: [pattern]).items(memory) == expected, "\(bytes.latin1.debugDescription)")
      count += expected.count
    }
    return count
  }

  private static let chunks = [1, 2, 3, 7, 24, 25, 4096, 1 << 20]

  /// The same bytes, cut into regions next to each other at any place, read in chunks and gulps of any size.
  @Test(arguments: chunks, [1, 2, 5, 23, .max]) func noBorderShows(chunk: Int, longestRead: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk) &* 31 &+ UInt64(longestRead))
    for _ in 0..<(chunk > 4096 ? 3 : 12) {
      let bytes = Self.text(ofPieces: 60, using: &generator)
      let memory = try TestMemory(Self.cut(bytes, at: 0x7fff_f000, using: &generator), longestRead: longestRead)
      let expected = Self.items(ReferenceScan(), bytes, at: 0x7fff_f000)
      #expect(!expected.isEmpty)
      #expect(try Scan(patterns: [IPv4Port()], chunk: chunk).items(memory) == expected)
    }
  }

  private static func cut(
    _ bytes: [UInt8], at start: UInt64, using generator: inout SeededGenerator
  ) -> [UInt64: [UInt8]] {
    var pieces: [UInt64: [UInt8]] = [:]
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + Int.random(in: 1...30, using: &generator))
      pieces[start + UInt64(place)] = Array(bytes[place..<end])
      place = end
    }
    return pieces
  }

  /// A match with a border at each of its bytes: one of chunks, and one of regions.
  @Test(arguments: 0...22) func aMatchMayStraddleABorderAtAnyByte(place: Int) throws {
    let text = Array(" 255.254.253.252:65535 ".utf8)
    let expected = [FindingRecorder.Item(address: 0x1001, text: "255.254.253.252:65535")]
    let memory = try TestMemory([0x1000: text])
    #expect(try Scan(patterns: [IPv4Port()], chunk: place + 1).items(memory) == expected)
    guard place > 0 else { return }
    let halves = try TestMemory([
      0x1000: Array(text[..<place]), 0x1000 + UInt64(place): Array(text[place...]),
    ])
    for chunk in Self.chunks {
      #expect(try Scan(patterns: [IPv4Port()], chunk: chunk).items(halves) == expected)
    }
  }

  /// Where memory is not mapped, a run ends: what lies on both sides is no neighbour.
  @Test(arguments: chunks) func aGapIsABoundary(chunk: Int) throws {
    let scan = Scan(patterns: [IPv4Port()], chunk: chunk)
    let torn = try TestMemory([0x1000: Array("1.2.3.".utf8), 0x2000: Array("4:80".utf8)])
    #expect(try scan.items(torn) == [])
    let ended = try TestMemory([0x1000: Array("1.2.3.4:80".utf8), 0x2000: Array("80.5".utf8)])
    #expect(try scan.items(ended) == [.init(address: 0x1000, text: "1.2.3.4:80")])
    let begun = try TestMemory([0x1000: Array("9.".utf8), 0x2000: Array("1.2.3.4:80".utf8)])
    #expect(try scan.items(begun) == [.init(address: 0x2000, text: "1.2.3.4:80")])
    let oneByte = try TestMemory([0x1000: Array("1.2.3.4:8".utf8), 0x100a: Array("0".utf8)])
    #expect(try scan.items(oneByte) == [.init(address: 0x1000, text: "1.2.3.4:8")])
  }

  @Test(arguments: chunks) func whatIsNotSelectedIsABoundary(chunk: Int) throws {
    let memory = try TestMemory([0x1000: Array("91.2.3.4:80 5.6.7.8:901".utf8)])
    let scan = Scan(patterns: [IPv4Port()], chunk: chunk)
    #expect(
      try scan.items(memory, ranges: [Range(0x1001, 0x1016)])
        == [.init(address: 0x1001, text: "1.2.3.4:80"), .init(address: 0x100c, text: "5.6.7.8:90")])
    #expect(
      try scan.items(memory, ranges: [Range(0x1000, 0x100a), Range(0x100a, 0x100b)])
        == [.init(address: 0x1000, text: "91.2.3.4:80")])
    #expect(
      try scan.items(memory, ranges: [Range(0x1000, 0x1009), Range(0x100a, 0x1016)])
        == [.init(address: 0x100c, text: "5.6.7.8:90")])
  }

  /// Untouched memory reads as NUL, unread memory ends a run, and neither shows what the buffer happens to hold.
  @Test(arguments: chunks, [1, 3, .max]) func holesAreBoundaries(chunk: Int, mostRuns: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk) &+ 7)
    for round in 0..<(chunk > 4096 ? 4 : 25) {
      let memory = try PatchyMemory(
        Self.patches(using: &generator), longestRead: round % 2 == 0 ? .max : 17, mostRuns: mostRuns)
      let expected = memory.runsOfBytes.flatMap { Self.items(ReferenceScan(), $0.bytes, at: $0.start) }
      #expect(try Scan(patterns: [IPv4Port()], chunk: chunk).items(memory) == expected)
    }
  }

  private static func patches(using generator: inout SeededGenerator) -> [PatchyMemory.Stretch] {
    let lengths: [UInt64] = [1, 2, 7, 23, 24, 25, 47, 48, 49, 60, 4095, 4096, 4097, 9000, 1 << 21, 1 << 40]
    return (0..<30).map { _ in
      let length = lengths[Int.random(in: 0..<lengths.count, using: &generator)]
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<5: return .bytes(text(ofPieces: Int.random(in: 1...8, using: &generator), using: &generator))
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
