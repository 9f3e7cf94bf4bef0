import Testing

@testable import MemDump

@Suite struct CoreFilterTests {
  /// A line of a map, what smaps adds, and the bits that let it through whole.
  private static let regions: [(line: String, usage: String, bits: UInt32)] = [
    ("rw-p 0 0:0 0", "rd wr", 1),
    ("rw-p 0 0:0 0 [heap]", "rd wr", 1),
    ("---p 0 0:0 0", "", 1),
    ("rw-s 0 0:1 7 /dev/zero (deleted)", "sh", 2),
    ("rw-s 0 0:1 7 /memfd:x (deleted)", "sh", 2),
    ("rw-s 0 0:1 0 /SYSV00000000 (deleted)", "sh", 2),
    ("rw-s 0 0:1 7 /dev/shm/x", "sh", 8),
    ("rw-s 0 8:1 7 /var/db", "sh", 8),
    ("rw-p 1000 8:1 7 /lib/x.so", "rd wr", 4),
    ("rw-p 0 0:1 7 /anon_hugepage (deleted)", "rd wr ht", 32),
    ("rw-s 0 0:1 7 /anon_hugepage (deleted)", "sh ht", 64),
  ]

  private static func region(
    _ line: String, _ flags: String, anonymous: Int = 0, swap: Int = 0, byteCount: UInt64 = 0x10000
  ) throws -> MemoryRegion {
    let end = String(0x10000 + byteCount, radix: 16)
    let text = "10000-\(end) \(line)\nRss: 4 kB\nAnonymous: \(anonymous) kB\nSwap: \(swap) kB\nVmFlags: \(flags)\n"
    return try #require(try SmapsParser.parse(Array(text.utf8)).first)
  }

  @Test(arguments: regions.indices) func eachKindHasItsBit(index: Int) throws {
    let (line, flags, bits) = Self.regions[index]
    let region = try Self.region(line, flags)
    for bit in 0..<7 {
      let isLetThrough = CoreFilter(rawValue: 1 << bit).contents(of: [region]) == [region.range]
      #expect(isLetThrough == (bits == 1 << bit), "\(line), bit \(bit)")
    }
    #expect(CoreFilter(rawValue: 0x7f).contents(of: [region]) == [region.range])
  }

  @Test func aChangedFileIsAnonymousMemory() throws {
    for region in [
      try Self.region("rw-p 0 8:1 7 /x", "rd", anonymous: 4), try Self.region("rw-p 0 8:1 7 /x", "rd", swap: 4),
    ] {
      #expect(CoreFilter.anonymousPrivate.contents(of: [region]) == [region.range])
    }
    // Without smaps: where it may have been.
    for (letters, isTaken) in [("rw-p", true), ("r--p", false)] {
      let plain = try #require(try MapsParser.parse(Array("1000-2000 \(letters) 1000 8:1 7 /x\n".utf8)).first)
      #expect(CoreFilter.anonymousPrivate.contents(of: [plain]).isEmpty == !isTaken)
    }
  }

  @Test func theFirstPageOfAFileTellsWhichItWas() throws {
    let headers = CoreFilter.elfHeaders
    #expect(headers.contents(of: [try Self.region("r--p 0 8:1 7 /x", "rd")]) == [Range(0x10000, 0x11000)])
    #expect(headers.contents(of: [try Self.region("r--p 1000 8:1 7 /x", "rd")]).isEmpty)
    #expect(headers.contents(of: [try Self.region("--xp 0 8:1 7 /x", "ex")]).isEmpty)
    #expect(headers.contents(of: [try Self.region("rw-p 0 0:0 0", "rd")]).isEmpty)
  }

  @Test func dontDumpIsRespectedUnlessAsked() throws {
    let region = try Self.region("rw-p 0 0:0 0", "rd wr dd")
    #expect(CoreFilter.standard.contents(of: [region]).isEmpty)
    #expect(CoreFilter.standard.contents(of: [region], includingDontDump: true) == [region.range])
  }

  @Test func devicesNeverTheVirtualObjectAlways() throws {
    for (line, flags) in [("rw-s 0 0:5 7 /dev/mem", "sh"), ("rw-p 0 8:1 7 /x", "rd io"), ("r--p 0 0:0 0 [vvar]", "rd")]
    {
      #expect(CoreFilter(rawValue: .max).contents(of: [try Self.region(line, flags)], includingDontDump: true).isEmpty)
    }
    let object = try Self.region("r-xp 0 0:0 0 [vdso]", "rd de")
    #expect(CoreFilter(rawValue: 0).contents(of: [object]) == [object.range])
    let old = try MapsParser.parse(Array("ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n".utf8))
    #expect(CoreFilter(rawValue: .max).contents(of: old).isEmpty)
  }

  @Test func itIsReadAsTheKernelWritesIt() {
    #expect(CoreFilter(parsing: "00000033") == .standard)
    #expect(CoreFilter(parsing: "0x33") == .standard)
    #expect(CoreFilter.standard.description == "0x33")
    for text in ["", "0x", "33g", "-1", "100000000", "٣", "+3"] { #expect(CoreFilter(parsing: text) == nil, "\(text)") }
  }
}
