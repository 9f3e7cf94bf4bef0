import Testing

@testable import MemDump

@Suite struct ProcessStatTests {
  /// As Linux 6.18 wrote it; field 9 are the flags, field 22 is the start time.
  private static let rest =
    " S 5091 5092 5091 34816 5092 4194304 118 0 0 0 3 5 0 0 20 0 1 0 4711 3133440 438 18446744073709551615 1 1 0 0 0 0"

  private static func stat(_ text: String) -> ProcessStat? { ProcessStat(parsing: Array(text.utf8)) }

  @Test func readsWhatAKernelWrote() throws {
    let stat = try #require(Self.stat("5092 (nginx)" + Self.rest + " 0 0 0 0\n"))
    #expect(stat.state == UInt8(ascii: "S"))
    #expect(stat.flags == 4_194_304)
    #expect(stat.startTime == 4711)
    #expect(!stat.isKernelThread)
  }

  /// Fields 50 and 51, zeros where we may not know.
  @Test func tellsWhereTheEnvironmentIs() throws {
    let middle = String(repeating: " 0", count: 18)
    let stat = try #require(Self.stat("5092 (nginx)" + Self.rest + middle + " 140735000 140735100 0\n"))
    #expect(stat.environment == Address(140_735_000)..<Address(140_735_100))
    for end in [" 0 0 0", " 7 6 0", " 7", ""] {
      #expect(Self.stat("5092 (nginx)" + Self.rest + middle + end + "\n")?.environment.isEmpty == true)
    }
  }

  @Test(arguments: [
    "nginx", "a b", "a)", ")", "((", "))))", ") S 1 2 3 4 5 6 (", "a) R 1 1 1 1 1 2097152 1 1 1", "", " ", "a\nb", "\0",
    "\u{1b}[2J", "(x", "5092 (x) Z 1",
  ]) func namesMayHoldAnything(name: String) throws {
    let stat = try #require(Self.stat("5092 (\(name))" + Self.rest + "\n"))
    #expect(stat.name == Array(name.utf8))
    #expect(stat.state == UInt8(ascii: "S"))
    #expect(stat.startTime == 4711)
    #expect(!stat.isKernelThread)
  }

  @Test func namesMayBeNoUTF8() throws {
    let bytes = Array("1 (".utf8) + [0xff, 0x29, 0x80] + Array((")" + Self.rest).utf8)
    #expect(try #require(ProcessStat(parsing: bytes)).startTime == 4711)
  }

  @Test func tellsAThreadOfTheKernel() throws {
    let stat = try #require(Self.stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0 20 0 1 0 15 0 0\n"))
    #expect(stat.isKernelThread)
    #expect(stat.startTime == 15)
  }

  @Test func theStartTimeMayBeTheLastThatIsThere() {
    #expect(Self.stat("1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1 42")?.startTime == 42)
    #expect(Self.stat("1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1 18446744073709551615 1")?.startTime == .max)
  }

  @Test(arguments: [
    "", "5092", "5092 (nginx", ")5092 (nginx", "5092 nginx", ")", "()", "5092 (nginx)", "5092 (nginx) ",
    "5092 (nginx) S", "5092 (nginx) S 1 2 3", "1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1",
    "1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1 ",
    "1 (x) S 1 1 1 1 1 x 1 1 1 1 1 1 1 1 1 1 1 1 42 1", "1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1 x 1",
    "1 (x) S 1 1 1 1 1 -7 1 1 1 1 1 1 1 1 1 1 1 1 42 1",
    "1 (x) S 1 1 1 1 1 7 1 1 1 1 1 1 1 1 1 1 1 1 18446744073709551616 1",
  ]) func refusesWhatIsCutShort(text: String) {
    #expect(Self.stat(text)?.startTime == nil)
  }

  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let source = Array(("5092 (ng) inx)" + Self.rest).utf8)
    for end in 0...source.count {
      var bytes = Array(source[..<end])
      if !bytes.isEmpty, seed > 1 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      // The start time ends behind that.
      if end < 60 { #expect(ProcessStat(parsing: bytes)?.startTime == nil) }
    }
  }
}
