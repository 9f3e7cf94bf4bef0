import MemDumpTestSupport
import Testing

@testable import MemDump

/// The whole search against the slow reference: no boundary may show.
@Suite struct ReferenceStringsTests {
  private static let alphabets: [String] = [
    "ab\0", "a\0", "a~ \t\u{7f}\u{1f}\n", "ab\u{c3}\u{a9}\u{0}", "x\u{e4}\u{bd}\u{a0}\u{f0}\u{9f}\u{98}\u{80}\u{0}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0", "a\u{e2}\u{80}\u{8b}\u{8f}\u{ef}\u{bb}\u{bf}",
  ]

  private static func text(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    let alphabet = latin1(alphabets[Int.random(in: 0..<alphabets.count, using: &generator)])
    let isWide = Int.random(in: 0..<3, using: &generator) == 0
    return (0..<count).map { place in
      let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      return isWide && place % 2 == 1 && Int.random(in: 0..<9, using: &generator) > 0 ? 0 : byte
    }
  }

  private static func search(using generator: inout SeededGenerator, threads: Int) -> (Strings, ReferenceStrings) {
    let kind = Int.random(in: 0..<3, using: &generator)
    let shortest = [1, 2, 4, 5, 9, 70][Int.random(in: 0..<6, using: &generator)]
    let longest = [4, 5, 16, 4096][Int.random(in: 0..<4, using: &generator)]
    let chunk = [1, 2, 3, 7, 24, 64, 100, 1 << 20][Int.random(in: 0..<8, using: &generator)]
    let block = [UInt64(1), 2, 4, 16, 64, 4096][Int.random(in: 0..<6, using: &generator)]
    return (
      Strings(
        encoding: TextEncoding.allCases[kind], shortest: shortest, chunk: chunk, threads: threads, longest: longest,
        blockByteCount: block),
      ReferenceStrings(encoding: .init(rawValue: kind) ?? .ascii, shortest: shortest, longest: longest)
    )
  }

  private typealias Expected = (address: UInt64, run: ReferenceStrings.Run)

  private func check(_ strings: Strings, _ memory: any MemorySource, _ expected: [Expected]) throws {
    var list = FindingRecorder()
    _ = try strings.run(memory, into: &list)
    #expect(list.findings.map(\.address.rawValue) == expected.map(\.address), "\(strings)")
    #expect(list.findings.map(\.byteCount) == expected.map { UInt64($0.run.byteCount) }, "\(strings)")
    #expect(list.items.map(\.text) == expected.map(\.run.text.latin1), "\(strings)")
    for grouping in [Tally.Grouping.text, .template] {
      var tally = Tally(grouping: grouping)
      let summary = try strings.count(memory, into: &tally)
      #expect(summary.findingCount == UInt64(expected.count))
      var counts: [[UInt8]: Tally.Row] = [:]
      for (address, run) in expected {
        let key = grouping == .text ? run.text : ReferenceStrings.template(of: run.text)
        let new = Tally.Row(
          pattern: 0, text: key, example: grouping == .text ? [] : run.text, count: 0, byteCount: 0, error: 0,
          regionCount: 0, firstAddress: Address(address), firstSource: 0)
        counts[key, default: new].count += 1
        counts[key, default: new].byteCount += UInt64(run.byteCount)
      }
      var rows = Array(tally.rows())
      for index in rows.indices { rows[index].regionCount = 0 }
      #expect(Set(rows) == Set(counts.values), "\(strings)")
      let weights = rows.map { grouping == .text ? $0.count : $0.byteCount }
      #expect(weights == weights.sorted(by: >))
    }
  }

  /// The same bytes, cut into regions next to each other at any place, read in chunks, gulps and blocks of any size.
  @Test(arguments: 1...8, 0..<(isFullRun ? 4 : 2)) func noBorderShows(threads: Int, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed &* 100 &+ UInt64(threads))
    var findings = 0
    for _ in 0..<25 {
      let bytes = Self.text(Int.random(in: 1...400, using: &generator), using: &generator)
      let (strings, reference) = Self.search(using: &generator, threads: threads)
      var pieces: [UInt64: [UInt8]] = [:]
      var place = 0
      let longestPiece = Int.random(in: 1...200, using: &generator)
      while place < bytes.count {
        let end = min(bytes.count, place + Int.random(in: 1...longestPiece, using: &generator))
        pieces[0x7fff_f000 + UInt64(place)] = Array(bytes[place..<end])
        place = end
      }
      let memory = try TestMemory(pieces, longestRead: Int.random(in: 1...300, using: &generator))
      let expected = reference.runs(in: bytes).map { (0x7fff_f000 + UInt64($0.offset), $0) }
      try check(strings, memory, expected)
      findings += expected.count
    }
    #expect(findings > 20, "the texts must make runs, or this compares nothing with nothing")
  }

  /// Untouched memory reads as NUL; unread memory and gaps end everything.
  @Test(arguments: [1, 2, 5], 0..<6) func holesAreBoundaries(threads: Int, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed &* 7 &+ UInt64(threads))
    let lengths: [UInt64] = [1, 2, 3, 4, 5, 8, 63, 64, 65, 500]
    for _ in 0..<12 {
      let stretches: [PatchyMemory.Stretch] = (0..<20).map { _ in
        let length = lengths[Int.random(in: 0..<lengths.count, using: &generator)]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<4: return .bytes(Self.text(Int.random(in: 1...60, using: &generator), using: &generator))
        case 4: return .absent(length)
        case 5: return .unread(length, .swapped)
        case 6: return .border
        default: return .gap(length)
        }
      }
      let memory = try PatchyMemory(stretches, longestRead: Int.random(in: 1...100, using: &generator))
      let (strings, reference) = Self.search(using: &generator, threads: threads)
      let expected = Self.visible(memory).flatMap { start, bytes in
        reference.runs(in: bytes).map { (start + UInt64($0.offset), $0) }
      }
      try check(strings, memory, expected)
    }
  }

  /// The stretches that have nothing unknown in them, untouched memory as zeros.
  private static func visible(_ memory: PatchyMemory) -> [(UInt64, [UInt8])] {
    var runs: [(start: UInt64, bytes: [UInt8])] = []
    for stretch in memory.stretches {
      let bytes: [UInt8]
      switch stretch.content {
      case .bytes(let own): bytes = own
      case .absent(let count): bytes = Array(repeating: 0, count: Int(count))
      default: continue
      }
      if let last = runs.last, last.start + UInt64(last.bytes.count) == stretch.range.lowerBound.rawValue {
        runs[runs.count - 1].bytes += bytes
      } else {
        runs.append((stretch.range.lowerBound.rawValue, bytes))
      }
    }
    return runs.map { ($0.start, $0.bytes) }
  }

  /// Texts and matches of one pass are those of two, wherever memory is cut, and whatever is missing in it.
  @Test(arguments: [1, 2, 5], 0..<4) func aScanBesideFindsTheSame(threads: Int, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed &* 31 &+ UInt64(threads))
    let scan = Scan(patterns: [SocketAddress(), IPv4Port()])
    var (textCount, matchCounts) = (UInt64(0), [0, 0])
    for _ in 0..<20 {
      let stretches: [PatchyMemory.Stretch] = (0..<12).map { _ in
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return .absent(UInt64.random(in: 1...200, using: &generator))
        case 1: return .unread(UInt64.random(in: 1...80, using: &generator), .swapped)
        case 2: return .border
        case 3: return .gap(UInt64.random(in: 1...9, using: &generator))
        case 4, 5: return .bytes(latin1("\u{2}\0\u{1f}\u{90}\n\u{1}\u{2}\u{3}\0\0\0\0\0\0\0\0"))
        case 6, 7: return .bytes(latin1("peer 10.1.2.\(Int.random(in: 0..<9, using: &generator)):80\0"))
        default: return .bytes(Self.text(Int.random(in: 1...60, using: &generator), using: &generator))
        }
      }
      let memory = try PatchyMemory(stretches, longestRead: Int.random(in: 1...100, using: &generator))
      let (strings, _) = Self.search(using: &generator, threads: threads)
      let ranges = memory.regions.map(\.range)
      var (texts, matches) = (Tally(grouping: .template), Tally())
      _ = try strings.count(memory, into: &texts)
      _ = try scan.count(memory, into: &matches)
      var (textsBeside, matchesBeside) = (Tally(grouping: .template), Tally())
      try strings.count(
        memory, ranges: ranges, into: &textsBeside, scan, into: &matchesBeside, control: WorkControl())
      #expect(Set(texts.rows()) == Set(textsBeside.rows()) && texts.total == textsBeside.total)
      #expect(Set(matches.rows()) == Set(matchesBeside.rows()) && matches.total == matchesBeside.total)
      textCount += texts.total
      for row in matches.rows() { matchCounts[row.pattern] += Int(row.count) }
    }
    #expect(textCount > 20 && matchCounts.allSatisfy { $0 > 5 }, "\(matchCounts)")
  }

  @Test func passesOverUntouchedMemoryInOneStep() throws {
    let memory = try PatchyMemory([
      .bytes(Array("a\0b\0c\0d".utf8)), .absent(1 << 45), .bytes(Array("e\0f\0g\0h\0".utf8)),
    ])
    var list = FindingRecorder()
    _ = try Strings(encoding: .utf16).run(memory, into: &list)
    #expect(list.items.map(\.text) == ["abcd", "efgh"])
    #expect(list.findings.map(\.byteCount) == [8, 8], "the last NUL is that of untouched memory")
    #expect(memory.readCount <= 3)
  }

  @Test(arguments: 0..<20) func templatesAreThoseOfTheReference(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet = latin1("0123456789abcdefABCDEF-gz. \u{ff}")
    for _ in 0..<300 {
      let sort = [alphabet.count, 22, 16, 12, 10][Int.random(in: 0..<5, using: &generator)]
      var text = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<sort, using: &generator)]
      }
      // Dashes where a UUID has them, most of the time.
      if text.count >= 36, Int.random(in: 0..<2, using: &generator) == 0 {
        let start = Int.random(in: 0...text.count - 36, using: &generator)
        for place in [8, 13, 18, 23] { text[start + place] = UInt8(ascii: "-") }
      }
      #expect(TextTemplate.template(of: text) == ReferenceStrings.template(of: text), "\(text.latin1)")
    }
  }
}
