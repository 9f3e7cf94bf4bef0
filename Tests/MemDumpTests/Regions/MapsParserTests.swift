import Testing

@testable import MemDump

@Suite struct MapsParserTests {
  /// Lines as Linux 6.18 and 5.10 wrote them, of python3, nginx and a browser.
  private static let captured = """
    5652c5b4e000-5652c5b4f000 r--p 00000000 fe:00 20504                      /usr/bin/python3.11
    5652c5b4f000-5652c5b50000 r-xp 00001000 fe:00 20504                      /usr/bin/python3.11
    5652c5b52000-5652c5b53000 rw-p 00003000 fe:00 20504                      /usr/bin/python3.11
    5652ef2a1000-5652ef4bc000 rw-p 00000000 00:00 0                          [heap]
    7f51cc9be000-7f51cc9bf000 rw-s 00000000 00:01 1170                       /dev/zero (deleted)
    7f51cc9c1000-7f51cc9c3000 rw-s 00000000 00:01 1169                       /memfd:ring (deleted)
    7f51ccb23000-7f51ccb25000 r-xp 00000000 fe:00 16277890                   /tmp/gone.so (deleted)
    7f51ccbe4000-7f51ccbe6000 r--p 00000000 fe:00 16277825                   /tmp/line\\012break
    7f51ccbf9000-7f51ccf3e000 rw-p 00000000 00:00 0\u{20}
    7f51ccf3e000-7f51ccf4e000 rw-p 00000000 00:00 0                          [anon:pool of requests]
    7f51cd200000-7f51cd201000 rw-s 00000000 00:01 98304                      /SYSV00000000 (deleted)
    7f51cd834000-7f51cd835000 rw-s 00000000 00:1b 11                         /dev/shm/ring
    7f51cd835000-7f51cd836000 rw-s 00000000 00:06 411                        /dev/nvidia0
    7f51cd836000-7f51cd837000 rw-s 00000000 00:0f 12                         anon_inode:[perf_event]
    7f51cd837000-7f51cd838000 ---p 00000000 00:00 0\u{20}
    7f51cd83f000-7f51cd843000 r--p 00000000 00:00 0                          [vvar]
    7f51cd845000-7f51cd847000 r-xp 00000000 00:00 0                          [vdso]
    7ffd364e0000-7ffd36501000 rw-p 00000000 00:00 0                          [stack]
    ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

    """

  private static func regions(_ text: String) throws -> [MemoryRegion] { try MapsParser.parse(Array(text.utf8)) }

  @Test func readsWhatAKernelWrote() throws {
    let regions = try Self.regions(Self.captured)
    #expect(regions.count == 19)
    #expect(regions.map(\.number) == Array(1...19))
    #expect(
      regions.map(\.kind) == [
        .file, .file, .file, .heap, .shared, .shared, .file, .file, .anonymous, .anonymous, .shared, .shared, .device,
        .device, .anonymous, .kernel, .kernel, .stack, .kernel,
      ])
    #expect(regions.allSatisfy { $0.usage == nil })
  }

  @Test func readsEachFieldOfALine() throws {
    let line = "7f51ccb23000-7f51ccb25000 r-xs 0000a000 fe:10 16277890                   /usr/lib/libssl.so.3\n"
    let region = try #require(try Self.regions(line).first)
    #expect(region.range == Range(0x7f51_ccb2_3000, 0x7f51_ccb2_5000))
    #expect(region.byteCount == 0x2000)
    #expect(region.permissions == [.read, .execute, .shared])
    #expect(region.permissions.description == "r-xs")
    #expect(region.fileOffset == 0xa000)
    #expect(region.device == (0xfe, 0x10))
    #expect(region.inode == 16_277_890)
    #expect(region.name == Array("/usr/lib/libssl.so.3".utf8))
    #expect(region.label == "/usr/lib/libssl.so.3")
  }

  @Test(arguments: ["r--p", "rw-p", "rwxp", "---p", "--xs", "-w-s", "rwxs", "-wxp"])
  func permissionsAreWrittenAsTheyAreRead(letters: String) throws {
    let region = try #require(try Self.regions("1000-2000 \(letters) 00000000 00:00 0\n").first)
    #expect(region.permissions.description == letters)
  }

  @Test func readsTheHighestAddresses() throws {
    let regions = try Self.regions(
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"
        + "fffffffffffff000-ffffffffffffffff r--p ffffffffffffffff ffff:ffff 18446744073709551615 /x\n")
    #expect(regions.map(\.range.lowerBound.rawValue) == [0xffff_ffff_ff60_0000, 0xffff_ffff_ffff_f000])
    #expect(regions.last?.range.upperBound.rawValue == .max)
    #expect(regions.last?.inode == .max)
    #expect(regions.last?.fileOffset == .max)
  }

  @Test func keepsNamesAsTheKernelWritesThem() throws {
    let names = [
      "/tmp/line\\012break", "/tmp/a b  c", "/tmp/gone (deleted)", "[anon:a]b]", "/tmp/ends with blank ", "[heap]x",
      "/tmp/\u{1b}[31mred", "anon_inode:[io_uring]",
    ]
    for name in names {
      let region = try #require(try Self.regions("1000-2000 rw-p 00000000 00:00 5       \(name)\n").first)
      #expect(region.name == Array(name.utf8))
    }
    let bytes = Array("1000-2000 rw-p 00000000 fe:00 5 /tmp/".utf8) + [0xff, 0xfe, 0x80] + Array(" bad\n".utf8)
    let region = try #require(try MapsParser.parse(bytes).first)
    #expect(region.name == Array("/tmp/".utf8) + [0xff, 0xfe, 0x80] + Array(" bad".utf8))
    #expect(region.label == "/tmp/\\xff\\xfe\\x80 bad")
  }

  @Test func aNameNeverReachesATerminalRaw() throws {
    let region = try #require(try Self.regions("1000-2000 rw-p 00000000 fe:00 5 /tmp/\u{1b}[2J\u{202e}x\n").first)
    #expect(region.label == "/tmp/\\x1b[2J\\u{202e}x")
  }

  @Test func theLastLineNeedsNoNewline() throws {
    #expect(try Self.regions("1000-2000 rw-p 00000000 00:00 0").count == 1)
    #expect(try Self.regions("").isEmpty)
  }

  /// A text and the line that is wrong in it.
  private static let malformed: [(String, Int)] = [
    ("\n", 1),
    ("x", 1),
    ("1000", 1),
    ("1000-", 1),
    ("1000-2000", 1),
    ("1000-2000 ", 1),
    ("1000-2000 rw-p", 1),
    ("1000-2000 rw-p 0", 1),
    ("1000-2000 rw-p 0 0", 1),
    ("1000-2000 rw-p 0 0:0", 1),
    ("1000-2000 rw-p 0 0:0 ", 1),
    ("1000-2000 rw-p 0 0:0 x", 1),
    ("1000 2000 rw-p 0 0:0 0", 1),
    ("1000-2000  rw-p 0 0:0 0", 1),
    ("1000-2000 rwp 0 0:0 0", 1),
    ("1000-2000 wr-p 0 0:0 0", 1),
    ("1000-2000 rw-q 0 0:0 0", 1),
    ("1000-2000 RW-P 0 0:0 0", 1),
    ("1000-2000 rw-pp 0 0:0 0", 1),
    ("1000-2000 rw-p x 0:0 0", 1),
    ("1000-2000 rw-p 0 0-0 0", 1),
    ("g000-2000 rw-p 0 0:0 0", 1),
    ("-1000-2000 rw-p 0 0:0 0", 1),
    ("0x1000-0x2000 rw-p 0 0:0 0", 1),
    ("2000-1000 rw-p 0 0:0 0", 1),
    ("1000-1000 rw-p 0 0:0 0", 1),
    ("10000000000000000-20000000000000000 rw-p 0 0:0 0", 1),
    ("1000-10000000000000000 rw-p 0 0:0 0", 1),
    ("1000-2000 rw-p 10000000000000000 0:0 0", 1),
    ("1000-2000 rw-p 0 0:0 18446744073709551616", 1),
    ("1000-2000 rw-p 0 0:0 0\n\n2000-3000 rw-p 0 0:0 0", 2),
    ("1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n", 2),
    // Overlapping, and back in memory.
    ("1000-2000 rw-p 0 0:0 0\n1fff-3000 rw-p 0 0:0 0\n", 2),
    ("1000-2000 rw-p 0 0:0 0\n1000-2000 rw-p 0 0:0 0\n", 2),
    ("1000-2000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n0-1000 rw-p 0 0:0 0\n", 3),
    ("1000-9000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n", 2),
  ]

  @Test(arguments: malformed) func tellsTheLineThatIsNotOneOfAMap(text: String, line: Int) {
    #expect(throws: MalformedText(line: line)) { try Self.regions(text) }
  }

  /// Adjacent regions are fine, and a NUL is a byte of a name like any other.
  @Test func takesWhatIsUnusualAndRight() throws {
    #expect(try Self.regions("1000-2000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n").count == 2)
    #expect(try Self.regions("0-1 rw-p 0 0:0 0\n").first?.byteCount == 1)
    #expect(try Self.regions("1000-2000 rw-p 0 0:0 7 a\0b\n").first?.name == [0x61, 0, 0x62])
  }

  /// Whatever the bytes are, there is an answer; parts of a true map in any order are the hardest.
  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let source = Array(Self.captured.utf8)
    for _ in 0..<150 {
      var bytes = Array(source[0..<Int.random(in: 0...source.count, using: &generator)])
      for _ in 0..<Int.random(in: 0...8, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      if let regions = try? MapsParser.parse(bytes) {
        #expect(zip(regions, regions.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
      }
    }
  }
}
