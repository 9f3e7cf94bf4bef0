import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Several literals at once against every place tried by itself: each is found wherever it is found alone.
@Suite(.serialized) struct LiteralSetTests {
  /// A literal, and what finds it slowly.
  private struct Needle {
    let pattern: any Pattern
    let reference: LiteralReference
  }

  /// Sets that come by each way of the kernel: few and many, of all lengths, in either case, with digits that do not count.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case few, short, many, stride4, stride2, thousands, prefixes, cases, masks, long, wide, words, alike

    var testDescription: String { rawValue }
  }

  private static let alphabet = Array("aAbB_c\0d".utf8)

  private static func text(_ lengths: ClosedRange<Int>, using generator: inout SeededGenerator) -> [UInt8] {
    let count = Int.random(in: lengths, using: &generator)
    return (0..<count).map { _ in alphabet[Int.random(in: 0..<6, using: &generator)] }
  }

  private static func needles(_ kind: Kind, using generator: inout SeededGenerator) throws -> [Needle] {
    func texts(_ count: Int, _ lengths: ClosedRange<Int>, ignoringCase: Bool = false) throws -> [Needle] {
      try (0..<count).map { _ in
        let bytes = text(lengths, using: &generator)
        let pattern = try #require(
          BytesPattern(text: String(decoding: bytes, as: UTF8.self), ignoringCase: ignoringCase))
        return Needle(pattern: pattern, reference: LiteralReference(bytes, ignoringCase: ignoringCase))
      }
    }
    switch kind {
    case .few: return try texts(3, 1...5)
    case .short: return try texts(60, 1...3)
    case .many: return try texts(200, 1...9)
    case .stride4: return try texts(100, 7...12)
    case .stride2: return try texts(100, 5...7)
    case .thousands: return try texts(600, 3...12)
    case .prefixes:
      return try texts(100, 1...4).map { needle in
        let bytes = Array("aaaaaaaaaaaa".utf8) + Array(needle.pattern.name.utf8)
        let pattern = try #require(BytesPattern(text: String(decoding: bytes, as: UTF8.self)))
        return Needle(pattern: pattern, reference: LiteralReference(bytes))
      }
    case .cases: return try texts(100, 1...9, ignoringCase: true) + texts(20, 2...9)
    case .masks:
      return try (0..<80).map { index in
        let digits = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
          ["61", "6?", "?1", "??", "41", "62", "00"][Int.random(in: 0..<7, using: &generator)]
        }
        let text = (digits + [index % 2 == 0 ? "61" : "?2"]).joined(separator: " ")
        return Needle(
          pattern: try #require(BytesPattern(hexadecimal: text)), reference: LiteralReference(hexadecimal: text))
      }
    case .long:
      return try ["a", "ab", "aab", "aA"].flatMap { piece in
        try [64, 65, 200].map { count in
          let bytes = Array(String(repeating: piece, count: count).utf8.prefix(count))
          let pattern = try #require(BytesPattern(text: String(decoding: bytes, as: UTF8.self)))
          return Needle(pattern: pattern, reference: LiteralReference(bytes))
        }
      }
    case .wide:
      return try texts(30, 1...4).flatMap { needle in
        let wide = try #require(needle.pattern.wide)
        return [needle, Needle(pattern: wide, reference: needle.reference.wide)]
      }
    case .words:
      return try texts(30, 1...3).flatMap { needle in
        let word = try #require(needle.pattern.wholeWord)
        let wide = try #require(needle.pattern.wide?.wholeWord)
        return [
          needle, Needle(pattern: word, reference: needle.reference.word),
          Needle(pattern: wide, reference: needle.reference.wide.word),
        ]
      }
    case .alike:
      let needles = try texts(4, 1...3)
      return needles + needles + needles
    }
  }

  /// Needles with other bytes between them.
  private static func bytes(
    _ kind: Kind, _ needles: [Needle], using generator: inout SeededGenerator
  ) -> [UInt8] {
    if kind == .long || kind == .prefixes, Bool.random(using: &generator) {
      return (0..<400).map { _ in UInt8(ascii: Int.random(in: 0..<100, using: &generator) == 0 ? "b" : "a") }
    }
    let few = kind == .wide || kind == .words ? Array("a\0\0b\0_".utf8) : alphabet
    var bytes: [UInt8] = []
    while bytes.count < 400 {
      if Int.random(in: 0..<3, using: &generator) == 0 {
        bytes += needles[Int.random(in: needles.indices, using: &generator)].reference.example
      }
      bytes.append(few[Int.random(in: few.indices, using: &generator)])
    }
    return bytes
  }

  private static func expected(_ needles: [Needle], in runs: [(start: UInt64, bytes: [UInt8])]) -> [FoundPlace] {
    let places = runs.flatMap { run in
      needles.enumerated().flatMap { index, needle in
        needle.reference.matches(in: run.bytes).map {
          FoundPlace(pattern: index, address: run.start + UInt64($0.lowerBound))
        }
      }
    }
    return places.sorted { ($0.address, $0.pattern) < ($1.address, $1.pattern) }
  }

  @Test(arguments: Kind.allCases, [1, 7, 64, 1 << 20]) func noBorderShows(kind: Kind, chunk: Int) throws {
    defer { ScanKernel.limitVectors(toByteCount: nil) }
    var generator = SeededGenerator(seed: UInt64(chunk))
    var count = 0
    for round in 0..<(kind == .thousands ? 1 : 4) {
      let needles = try Self.needles(kind, using: &generator)
      ScanKernel.limitVectors(toByteCount: [nil, 32, 16, 0][(round + chunk) % 4])
      let bytes = Self.bytes(kind, needles, using: &generator)
      let start = (4 << 20) - UInt64(Int.random(in: 0...400, using: &generator))
      let memory = try TestMemory(
        pieces(of: bytes, at: start, upTo: 90, using: &generator),
        longestRead: Int.random(in: 1...99, using: &generator))
      let expected = Self.expected(needles, in: [(start, bytes)])
      for threads in [1, 3] {
        let scan = Scan(patterns: needles.map(\.pattern), chunk: chunk, threads: threads)
        #expect(scan.plan.literals != nil && scan.plan.single.isEmpty)
        #expect(try scan.places(memory) == expected, "\(threads) threads")
        var tally = Tally()
        _ = try scan.count(memory, into: &tally)
        #expect(tally.total == UInt64(expected.count))
      }
      count += expected.count
    }
    #expect(count > 20, "the needles must be found, or this compares nothing with nothing")
  }

  @Test(arguments: Kind.allCases, [3, 4096]) func holesAreBoundaries(kind: Kind, chunk: Int) throws {
    var generator = SeededGenerator(seed: UInt64(chunk) + 99)
    for round in 0..<2 {
      let needles = try Self.needles(kind, using: &generator)
      func bytes() -> PatchyMemory.Stretch { .bytes(Array(Self.bytes(kind, needles, using: &generator).prefix(150))) }
      let memory = try PatchyMemory(
        [
          bytes(), .absent(5), bytes(), .unread(3, .swapped), bytes(), .border, bytes(), .absent(9000), bytes(),
          .gap(7), bytes(),
        ],
        longestRead: round == 0 ? .max : 17)
      // None of these begins with a NUL, so that none begins in what is untouched.
      guard kind != .masks else { continue }
      let expected = Self.expected(needles, in: memory.runs(zeroCount: 512).map { ($0.start, $0.bytes) })
      #expect(try Scan(patterns: needles.map(\.pattern), chunk: chunk, threads: 2).places(memory) == expected)
    }
  }

  /// Beside patterns that are no literals, all come in the order of addresses.
  @Test func literalsGoWithOtherPatterns() throws {
    let patterns: [any Pattern] = [
      try #require(BytesPattern(text: "10")), IPv4Port(), try #require(BytesPattern(hexadecimal: "3? 2e 3? 2e")),
    ]
    let bytes = latin1("x10.0.0.1:80 10 1.1.1.1")
    let places = try Scan(patterns: patterns).places(TestMemory([0x1000: bytes]))
    #expect(places.map(\.address) == [0x1001, 0x1001, 0x1002, 0x1004, 0x100d, 0x1010, 0x1012])
    #expect(places.map(\.pattern) == [0, 1, 2, 2, 0, 2, 2])
  }

  /// Memory and needles that repeat themselves cost no more than others: without care, this is quadratic.
  @Test(.timeLimit(.minutes(5))) func repetitionIsNoTrap() throws {
    let texts =
      [4096, 4095, 4000].map { String(repeating: "a", count: $0) } + ["b" + String(repeating: "a", count: 4000)]
    let patterns = try texts.map { try #require(BytesPattern(text: $0)) as any Pattern }
    let memory = try TestMemory([0x1000: [UInt8](repeating: UInt8(ascii: "a"), count: 20_000)])
    var tally = Tally()
    _ = try Scan(patterns: patterns).count(memory, into: &tally)
    #expect(tally.total == 20_000 * 3 - 4095 - 4094 - 3999)
  }
}
