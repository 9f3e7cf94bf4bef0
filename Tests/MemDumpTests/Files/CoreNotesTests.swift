import Testing

@testable import MemDump

@Suite struct CoreNotesTests {
  /// The notes as somebody else takes them apart: owner, type, content.
  private static func notes(_ bytes: [UInt8]) -> [(owner: String, type: UInt32, content: [UInt8])] {
    var notes: [(owner: String, type: UInt32, content: [UInt8])] = []
    var offset = 0
    while let name = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt32.self, at: offset + 4),
      let type = bytes.load(UInt32.self, at: offset + 8)
    {
      let start = offset + 12 + (Int(name) + 3) / 4 * 4
      notes.append(
        (
          String(decoding: bytes[offset + 12..<offset + 11 + Int(name)], as: UTF8.self), type,
          Array(bytes[start..<start + Int(size)])
        ))
      offset = start + (Int(size) + 3) / 4 * 4
    }
    #expect(offset == bytes.count)
    return notes
  }

  private static func image() throws -> ProcessImage {
    let stat = "7 (a) b) S 5 6 3 0 -1 64 0 0 0 0 0 0 0 0 20 -5 1 0 99 0 0 0 0"
    var facts = ProcessFacts()
    (facts.process, facts.stat) = (7, ProcessStat(parsing: Array(stat.utf8)))
    facts.name = Array("a name of 20 letters".utf8)
    facts.commandLine = [Array("/bin/a".utf8), Array("b c".utf8), [UInt8](repeating: 0x78, count: 100)]
    (facts.user, facts.group) = (1000, 100)
    facts.auxiliaryVector = [UInt8](repeating: 9, count: 32)
    let map = #"""
      1000-3000 r-xp 00002000 fe:0 9 /lib/a\012b.so
      3000-4000 rw-p 00000000 0:0 0
      4000-5000 rw-s 00000000 0:1 0 /SYSV00000000 (deleted)
      5000-6000 r-xp 00000000 0:0 0 [vdso]

      """#
    let threads = try [7, 9].map { number in
      ThreadRegisters(
        thread: try #require(ThreadID(rawValue: number)), signal: number == 9 ? 11 : 0,
        notes: [
          .init(type: 1, bytes: [UInt8](repeating: UInt8(number), count: 216)), .init(type: 2, bytes: [1, 2, 3, 4, 5]),
          .init(type: 0x202, bytes: [6]),
        ] + (number == 9 ? [.init(type: 0x5349_4749, bytes: [UInt8](repeating: 8, count: 128))] : []))
    }
    let silent = ThreadRegisters(thread: try #require(ThreadID(rawValue: 8)), notes: [])
    return ProcessImage(
      regions: try MapsParser.parse(Array(map.utf8)), contents: [], facts: facts,
      threads: [threads[0], silent, threads[1]])
  }

  @Test func theNotesAreThoseOfAKernelCore() throws {
    let notes = Self.notes(CoreNotes.bytes(try Self.image()))
    #expect(notes.map(\.type) == [3, 6, 0x4649_4c45, 1, 2, 0x202, 1, 2, 0x202, 0x5349_4749])
    #expect(notes.map(\.owner) == ["CORE", "CORE", "CORE", "CORE", "CORE", "LINUX", "CORE", "CORE", "LINUX", "CORE"])
    #expect(notes[4].content == [1, 2, 3, 4, 5])
    #expect(notes[1].content == [UInt8](repeating: 9, count: 32))
  }

  /// struct elf_prstatus of x86_64: 336 bytes.
  @Test func aThreadIsItsSignalItsNumberAndItsRegisters() throws {
    let status = Self.notes(CoreNotes.bytes(try Self.image())).filter { $0.type == 1 }.map(\.content)
    #expect(status.map(\.count) == [336, 336])
    #expect(status.map { $0.load(Int16.self, at: 12) } == [0, 11])
    #expect(status.map { $0.load(Int32.self, at: 0) } == [0, 11])
    #expect(status.map { $0.load(Int32.self, at: 32) } == [7, 9])
    #expect((36...44).filter { $0 % 4 == 0 }.map { status[1].load(Int32.self, at: $0) } == [5, 6, 3])
    #expect(status[1][112..<328].allSatisfy { $0 == 9 })
    #expect(status[1].load(Int32.self, at: 328) == 1)
  }

  /// struct elf_prpsinfo: 136 bytes, texts cut with a NUL at their end.
  @Test func theProcessIsNamed() throws {
    let information = try #require(Self.notes(CoreNotes.bytes(try Self.image())).first).content
    #expect(information.count == 136)
    #expect(information[0..<4].elementsEqual([1, UInt8(ascii: "S"), 0, 251]))
    #expect(information.load(UInt64.self, at: 8) == 64)
    #expect([16, 20, 24, 28, 32, 36].map { information.load(UInt32.self, at: $0) } == [1000, 100, 7, 5, 6, 3])
    #expect(information[40..<56].elementsEqual(Array("a name of 20 le".utf8) + [0]))
    #expect(information[56..<69].elementsEqual("/bin/a b c xx".utf8))
    #expect(information[134] == 0x78 && information[135] == 0)
  }

  @Test func mappedFilesAreListedByTheirRealNames() throws {
    let files = CoreParser.mappedFiles(notes: CoreNotes.bytes(try Self.image()))
    #expect(files.map(\.range) == [Range(0x1000, 0x3000), Range(0x4000, 0x5000)])
    #expect(files.map(\.name) == [Array("/lib/a\nb.so".utf8), Array("/SYSV00000000 (deleted)".utf8)])
    #expect(files.map(\.fileOffset) == [0x2000, 0])
  }

  /// What the kernel did not tell is left out, and what is there can be read.
  @Test func anEmptyImageHasNotes() {
    let notes = Self.notes(
      CoreNotes.bytes(ProcessImage(regions: [], contents: [], facts: ProcessFacts(), threads: [])))
    #expect(notes.map(\.type) == [3, 0x4649_4c45])
  }
}
