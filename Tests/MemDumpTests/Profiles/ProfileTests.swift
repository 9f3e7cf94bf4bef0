import Testing

@testable import MemDump

/// The two forms of a profile, byte by byte.
@Suite struct ProfileTests {
  private static func profile() -> Profile {
    var profile = Profile([.inuseObjects, .inuseSpace], mainType: 1)
    profile.add([Profile.Frame("a;b\n"), Profile.Frame("c d")], [1, 300])
    profile.add([Profile.Frame("x\u{1b}[2J"), Profile.Frame("")], [2, 0])
    profile.add(
      [Profile.Frame("a;b\n"), Profile.Frame("c d")], [3, 4], labels: [.init("class", .number(9, unit: "bytes"))])
    return profile
  }

  @Test func equalStacksAreOneFoldedLineAndNothingBreaksALine() {
    let text = String(decoding: FoldedStacks.bytes(of: Self.profile()), as: UTF8.self)
    #expect(text == "a\\x3bb\\x0a;c d 304\n")
    #expect(EscapedText.bytes(of: "a\\x3bb\\x0a") == Array("a;b\n".utf8))
    #expect(FoldedStacks.bytes(of: Profile([.samples])) == [])
  }

  @Test func aTotalIsThatOfItsType() {
    #expect(Self.profile().total(ofType: 0) == 6)
    #expect(Self.profile().total(ofType: 1) == 304)
  }

  /// Numbers as protobuf.dev has them: 150 is 96 01 behind 08.
  @Test func numbersAreWrittenSevenBitsAByte() {
    var message = ProtocolBuffer()
    message.add(1, 150)
    message.add(2, 0)
    message.add(2, packed: [3, 270, 86942, 0])
    message.add(16, amount: .max)
    #expect(message.bytes.prefix(3) == [0x08, 0x96, 0x01])
    #expect(message.bytes.dropFirst(3).prefix(9) == [0x12, 0x07, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05, 0x00])
    #expect(Array(message.bytes.dropFirst(12)) == [0x80, 0x01] + [UInt8](repeating: 0xff, count: 8) + [0x7f])
  }

  /// The bytes that gzip(1) has for nothing, and the CRC-32 of "123456789", which every description of it tells.
  @Test func gzipStoresWhatItGets() {
    #expect(Gzip.file([]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0])
    let digits = Gzip.file(Array("123456789".utf8))
    #expect(digits.suffix(8) == [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0])
    let large = [UInt8](repeating: 7, count: 0xffff * 2 + 1)
    let file = Gzip.file(large)
    #expect(file.count == 10 + 3 * 5 + large.count + 8)
    #expect(file[10] == 0 && file[10 + 5 + 0xffff] == 0 && file[10 + 2 * (5 + 0xffff)] == 1)
  }

  @Test func pprofHasEveryTextOnceAndNoByteThatATerminalObeys() {
    let bytes = PprofProfile.bytes(of: Self.profile())
    #expect(!bytes.dropFirst(15).contains(0x1b))
    func count(_ text: String) -> Int {
      let text = Array(text.utf8)
      return bytes.indices.count { bytes[$0...].starts(with: text) }
    }
    #expect(count("inuse_space") == 1 && count("c d") == 1 && count("class") == 1 && count(#"x\x1b[2J"#) == 1)
  }

  @Test func aFileAppearsWholeOrNotAtAll() throws {
    let directory = try TemporaryDirectory()
    let path = directory["p"]
    do {
      let file = try ProfileFile(path, .folded, replacing: false)
      #expect(try directory.names == [])
      _ = file.path
    }
    #expect(try directory.names == [])
    try ProfileFile(path, .folded, replacing: false).finish(with: Self.profile())
    #expect(try directory.read("p") == FoldedStacks.bytes(of: Self.profile()))
    #expect(throws: MemDumpError.self) { try ProfileFile(path, .pprof, replacing: false) }
    try ProfileFile(path, .pprof, replacing: true).finish(with: Self.profile())
    #expect(try directory.read("p") == PprofProfile.bytes(of: Self.profile()))
  }
}
