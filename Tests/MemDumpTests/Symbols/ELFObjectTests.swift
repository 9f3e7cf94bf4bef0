import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

/// On libraries that gcc made of `int shared_table[4]; static int hidden;`, one of them stripped, with a debug link.
@Suite struct ELFObjectTests {
  private static func seed(_ name: String) throws -> [UInt8] {
    let tests = #filePath.dropLast("MemDumpTests/Symbols/ELFObjectTests.swift".count)
    return try #require(fileBytes(String(tests) + "Fuzz/Seeds/symbols/" + name))
  }

  private static func reader(_ bytes: [UInt8]) -> ELFObject.Reader {
    { range in
      let end = UInt64(bytes.count)
      return Array(bytes[Int(min(range.lowerBound, end))..<Int(min(range.upperBound, end))])
    }
  }

  private static func name(_ address: UInt64, _ table: SymbolTable?) -> String? {
    table?.symbol(at: address).map { "\(String(decoding: $0.name, as: UTF8.self))+\(address - $0.address)" }
  }

  @Test func variablesHaveTheirNames() throws {
    let read = Self.reader(try Self.seed("whole"))
    let object = try #require(ELFObject(read))
    let (all, dynamic) = (object.symbols(.all, read), object.symbols(.dynamic, read))
    #expect(Self.name(0x300, all) == "hidden+0")
    #expect(Self.name(0x303, all) == "hidden+3")
    #expect(Self.name(0x304, all) == nil)
    #expect(Self.name(0x31f, all) == "shared_table+15")
    #expect(Self.name(0x320, all) == nil)
    #expect(Self.name(0x300, dynamic) == nil)
    #expect(Self.name(0x310, dynamic) == "shared_table+0")
    #expect(object.buildID?.count == 20)
    #expect(object.debugLink == nil)
    // The data is at the same place in the file and in memory here.
    #expect(object.address(ofFileOffset: 0) == 0)
    #expect(object.address(ofFileOffset: 1 << 40) == nil)
  }

  @Test func aStrippedFileNamesItsDebugFile() throws {
    let bytes = try Self.seed("stripped")
    let object = try #require(ELFObject(Self.reader(bytes)))
    #expect(object.symbols(.all, Self.reader(bytes)) == nil)
    #expect(object.symbols(.dynamic, Self.reader(bytes))?.count == 1)
    #expect(object.debugLink?.name == Array("tiny.debug".utf8))
    #expect(object.buildID == ELFObject(Self.reader(try Self.seed("whole")))?.buildID)
  }

  @Test func withoutItsSectionsTheBuildIsKnown() throws {
    let bytes = try Self.seed("whole")
    // As in memory: the sections are not there.
    let object = try #require(ELFObject(Self.reader(Array(bytes.prefix(0x300)))))
    #expect(object.sections.isEmpty)
    #expect(object.buildID == ELFObject(Self.reader(bytes))?.buildID)
  }

  @Test func whatIsNoELFFileIsRefused() throws {
    #expect(ELFObject(Self.reader([])) == nil)
    #expect(ELFObject(Self.reader([UInt8](repeating: 0x7f, count: 4096))) == nil)
    var bytes = try Self.seed("whole")
    bytes[4] = 1
    #expect(ELFObject(Self.reader(bytes)) == nil)
  }

  @Test func flippedBitsAndCutsHaveAnAnswer() throws {
    var random = SeededGenerator(seed: 9)
    for name in ["whole", "stripped"] {
      let bytes = try Self.seed(name)
      for _ in 0..<4000 {
        var broken = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let place = Int.random(in: 0..<broken.count, using: &random)
          broken[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        if Bool.random(using: &random) { broken.removeLast(Int.random(in: 0..<broken.count, using: &random)) }
        let read = Self.reader(broken)
        guard let object = ELFObject(read) else { continue }
        for table in [ELFObject.Table.all, .dynamic] {
          guard let symbol = object.symbols(table, read)?.symbol(at: 0x310) else { continue }
          #expect(0x310 - symbol.address < symbol.byteCount)
        }
      }
    }
  }

  /// An entry: name, type and binding, section, address, size.
  private static func entry(_ name: UInt32, _ info: UInt8, _ section: UInt16, _ place: UInt64, _ size: UInt64)
    -> [UInt8]
  {
    CoreBuilder.bytes(name) + [info, 0] + CoreBuilder.bytes(section) + CoreBuilder.bytes(place)
      + CoreBuilder.bytes(size)
  }

  @Test func ofSeveralNamesTheInnermostAndThenTheGlobalOneIsTold() throws {
    let names = Array("\0weak\0global\0outer\0function\0thread\0foreign\0".utf8)
    let entries =
      Self.entry(13, 0x11, 5, 0x1000, 0x100) + Self.entry(1, 0x21, 5, 0x1010, 8) + Self.entry(6, 0x11, 5, 0x1010, 8)
      + Self.entry(19, 0x12, 5, 0x1020, 8) + Self.entry(28, 0x16, 5, 0x1020, 8) + Self.entry(35, 0x11, 0, 0x1020, 8)
      + Self.entry(999, 0x11, 5, 0x1030, 8) + Self.entry(1, 0x11, 5, .max - 3, .max) + [1, 2, 3]
    let table = try #require(SymbolTable(entries: entries, names: names))
    #expect(table.count == 4)
    #expect(Self.name(0x1010, table) == "global+0")
    #expect(Self.name(0x1018, table) == "outer+24")
    #expect(Self.name(0x1025, table) == "outer+37")
    #expect(Self.name(0x1035, table) == "outer+53")
    #expect(Self.name(0x1100, table) == nil)
    #expect(Self.name(.max, table) == "weak+3")
  }

  /// Those of glibc's that return from a signal's handler have none, and a stack needs their name.
  @Test func aFunctionWithoutASizeNamesItsStartAlone() throws {
    let names = Array("\0label\0sized\0inner\0data\0".utf8)
    let entries =
      Self.entry(1, 0x02, 5, 0x1000, 0) + Self.entry(7, 0x12, 5, 0x2000, 0x100) + Self.entry(13, 0x02, 5, 0x2010, 0)
      + Self.entry(19, 0x11, 5, 0x3000, 0)
    let table = try #require(SymbolTable(.functions, entries: entries, names: names))
    #expect(Self.name(0x1000, table) == "label+0")
    #expect(Self.name(0x1001, table) == nil)
    // What has a size is told where both could be.
    #expect(Self.name(0x2010, table) == "sized+16")
    // A variable without one holds nothing.
    let variables = try #require(SymbolTable(.variables, entries: entries, names: names))
    #expect(Self.name(0x3000, variables) == nil)
  }

  /// More than one piece of the file, in any order of names, some of them shared.
  @Test func aLongTableKeepsEachName() throws {
    let count = 45_000
    var (names, places): ([UInt8], [UInt32]) = ([0], [])
    for number in 0..<count {
      places.append(UInt32(names.count))
      names += Array("variable_of_the_module_\(number)\0".utf8)
    }
    #expect(names.count > 1 << 20)
    var random = SeededGenerator(seed: 4)
    let order = (0..<count).shuffled(using: &random)
    var entries: [UInt8] = []
    for number in order { entries += Self.entry(places[number], 0x11, 5, UInt64(number) * 16, 8) }
    entries += Self.entry(places[7], 0x11, 5, UInt64(count) * 16, 8)
    let table = try #require(SymbolTable(entries: entries, names: names))
    #expect(table.count == count + 1)
    #expect((0..<count).allSatisfy { Self.name(UInt64($0) * 16 + 1, table) == "variable_of_the_module_\($0)+1" })
    #expect(Self.name(UInt64(count) * 16, table) == "variable_of_the_module_7+0")
  }

  /// Each variable's name begins one byte further on in one long text: together they would be gigabytes.
  @Test func namesThatShareTheirBytesHaveALimit() {
    let names = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)
    var entries: [UInt8] = []
    for number in 0..<100_000 { entries += Self.entry(UInt32(number), 0x11, 5, UInt64(number) * 16, 8) }
    #expect(SymbolTable(entries: entries, names: names) == nil)
  }

  /// A file of a few kilobytes whose table of symbols is a hole of 511 MiB.
  @Test func aTableThatIsAHoleIsNotThere() throws {
    var bytes = try Self.seed("whole")
    let object = try #require(ELFObject(Self.reader(bytes)))
    let number = try #require(object.sections.firstIndex { $0.kind == .symbols })
    let entry = Int(try #require(bytes.load(UInt64.self, at: 0x28))) + number * ELFSection.byteCount
    let place: [UInt64] = [1 << 20, 511 << 20]
    bytes.replaceSubrange(entry + 24..<entry + 40, with: place.flatMap { CoreBuilder.bytes($0) })
    let directory = try TemporaryDirectory()
    let path = try directory.write("module", bytes)
    let writable = try FileDescriptor.open(path, .readWrite)
    try writable.closeAfter { try writable.resize(to: 600 << 20) }
    let file = try #require(Self.objectFile(path))
    #expect(file.object.sections[number].byteCount == 511 << 20)
    #expect(file.symbols(.all) == nil)
    #expect(file.symbols(.dynamic)?.count == 1)
  }

  private static func objectFile(_ path: FilePath, _ allowance: SymbolAllowance = SymbolAllowance()) -> ObjectFile? {
    let file = ForeignFile.open(at: .directory(path), about: []) {
      guard let opened = try? Descriptor(openingRegular: path) else { return nil }
      return OpenedFile(opened)
    }
    return ObjectFile(file, allowance)
  }

  /// The check value of the CRC-32 catalogue.
  @Test func theChecksumIsThatOfZlib() {
    var checksum = Checksum()
    checksum.add("12345".utf8)
    checksum.add("6789".utf8)
    #expect(checksum.value == 0xcbf4_3926)
  }

  @Test func theChecksumOfAFileIsMadeOfPieces() throws {
    var bytes = try Self.seed("whole")
    bytes += (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) | 1 }
    let directory = try TemporaryDirectory()
    let file = try #require(Self.objectFile(try directory.write("module", bytes)))
    var checksum = Checksum()
    checksum.add(bytes)
    #expect(file.checksum == checksum.value)
  }

  /// Many modules, each with as much as is read of one.
  @Test func theSymbolsOfAllModulesTogetherHaveALimit() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("module", try Self.seed("whole"))
    let one = try #require(Self.objectFile(path)?.symbols(.all)).byteCount
    let keeping = SymbolAllowance(read: 1 << 30, kept: 2 * one)
    #expect((0..<4).map { _ in Self.objectFile(path, keeping)?.symbols(.all) != nil } == [true, true, false, false])
    #expect(keeping.unread == [[]])
    let reading = SymbolAllowance(read: 40_000, kept: 1 << 30)
    #expect((0..<100).contains { _ in Self.objectFile(path, reading) == nil })
    #expect(reading.unread == [[]])
  }
}
