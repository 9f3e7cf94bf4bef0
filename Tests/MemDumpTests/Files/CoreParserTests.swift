import Testing

@testable import MemDump

@Suite struct CoreParserTests {
  @Test func readsAHeader() {
    var core = CoreBuilder()
    core.add(0x1000, [1])
    core.add(0x3000, [2])
    var expected = ELFHeader(
      kind: .core, machine: .x86_64, segments: .init(offset: 64, entryByteCount: 56, count: 2),
      sections: .init(entryByteCount: 64))
    #expect(CoreParser.header(core.file) == expected)
    core.countInHeader = 0xffff
    (expected.segments.count, expected.sections.offset) = (0xffff, 64 + 112)
    #expect(CoreParser.header(core.file) == expected)
  }

  @Test func aCoreOfAnotherMachineSaysSo() {
    var header = CoreBuilder().header
    #expect(CoreParser.header(header)?.machine == .x86_64)
    header.replaceSubrange(18..<20, with: [183, 0])
    #expect(CoreParser.header(header)?.machine == .aarch64)
    header.replaceSubrange(18..<20, with: [0xf3, 0])
    #expect(CoreParser.header(header)?.machine == .other(243))
  }

  /// A byte of the header, what it is changed to, and whether the file still is a core, and one that can be read.
  private static let changes: [(place: Int, byte: UInt8, isCore: Bool)] = [
    (0, 0x7e, false), (1, 0x65, false), (2, 0, false), (3, 0, false), (4, 1, true), (5, 2, false), (16, 2, false),
    (16, 3, false), (17, 1, false), (54, 32, true), (54, 0, true),
  ]

  @Test(arguments: changes.indices) func refusesWhatIsNoCoreOfOurs(place: Int) {
    let change = Self.changes[place]
    var header = CoreBuilder().header
    header[change.place] = change.byte
    #expect(CoreParser.isCore(header) == change.isCore)
    #expect(CoreParser.header(header) == nil)
  }

  @Test func tellsACoreOfTheOtherByteOrder() {
    var header = CoreBuilder().header
    (header[5], header[16], header[17]) = (2, 0, 4)
    #expect(CoreParser.isCore(header))
    #expect(CoreParser.header(header) == nil)
  }

  @Test func refusesAHeaderThatIsCutShort() {
    let header = CoreBuilder().header
    for count in 0..<64 { #expect(CoreParser.header(Array(header[..<count])) == nil) }
    #expect(
      !CoreParser.isCore([]) && !CoreParser.isCore(Array(header[..<17])) && CoreParser.isCore(Array(header[..<18])))
  }

  @Test func readsSegmentsInTheOrderOfAddresses() {
    var core = CoreBuilder()
    core.add(0x5000, [1, 2, 3], missing: 5, flags: 5)
    core.add(0x1000, [4], flags: 6)
    core.add(0x3000, [], missing: 16, flags: 0)
    let parser = CoreParser(programHeaders: core.programHeaders)
    #expect(parser.segments.map(\.range) == [Range(0x1000, 0x1001), Range(0x3000, 0x3010), Range(0x5000, 0x5008)])
    #expect(parser.segments.map(\.fileByteCount) == [1, 0, 3])
    #expect(parser.segments.map(\.permissions) == [[.read, .write], [], [.read, .execute]])
    #expect(parser.segments.map(\.fileOffset) == [3, 4, 0].map { core.dataOffset + $0 })
    #expect(parser.notes.isEmpty)
  }

  @Test func leavesOutWhatIsEmptyOrOverlapsOrDoesNotFit() {
    typealias Segment = CoreBuilder.Segment
    var core = CoreBuilder()
    core.segments = [
      Segment(address: 0x1000, byteCount: 0x1000), Segment(address: 0x1800, byteCount: 0x1000),
      Segment(address: 0x2000, byteCount: 0), Segment(address: .max, byteCount: 2),
      Segment(address: 0x9000, fileByteCount: .max, byteCount: 0x10), Segment(type: 2, address: 0x6000, byteCount: 8),
      Segment(address: 0x4000, fileByteCount: 0x20, byteCount: 0x10),
      Segment(type: 4, offset: 0x100, fileByteCount: 0x20), Segment(type: 4, offset: 0x300, fileByteCount: .max),
    ]
    let parser = CoreParser(programHeaders: core.programHeaders)
    #expect(parser.segments.map(\.range) == [Range(0x1000, 0x2000), Range(0x4000, 0x4010)])
    #expect(parser.segments.map(\.fileByteCount) == [0, 0x10], "the file cannot hold more than there was")
    #expect(parser.omittedSegmentCount == 3, "an empty one has nothing to leave out")
    #expect(parser.notes == [0x100 + core.dataOffset..<0x120 + core.dataOffset])
  }

  @Test func aHeaderThatIsCutShortIsNone() {
    var core = CoreBuilder()
    core.add(0x1000, [1])
    core.add(0x2000, [2])
    for count in 0...112 {
      #expect(CoreParser(programHeaders: Array(core.programHeaders[..<count])).segments.count == count / 56)
    }
  }

  private static let files: [(start: UInt64, end: UInt64, page: UInt64, name: String)] = [
    (0x40_0000, 0x50_0000, 0, "/usr/sbin/nginx"), (0x50_0000, 0x51_0000, 0x100, "/usr/sbin/nginx"),
    (0x7f00_0000_0000, 0x7f00_0001_0000, 3, "/usr/lib/a\u{1b}[2J\nb.so"),
  ]

  @Test func readsTheMappedFiles() {
    let bytes =
      CoreBuilder.note(type: 1, [1, 2, 3]) + CoreBuilder.note(type: 0x4649_4c45, CoreBuilder.fileTable(Self.files))
    let found = CoreParser.mappedFiles(notes: bytes)
    #expect(found.map(\.range) == Self.files.map { Range($0.start, $0.end) })
    #expect(found.map(\.name) == Self.files.map { Array($0.name.utf8) })
    #expect(found.map(\.fileOffset) == [0, 0x100_000, 0x3000])
  }

  @Test func aFileWithoutASpanIsLeftOut() {
    let table = CoreBuilder.fileTable([(5, 5, 0, "a"), (9, 8, 0, "b"), (20, 21, .max, "c"), (10, 11, 0, "d")])
    let found = CoreParser.mappedFiles(notes: CoreBuilder.note(type: 0x4649_4c45, table))
    #expect(found.map { String(decoding: $0.name, as: UTF8.self) } == ["d", "c"])
  }

  /// A table that says it has more entries than there is room for, whatever its length.
  @Test func aTableThatPromisesTooMuchIsEmpty() {
    for length in 0..<200 {
      for count in [1, 2, 3, 4, 7, 8, .max, .max / 24, 0x0aaa_aaaa_aaaa_aaab] as [UInt64] {
        let table = Array((CoreBuilder.bytes(count) + [UInt8](repeating: 1, count: 200))[..<length])
        let found = CoreParser.mappedFiles(notes: CoreBuilder.note(type: 0x4649_4c45, table))
        if count > UInt64(max(0, length - 16) / 24) { #expect(found.isEmpty, "\(count) entries in \(length) bytes") }
      }
    }
  }

  @Test func notesThatAreCutShortHaveNoFiles() {
    let note = CoreBuilder.note(type: 0x4649_4c45, CoreBuilder.fileTable(Self.files))
    let names = Self.files.reduce(0) { $0 + $1.name.utf8.count + 1 }
    // The padding behind the content may be missing.
    let end = 12 + 8 + 16 + 24 * 3 + names
    for count in 0..<end { #expect(CoreParser.mappedFiles(notes: Array(note[..<count])).isEmpty) }
    #expect(CoreParser.mappedFiles(notes: Array(note[..<end])).count == 3)
    #expect(CoreParser.mappedFiles(notes: []).isEmpty)
    #expect(CoreParser.mappedFiles(notes: [UInt8](repeating: 0xff, count: 100)).isEmpty)
    #expect(CoreParser.mappedFiles(notes: [UInt8](repeating: 0, count: 100)).isEmpty)
  }

  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var core = CoreBuilder()
    core.add(0x40_0000, [1, 2, 3], missing: 9)
    core.addFiles(Self.files)
    core.add(0x7f00_0000_0000, [4, 5])
    let file = core.file
    for _ in 0..<400 {
      var bytes = file
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
          Bool.random(using: &generator) ? 0xff : UInt8.random(in: 0...255, using: &generator)
      }
      _ = CoreParser.header(bytes)
      let parser = CoreParser(programHeaders: Array(bytes[64...]))
      #expect(
        zip(parser.segments, parser.segments.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
      let notes = CoreParser.mappedFiles(notes: Array(bytes[(Int(core.dataOffset) + 3)...]))
      #expect(notes.allSatisfy { !$0.range.isEmpty })
    }
  }
}
