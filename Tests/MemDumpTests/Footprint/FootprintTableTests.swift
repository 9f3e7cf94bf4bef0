import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct FootprintTableTests {
  /// A map with usage, as the kernel writes it.
  private func regions(_ lines: [(String, [String: UInt64])]) throws -> [MemoryRegion] {
    let text = lines.map { line, fields in
      line + "\n" + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) kB\n" }.joined()
    }.joined()
    return try SmapsParser.parse(Array(text.utf8))
  }

  private func uses(_ lines: [String]) throws -> [String] {
    let regions = try MapsParser.parse(Array(lines.map { $0 + "\n" }.joined().utf8))
    let rule = MappingUse(regions)
    return regions.map { region in
      let use = rule.use(of: region)
      return [use.category.name, use.owner, use.part].compactMap(\.self).joined(separator: "/")
    }
  }

  @Test func everyMappingHasAUse() throws {
    #expect(
      try uses([
        "1000-2000 r--p 0 08:01 5 /bin/app", "2000-3000 r-xp 1000 08:01 5 /bin/app",
        "3000-4000 rw-p 2000 08:01 5 /bin/app", "4000-5000 rw-p 0 00:00 0 [heap]", "5000-6000 rw-p 0 00:00 0 ",
        "6000-7000 ---p 0 00:00 0 ", "7000-8000 r--p 0 08:01 6 /usr/share/data", "8000-9000 rw-s 0 08:01 7 /var/db",
        "9000-a000 rw-s 0 00:01 8 /dev/zero (deleted)", "a000-b000 rw-s 0 00:01 9 /SYSV00000000 (deleted)",
        "b000-c000 rw-p 0 00:00 0 [anon: Go: heap]", "c000-d000 rw-p 0 00:00 0 [stack]",
        "d000-e000 r-xp 0 00:00 0 [vdso]", "e000-f000 rw-s 0 00:05 10 /dev/dri/card0",
        "f000-10000 rw-s 0 00:01 11 /memfd:a (deleted)", "10000-11000 rw-p 0 00:00 0 [anon:\u{1b}[2J]",
      ]) == [
        "program/constants", "program/code", "program/variables", "heap/program break, not walked", "unexplained",
        "reserved", "file/private", "file/shared with the page cache", "shared/anonymous", "shared/System V",
        "named/Go: heap", "stack/main thread", "kernel", "device", "shared/memfd", "named/\\x1b[2J",
      ])
  }

  /// What the linker wrote to and protected again is told from constants by its pages.
  @Test func relocatedMemoryIsToldByItsPages() throws {
    let regions = try regions([
      ("1000-2000 r--p 0 08:01 5 /bin/app", ["Rss": 4]), ("2000-3000 r-xp 1000 08:01 5 /bin/app", ["Rss": 4]),
      ("3000-4000 r--p 2000 08:01 5 /bin/app", ["Rss": 4, "Anonymous": 4]),
      ("4000-5000 r--p 3000 08:01 5 /bin/app", ["Rss": 0, "Swap": 4]),
    ])
    let rule = MappingUse(regions)
    #expect(regions.map { rule.use(of: $0).part } == ["constants", "code", "relocated", "relocated"])
  }

  @Test func theSumIsThatOfAllMappings() throws {
    let regions = try regions([
      ("1000-9000 rw-p 0 00:00 0 ", ["Rss": 20, "Pss": 13, "Private_Dirty": 8, "Swap": 4]),
      ("9000-a000 rw-p 0 00:00 0 [heap]", ["Rss": 4, "Pss": 4, "Private_Dirty": 4]),
    ])
    var uses = UseMap()
    uses.claim([Address(0x3010)..<Address(0x4ff0)], for: FootprintUse(.heap, of: "some"))
    uses.claim([Address(0x4000)..<Address(0x6000)], for: FootprintUse(.stack))
    var table = FootprintTable(uses, MappingUse(regions), nil, keepsMappings: true)
    for region in regions { try table.add(region) }
    #expect(
      table.total
        == MemoryAmount(
          virtual: 0x9000, resident: 24 << 10, proportional: 17 << 10,
          privateDirty: 12 << 10, swapped: 4 << 10))
    var sum = MemoryAmount()
    for row in table.rows.values { sum += row.amount }
    #expect(sum == table.total)
    #expect(table.rows[FootprintUse(.heap, of: "some")]?.amount.virtual == 0x2000)
    #expect(table.rows[FootprintUse(.stack)]?.amount.virtual == 0x1000)
    #expect(table.rows[FootprintUse(.unexplained)]?.amount.virtual == 0x5000)
    #expect(table.rows[FootprintUse(.unexplained)]?.mappingCount == 2)
    #expect(table.rows[FootprintUse(.stack)]?.isApproximate == true)
    #expect(table.rows[FootprintUse(.heap, of: "program break, not walked")]?.isApproximate == false)
  }

  /// Whatever the pages say, the parts of a mapping are together what the kernel says of it.
  @Test func aDivisionKeepsTheSum() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<10_000 {
      func amount() -> UInt64 { UInt64.random(in: 0...100, using: &generator) * 4096 }
      let whole = MemoryAmount(
        virtual: 1 << 20, resident: amount(), proportional: amount(), privateDirty: amount(), swapped: amount())
      var split = AmountSplit(of: whole)
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        split.add(virtual: 0, resident: amount(), swapped: amount())
      }
      var sum = MemoryAmount(virtual: 1 << 20)
      for share in split.shares() { sum += share }
      #expect(sum == whole)
    }
  }

  @Test func theSumsOfTheKernelAreRead() {
    let text =
      "55d992d6d000-7ffe643be000 ---p 00000000 00:00 0                          [rollup]\n"
      + "Rss:              121312 kB\nPss:              120192 kB\nPss_Dirty:        120112 kB\n"
      + "Private_Dirty:    120112 kB\nSwap:                  4 kB\n"
    let sum = SmapsParser.sum(Array(text.utf8))
    #expect(sum?.resident == 121312 << 10 && sum?.proportional == 120192 << 10)
    #expect(sum?.privateDirty == 120112 << 10 && sum?.swap == 4096)
    #expect(SmapsParser.sum([]) == nil)
    #expect(SmapsParser.sum(Array("Rss: 4 kB\n".utf8)) == nil)
  }

  @Test func everyCategoryIsInTheListOnce() {
    let names = FootprintCategory.all.map(\.name)
    #expect(Set(names).count == names.count && names.contains("unexplained"))
  }
}
