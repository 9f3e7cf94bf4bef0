import MemDumpTestSupport
import Testing

@testable import MemDump

/// On libraries that gcc and clang made of one source, in each version of DWARF.
@Suite struct DebugInformationTests {
  private static let seeds = ["gcc3", "gcc4", "gcc5", "gcc5z", "gcc64", "clang4", "clang5"]
  private static let directory =
    String(#filePath.dropLast("MemDumpTests/DebugInfo/DebugInformationTests.swift".count)) + "Fuzz/Seeds/debug-info/"

  private static func seed(_ name: String) throws -> [UInt8] { try #require(fileBytes(directory + name)) }

  private static func reader(_ bytes: [UInt8]) -> ELFObject.Reader {
    { range in
      let end = UInt64(bytes.count)
      return Array(bytes[Int(min(range.lowerBound, end))..<Int(min(range.upperBound, end))])
    }
  }

  private static func information(_ bytes: [UInt8], steps: Int = 1 << 28) -> DebugInformation? {
    let read = reader(bytes)
    return ELFObject(read).flatMap { DebugInformation($0, BlockStore(), read, steps: steps) { _ in true } }
  }

  private static func place(_ frame: SourceFrame) -> String {
    frame.line.flatMap { line in frame.file.map { String(decoding: $0, as: UTF8.self) + ":\(line)" } } ?? "??"
  }

  private static func text(_ frame: SourceFrame) -> String {
    (frame.name.map { String(decoding: $0, as: UTF8.self) } ?? "??") + " " + place(frame)
  }

  private static func frames(_ name: String, _ address: UInt64) throws -> [String] {
    try #require(information(try seed(name))).frames(at: address).map(text)
  }

  @Test(arguments: ["gcc3", "gcc4", "gcc5", "gcc5z", "gcc64"]) func aCallThatWasInlinedTwice(name: String) throws {
    let read = Self.reader(try Self.seed(name))
    let object = try #require(ELFObject(read))
    let outer = try #require(object.symbols(.all, of: .functions, read)?.symbol(at: 0x2c0))
    #expect(outer.name == Array("outer".utf8) && outer.address == 0x2c0)
    #expect(try Self.frames(name, 0x2c0) == ["outer /src/lines.c:17"])
    #expect(try Self.frames(name, 0x2d4) == ["further /src/lines.c:7", "outer /src/lines.c:17"])
    #expect(
      try Self.frames(name, 0x2e6) == ["twice /src/lines.c:3", "further /src/lines.c:8", "outer /src/lines.c:17"])
  }

  @Test(arguments: seeds) func whatIsNoCodeHasNoFrames(name: String) throws {
    for address in [0, 1, 0x100, 0x1000, 0x1448, .max] as [UInt64] { #expect(try Self.frames(name, address) == []) }
  }

  /// What other readers tell of every address of a function: LLVM's the functions and the lines of the calls, gdb the line of
  /// the instruction itself, save where the compiler says that it has none: gdb then takes that of the one before.
  @Test(
    .enabled(if: has("llvm-symbolizer", "gdb"), "llvm-symbolizer or gdb are not installed"), arguments: seeds)
  func everyAddressAsOtherReaders(name: String) throws {
    let read = Self.reader(try Self.seed(name))
    let (object, file) = (try #require(ELFObject(read)), Self.directory + name)
    let information = try #require(DebugInformation(object, read))
    let symbols = try #require(object.symbols(.all, of: .functions, read))
    let addresses = (0x240..<0x340).filter { symbols.symbol(at: $0) != nil }
    let words = addresses.map { "\(Address($0))" }
    let expected = Self.blocks(try Tool.shell("llvm-symbolizer --obj=\(file) \(words.joined(separator: " "))").text)
    let questions = words.map { "-ex 'info line *\($0)'" }.joined(separator: " ")
    let lines = try Tool.shell("gdb -batch \(questions) \(file) 2>/dev/null").lines.filter { $0.contains("ine ") }
    try #require(expected.count == addresses.count && lines.count == addresses.count && addresses.count > 60)
    var inlined = 0
    for (number, address) in addresses.enumerated() {
      let ours = information.frames(at: address)
      let theirs = expected[number]
      let names = ours.map { String(decoding: $0.name ?? [], as: UTF8.self) }
      #expect(names == theirs.map(\.name), "\(words[number])")
      for (frame, other) in zip(ours, theirs).dropFirst() { #expect(Self.place(frame) == other.place) }
      // `Line 17 of "lines.c" starts at address …`, or `No line number information`.
      let line = lines[number].split(separator: " ")
      let expectedLine = theirs[0].place.hasSuffix(":0") ? nil : UInt64(line[1])
      #expect(line[0] == "Line" && ours.first?.line == expectedLine, "\(words[number]): \(lines[number])")
      if ours.count > 1 { inlined += 1 }
    }
    #expect(inlined > 10)
  }

  /// The functions and places of each address that llvm-symbolizer tells: a function, `path:line:column`; an empty line.
  private static func blocks(_ text: String) -> [[(name: String, place: String)]] {
    var blocks: [[(name: String, place: String)]] = [[]]
    var name: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.isEmpty {
        blocks.append([])
      } else if let function = name {
        let place = line.split(separator: ":").dropLast().joined(separator: ":")
        blocks[blocks.count - 1].append((function, place))
        name = nil
      } else {
        name = line
      }
    }
    return blocks.filter { !$0.isEmpty }
  }

  @Test func anUnknownCompressionIsToldInWords() throws {
    var bytes = try Self.seed("gcc5z")
    let object = try #require(ELFObject(Self.reader(bytes)))
    let section = try #require(object.debugSections[".debug_info"])
    #expect(section.isCompressed)
    bytes[Int(section.offset)] = 2
    let zstd = try #require(Self.information(bytes))
    #expect(zstd.note == "its sections are compressed by zstd, which is not read here")
    #expect(zstd.frames(at: 0x2d4) == [])
    bytes[Int(section.offset)] = 1
    bytes[Int(section.offset + section.byteCount) - 1] ^= 1
    #expect(Self.information(bytes)?.note == "its compressed sections are damaged")
    for place in 8..<16 { bytes[Int(section.offset) + place] = 0x7f }
    #expect(Self.information(bytes)?.note == "its compressed sections are larger than what is read")
    #expect(Self.information(try Self.seed("gcc5z"))?.note == nil)
  }

  @Test(arguments: seeds) func noMoreStepsAreMadeThanThereAre(name: String) throws {
    let bytes = try Self.seed(name)
    let whole = try #require(Self.information(bytes)).frames(at: 0x2a8)
    for steps in 0..<40 {
      let information = try #require(Self.information(bytes, steps: steps))
      #expect(information.frames(at: 0x2a8).count <= max(1, whole.count))
      #expect(information.note == "it takes more steps than are made")
    }
  }

  @Test(arguments: seeds) func flippedBitsAndCutsHaveAnAnswer(name: String) throws {
    var random = SeededGenerator(seed: 11)
    let bytes = try Self.seed(name)
    for _ in 0..<1000 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<broken.count, using: &random)
        broken[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      if Bool.random(using: &random) { broken.removeLast(Int.random(in: 0..<broken.count, using: &random)) }
      guard let information = Self.information(broken) else { continue }
      for address in [0x280, 0x2a4, 0x2d4, .max] as [UInt64] {
        #expect(information.frames(at: address).count <= 65)
      }
    }
  }
}
