import MemDumpTestSupport
import Testing

@testable import MemDump

/// Finds one byte, with no reach: the smallest pattern there can be.
private struct OneByte: Pattern {
  var byte: UInt8
  var name: String { "one-byte" }
  var summary: String { "a byte" }
  var reach: Int { 0 }

  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    let all = Array(bytes)
    while from < to {
      if all[from] == byte {
        if matches.isFull { return }
        matches.append(Match(offset: UInt32(from), length: 1))
      }
      from += 1
    }
  }
}

@Suite struct ScanTests {
  /// JSON may escape a slash, and the parsed text is often near: both count as one.
  @Test func aURLOfJSONIsWrittenWithoutBackslashes() throws {
    let memory = try TestMemory([0x1000: Array(#""https:\/\/a.example\/b?c" https://a.example/b?c"#.utf8)])
    for pattern in [URLPattern(), URLPattern().wholeWord ?? URLPattern()] as [any Pattern] {
      let items = try Scan(patterns: [pattern]).items(memory)
      #expect(items.map(\.text) == ["https://a.example/b?c", "https://a.example/b?c"])
    }
  }

  @Test func tellsWhereEachFindingIs() throws {
    let memory = try TestMemory([
      0x1000: Array("x1.2.3.4:80".utf8), 0x5000: Array("nothing".utf8), 0x9000: Array("5.6.7.8:90,1.2.3.4:80".utf8),
    ])
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()]).run(memory, number: 7, into: &list)
    #expect(list.items.map(\.text) == ["1.2.3.4:80", "5.6.7.8:90", "1.2.3.4:80"])
    #expect(list.findings.map(\.address) == [Address(0x1001), Address(0x9000), Address(0x900b)])
    #expect(list.findings.map(\.region) == [0, 2, 2])
    #expect(list.findings.allSatisfy { $0.source == 7 && $0.pattern == 0 })
    #expect(summary.findingCount == 3)
    #expect(summary.byteCount == 39)
    #expect(!summary.isPartial)
  }

  @Test func theRegionOfAStraddlingMatchIsThatOfItsFirstByte() throws {
    let memory = try TestMemory([
      0x1000: Array(" 1.2.".utf8), 0x1005: Array("3.4:80 5.6.7.8:90".utf8),
    ])
    var list = FindingRecorder()
    _ = try Scan(patterns: [IPv4Port()]).run(memory, into: &list)
    #expect(list.findings.map(\.region) == [0, 1])
  }

  @Test func countsHolesApart() throws {
    let memory = try PatchyMemory([.bytes([1, 2, 3]), .absent(5), .unread(7, .swapped), .gap(9), .absent(1 << 30)])
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()]).run(memory, into: &list)
    #expect(summary.byteCount == 3)
    #expect(summary.absentByteCount == 5 + 1 << 30)
    #expect(summary.unreadByteCount == 7)
  }

  @Test(arguments: [1, 5, 4096]) func severalPatternsFindEachTheirOwn(chunk: Int) throws {
    let memory = try TestMemory([0x1000: Array("a1.2.3.4:80a".utf8)])
    var list = FindingRecorder()
    _ = try Scan(patterns: [OneByte(byte: 0x61), IPv4Port()], chunk: chunk).run(memory, into: &list)
    #expect(list.findings.filter { $0.pattern == 0 }.map(\.address) == [Address(0x1000), Address(0x100b)])
    #expect(list.findings.filter { $0.pattern == 1 }.map(\.address) == [Address(0x1001)])
  }

  /// More matches than a list holds at once.
  @Test func losesNothingWhereMatchesAreDense() throws {
    let memory = try TestMemory([0x1000: [UInt8](repeating: 0x61, count: 10000)])
    let items = try Scan(patterns: [OneByte(byte: 0x61)]).items(memory)
    #expect(items.map(\.address) == (0..<10000).map { 0x1000 + $0 })
    let text = Array(String(repeating: "1.1.1.1:1,", count: 9000).utf8)
    #expect(try Scan(patterns: [IPv4Port()]).items(try TestMemory([0: text])).count == 9000)
  }

  @Test func aSinkMayEndTheScan() throws {
    let memory = try TestMemory([0x1000: Array("1.1.1.1:1,2.2.2.2:2,3.3.3.3:3".utf8)])
    var list = FindingRecorder(limit: 2)
    let summary = try Scan(patterns: [IPv4Port()]).run(memory, into: &list)
    #expect(list.items.map(\.text) == ["1.1.1.1:1", "2.2.2.2:2"])
    #expect(summary.isPartial)
    #expect(summary.findingCount == 2)
  }
}
