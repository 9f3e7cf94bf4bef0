import Testing

@testable import MemDump

/// What stands in front of the memory of a core, byte for byte: who wrote a core once writes the same one again.
@Suite struct CoreBytesTests {
  /// The checksum of all that the format itself writes, with the machine of x86-64 in it wherever this runs.
  private static func checksum(_ image: ProcessImage) -> UInt32 {
    var header = CoreFormat.layout(image).header
    header.replaceSubrange(18..<20, with: [62, 0])
    var checksum = Checksum()
    checksum.add(header)
    return checksum.value
  }

  private static func facts() -> ProcessFacts {
    var facts = ProcessFacts()
    let stat = "7 (a) b) S 5 6 3 0 -1 64 0 0 0 0 0 0 0 0 20 -5 1 0 99 0 0 0 0"
    (facts.process, facts.stat) = (7, ProcessStat(parsing: Array(stat.utf8)))
    facts.name = Array("a name of 20 letters".utf8)
    facts.commandLine = [Array("/bin/a".utf8), Array("b c".utf8)]
    (facts.user, facts.group) = (1000, 100)
    facts.auxiliaryVector = [UInt8](repeating: 9, count: 32)
    return facts
  }

  @Test func aCoreWithNotesAndThreads() throws {
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
          .init(type: 0x202, bytes: [6]), .init(type: 0x5349_4749, bytes: [UInt8](repeating: 8, count: 128)),
        ])
    }
    let image = ProcessImage(
      regions: try MapsParser.parse(Array(map.utf8)), contents: [Range(0x1800, 0x2800), Range(0x3000, 0x5000)],
      facts: Self.facts(), threads: threads)
    #expect(Self.checksum(image) == 0x7a8a_59f3)
    #expect(CoreFormat.layout(image).byteCount == 20480)
  }

  @Test func aCoreOfMoreSegmentsThanItsHeaderCounts() throws {
    var text = ""
    for index in 0..<66_000 {
      let start = 0x10000 + index * 0x2000
      text += "\(String(start, radix: 16))-\(String(start + 0x1000, radix: 16)) rw-p 0 0:0 0\n"
    }
    let regions = try MapsParser.parse(Array(text.utf8))
    let image = ProcessImage(regions: regions, contents: regions.map(\.range), facts: Self.facts(), threads: [])
    #expect(Self.checksum(image) == 0x08e5_ee41)
    #expect(CoreFormat.layout(image).byteCount == 274_034_688)
  }
}
