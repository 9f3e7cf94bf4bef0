import Testing

@testable import MemDump

/// Program headers, section headers, notes and symbols: what is written is read again, and what is cut short ends the row.
@Suite struct ELFTableTests {
  @Test func segmentsAreReadAsTheyWereWritten() {
    let segments = [[.read], [.read, .write], [.execute], []].enumerated().map {
      (number, permissions: MemoryRegion.Permissions) in
      let start = UInt64(number) << 40
      return ELFSegment(
        kind: number == 0 ? .notes : .memory, permissions: permissions, offset: start + 1, address: start + 2,
        fileByteCount: start + 3, memoryByteCount: start + 4, alignment: start + 5)
    }
    var bytes: [UInt8] = []
    for segment in segments { segment.write(to: &bytes) }
    #expect(bytes.count == segments.count * ELFSegment.byteCount)
    for count in 0...bytes.count {
      #expect(ELFSegment.all(in: Array(bytes[..<count])) == Array(segments.prefix(count / ELFSegment.byteCount)))
    }
  }

  @Test func sectionsAreReadAsTheyWereWritten() {
    let sections = [
      ELFSection(information: 7),
      ELFSection(name: 1, kind: .notes, offset: 1 << 40, byteCount: 1 << 41, link: 2, information: 3),
    ]
    let bytes = sections.flatMap(\.bytes)
    #expect(bytes.count == 2 * ELFSection.byteCount)
    for count in 0...bytes.count {
      #expect(ELFSection.all(in: Array(bytes[..<count])) == Array(sections.prefix(count / ELFSection.byteCount)))
    }
  }

  @Test func notesAreReadAsTheyWereWritten() {
    var bytes: [UInt8] = []
    for count in 0..<9 {
      bytes.append(note: .signal, [UInt8](repeating: UInt8(count), count: count), owner: count % 2 == 0 ? "CORE" : "A")
    }
    #expect(bytes.count % 4 == 0)
    let notes = Array(ELFNotes(bytes))
    #expect(notes.map(\.content.count) == Array(0..<9))
    #expect(notes.allSatisfy { note in note.content.allSatisfy { Int($0) == note.content.count } })
    #expect(notes.allSatisfy { $0.kind == .signal })
    #expect(notes.map { String(decoding: $0.owner, as: UTF8.self) }.prefix(3) == ["CORE", "A", "CORE"])
    // A note that is not whole ends the row, wherever it is cut.
    for count in 0..<bytes.count {
      let cut = Array(ELFNotes(Array(bytes[..<count])))
      #expect(cut.count < 9 && zip(cut, notes).allSatisfy { $0.content.elementsEqual($1.content) })
    }
    #expect(Array(ELFNotes([UInt8](repeating: 0xff, count: 64))).isEmpty)
  }

  @Test func onlyTheBuildIDOfTheLinkerIsOne() {
    var bytes: [UInt8] = []
    bytes.append(note: .buildID, [1, 2], owner: "Go")
    bytes.append(note: .buildID, [], owner: "GNU")
    bytes.append(note: .signal, [3], owner: "GNU")
    #expect(ELFObject.buildID(notes: bytes) == nil)
    bytes.append(note: .buildID, [4, 5, 6], owner: "GNU")
    #expect(ELFObject.buildID(notes: bytes) == [4, 5, 6])
    #expect(ELFObject.buildID(notes: Array(bytes.dropLast(2))) == nil)
  }

  @Test func aSymbolIsTakenApart() throws {
    let bytes =
      [9] + CoreBuilder.bytes(UInt32(7)) + [0x15, 0] + CoreBuilder.bytes(UInt16(3))
      + CoreBuilder.bytes(0x1234 as UInt64) + CoreBuilder.bytes(8 as UInt64)
    let symbol = try #require(ELFSymbol(bytes, at: 1))
    #expect((symbol.name, symbol.section, symbol.address, symbol.byteCount) == (7, 3, 0x1234, 8))
    #expect(symbol.kind == .common && symbol.binding == .global)
    #expect(ELFSymbol(bytes, at: 2) == nil && ELFSymbol(bytes, at: -1) == nil)
  }
}
