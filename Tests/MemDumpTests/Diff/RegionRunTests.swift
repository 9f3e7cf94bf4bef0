import Testing

@testable import MemDump

@Suite struct RegionRunTests {
  private static func map(_ lines: String...) throws -> [MemoryRegion] {
    try MapsParser.parse(Array(lines.joined(separator: "\n").utf8))
  }

  private static let first = [
    "555500000000-555500001000 r-xp 0 8:1 7 /usr/bin/a", "7f0000000000-7f0000001000 r-xp 0 8:1 8 /lib/libc.so.6",
    "7f0000100000-7f0000101000 rw-p 0 0:0 0",
  ].joined(separator: "\n")

  @Test func filesThatStayedMakeOneRun() throws {
    let old = try Self.map(Self.first)
    #expect(old.mayBeOfOneRun(with: old))
    let grown = try Self.map(Self.first, "7f0000200000-7f0000300000 r-xp 0 8:1 9 /lib/new.so")
    #expect(old.mayBeOfOneRun(with: grown))
    let reloaded = try Self.map(
      "555500000000-555500001000 r-xp 0 8:1 7 /usr/bin/a", "7f1000000000-7f1000001000 r-xp 0 8:1 8 /lib/libc.so.6")
    #expect(old.mayBeOfOneRun(with: reloaded))
  }

  @Test func filesThatMovedMakeTwo() throws {
    let moved = try Self.map(
      "555600000000-555600001000 r-xp 0 8:1 7 /usr/bin/a", "7f1000000000-7f1000001000 r-xp 0 8:1 8 /lib/libc.so.6")
    #expect(try !Self.map(Self.first).mayBeOfOneRun(with: moved))
  }

  @Test func noCommonFileMakesTwo() throws {
    let other = try Self.map("555500000000-555500001000 r-xp 0 8:1 7 /usr/bin/b")
    #expect(try !Self.map(Self.first).mayBeOfOneRun(with: other))
  }

  @Test func mapsWithoutFilesTellNothing() throws {
    let bare = try Self.map("7f0000100000-7f0000101000 rw-p 0 0:0 0")
    #expect(try Self.map(Self.first).mayBeOfOneRun(with: bare))
    #expect(bare.mayBeOfOneRun(with: bare))
    #expect([].mayBeOfOneRun(with: bare))
  }
}
