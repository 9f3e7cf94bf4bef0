import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

/// Reading a live process: every byte as the process itself sees it, and the process as it was.
@Suite("A live process")
struct LiveMemoryTests {
  private static let page: UInt64 = 4096

  @Test("A region is read byte for byte")
  func knownRegion() throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let (bytes, runs) = try LiveMemory(fixture.target()).contents(region)
    #expect(bytes == FixtureContent.known)
    #expect(runs == [MemoryRun(.bytes, 65536)])
  }

  @Test("A region is the same whatever the size of a read, and from an odd address on", arguments: [1, 13, 4096, 5000])
  func oddReads(chunk: Int) throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let part = (region.lowerBound + 0x1ff1)..<(region.lowerBound + 0x3003)
    let (bytes, _) = try LiveMemory(fixture.target()).contents(part, chunk: chunk)
    #expect(bytes == Array(FixtureContent.known[0x1ff1..<0x3003]))
  }

  @Test("Mappings that touch are read at once, whatever each may be used for", arguments: [true, false])
  func mappingsThatTouch(areWritten: Bool) throws {
    let count = 64
    let fixture = try FixtureProcess(["--maps", "\(count)"] + (areWritten ? ["--written"] : []))
    let memory = try LiveMemory(fixture.target())
    func isRow(_ index: Int) -> Bool {
      let row = memory.regions[index..<min(index + count, memory.regions.count)]
      return row.count == count
        && row.allSatisfy { $0.isPrivateAnonymous && $0.byteCount == Self.page && $0.kind == .anonymous }
        && row.allSatisfy { ($0.usage?.resident == Self.page) == areWritten }
        && zip(row, row.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound }
    }
    let first = memory.regions[try #require(memory.regions.indices.first(where: isRow))].range.lowerBound
    var bytes = [UInt8](repeating: 7, count: count * Int(Self.page))
    var span = bytes.mutableSpan
    var buffer = span.mutableBytes
    let runs = try memory.read(at: first, into: &buffer)
    #expect(runs.count == 1 && runs[0].content == (areWritten ? .bytes : .absent))
    #expect(runs.first.map { $0.byteCount >= UInt64(bytes.count) } == true)
    for page in 0..<count { #expect(bytes[page * Int(Self.page)] == (areWritten ? 1 : 0)) }
  }

  @Test("A page the process itself may not read is read, and one without content is absent")
  func holes() throws {
    let fixture = try FixtureProcess("--holes")
    let region = try fixture.region("holes")
    let (bytes, runs) = try LiveMemory(fixture.target()).contents(region)
    var expected = (0..<16).flatMap { FixtureContent.page(3, $0) }
    expected.replaceSubrange(3 * 4096..<4 * 4096, with: repeatElement(0, count: 4096))
    #expect(bytes == expected)
    #expect(
      runs == [MemoryRun(.bytes, 3 * Self.page), MemoryRun(.absent, Self.page), MemoryRun(.bytes, 12 * Self.page)])
  }

  @Test("What lies behind the end of a mapped file is said to lie there")
  func truncatedFile() throws {
    let fixture = try FixtureProcess("--truncated")
    let region = try fixture.region("truncated")
    let (bytes, runs) = try LiveMemory(fixture.target()).contents(region)
    #expect(bytes == FixtureContent.page(9, 0) + FixtureContent.page(9, 1) + [UInt8](repeating: 0, count: 8192))
    #expect(runs == [MemoryRun(.bytes, 2 * Self.page), MemoryRun(.unread(.behindEndOfFile), 2 * Self.page)])
  }

  @Test("Shared pages that only another process has touched are read, and the process does not grow")
  func sharedPages() throws {
    let fixture = try FixtureProcess("--shared")
    let sizes = ["VmRSS", "RssShmem", "RssAnon", "RssFile", "VmPTE"]
    let before = sizes.map { statusSize(fixture.pid, $0) }
    let memory = try LiveMemory(fixture.target())
    for (name, thing, touched) in [("shared", 4, [0, 5]), ("shared-by-child", 5, [1, 8])] {
      let (bytes, runs) = try memory.contents(try fixture.region(name))
      var expected = [UInt8](repeating: 0, count: 16 * 4096)
      for page in touched {
        expected.replaceSubrange(page * 4096..<(page + 1) * 4096, with: FixtureContent.page(thing, page))
      }
      #expect(bytes == expected, "\(name)")
      #expect(!runs.contains { if case .unread = $0.content { true } else { false } }, "\(name)")
    }
    #expect(sizes.map { statusSize(fixture.pid, $0) } == before)
  }

  @Test(
    "Pages that a fork has left to parent and child stay of both, however they are read",
    .enabled(if: canTrace, "ptrace is not permitted here"), arguments: [LookMode.live, .stop, .snapshot])
  func pagesOfAFork(mode: LookMode) throws {
    guard mode != .snapshot || canSnapshot else { return }
    let fixture = try FixtureProcess("--fill", "8M", "--known")
    let region = try fixture.region("fill")
    // A snapshot makes a child of its own; nothing tells beforehand that pages will be shared.
    if mode != .snapshot {
      #expect(try fixture.count("keep-child") > 0)
      #expect(try Self.sharedByteCount(of: region, fixture) >= region.byteCount / 2)
    }
    let look = try ProcessLook(fixture.target(), mode: mode, budget: .seconds(10))
    for range in [region, try fixture.region("known")] {
      let (bytes, runs) = try look.source.contents(range)
      #expect(UInt64(bytes.count) == range.byteCount)
      #expect(runs.allSatisfy { $0.content == .bytes })
    }
    #expect(try look.source.contents(fixture.region("known")).bytes == FixtureContent.known)
    #expect(try Self.sharedByteCount(of: region, fixture) >= region.byteCount / 2)
    withExtendedLifetime(look) {}
    #expect(try fixture.complaints() == [])
  }

  /// What is resident in a region and counts for another process: half of what two share.
  static func sharedByteCount(of range: Range<Address>, _ fixture: FixtureProcess) throws -> UInt64 {
    let regions = try fixture.target().regions(usage: true).filter { $0.range.overlaps(range) }
    return regions.reduce(0) { $0 + ($1.usage?.resident ?? 0) - ($1.usage?.proportional ?? 0) }
  }

  @Test("A private page of a mapped file is the process's own, and the others are the file's")
  func mappedFile() throws {
    let fixture = try FixtureProcess("--file")
    let region = try fixture.region("file")
    let before = ["VmRSS", "RssFile", "VmPTE"].map { statusSize(fixture.pid, $0) }
    let (bytes, runs) = try LiveMemory(fixture.target()).contents(region)
    var expected = (0..<8).flatMap { FixtureContent.page(6, $0) }
    expected.replaceSubrange(2 * 4096 + 16..<2 * 4096 + 29, with: Array("10.6.1.2:6102".utf8))
    #expect(bytes == expected)
    #expect(runs == [MemoryRun(.bytes, 8 * Self.page)])
    #expect(["VmRSS", "RssFile", "VmPTE"].map { statusSize(fixture.pid, $0) } == before)
  }

  @Test("64 GiB of untouched memory are passed over in no time, and the process does not grow")
  func untouchedMemory() throws {
    let fixture = try FixtureProcess("--untouched", "64G")
    let region = try fixture.region("untouched")
    let touched = try fixture.words("untouched")[2]
    let before = ["VmRSS", "VmPTE"].map { statusSize(fixture.pid, $0) }
    var found = 0
    var total: UInt64 = 0
    let clock = ContinuousClock()
    let time = try clock.measure {
      try LiveMemory(fixture.target()).walk(region) { run, bytes in
        total += run.byteCount
        if run.content == .bytes { found += bytes.starts(with: "hit".utf8) ? 1 : 0 }
      }
    }
    #expect(total == region.byteCount)
    #expect("\(found)" == touched)
    #expect(["VmRSS", "VmPTE"].map { statusSize(fixture.pid, $0) } == before)
    #expect(time < .seconds(60))
  }

  @Test("Mappings next to each other are read to their border and on from there")
  func adjacentMappings() throws {
    let fixture = try FixtureProcess("--adjacent")
    let region = try fixture.region("adjacent")
    let memory = try LiveMemory(fixture.target())
    #expect(memory.regions.filter { region.contains($0.range.lowerBound) }.count == 2)
    var expected = (0..<4 * 4096).map(FixtureContent.filler)
    FixtureContent.put("10.9.8.7:6543", at: 2 * 4096 - 6, in: &expected)
    #expect(try memory.contents(region).bytes == expected)
  }

  @Test("A range that is unmapped meanwhile is unreadable, and the process no less alive")
  func unmappedMeanwhile() throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let target = try fixture.target()
    let memory = try LiveMemory(target)
    let half = region.lowerBound..<(region.lowerBound + region.byteCount / 2)
    #expect(try memory.contents(half).bytes == Array(FixtureContent.known[..<32768]))
    try fixture.ask("unmap")
    // It was private memory by the map of before, so what is not there any more counts as never touched, or unreadable.
    let (_, runs) = try memory.contents(half.upperBound..<region.upperBound)
    #expect(runs.allSatisfy { $0.content != .bytes })
    try target.checkIdentity()
  }

  @Test("A process that unmaps and maps all the while is read without an error")
  func changingMap() throws {
    let fixture = try FixtureProcess("--spawn-storm", "--heap", "1M")
    let memory = try LiveMemory(fixture.target())
    for region in memory.regions { try memory.walk(region.range) { _, _ in } }
    #expect(try fixture.count("spawned") > 0)
  }

  @Test("A process that ends halfway is an error")
  func endedHalfway() throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let target = try fixture.target()
    let memory = try LiveMemory(target)
    _ = try memory.contents(region.lowerBound..<(region.lowerBound + 4096))
    try fixture.end()
    let read = #expect(throws: MemDumpError.self) { try memory.contents(region) }
    #expect(read?.code == .processEnded)
    let check = #expect(throws: MemDumpError.self) { try target.checkIdentity() }
    #expect(check?.code == .processEnded)
  }

  @Test("A process that has become a zombie is an error, though it still has its number")
  func zombieHalfway() throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let target = try fixture.target()
    let memory = try LiveMemory(target)
    fixture.send(signal: 9)
    #expect(waitUntil { threadStates(fixture.pid)[fixture.pid] == "Z" })
    let read = #expect(throws: MemDumpError.self) { try memory.contents(region) }
    #expect(read?.code == .processEnded)
    let check = #expect(throws: MemDumpError.self) { try target.checkIdentity() }
    #expect(check?.code == .processEnded)
  }

  @Test("A process that runs another program halfway is an error of its own")
  func replacedHalfway() throws {
    let fixture = try FixtureProcess("--known")
    let target = try fixture.target()
    _ = try LiveMemory(target)
    try target.checkIdentity()
    try fixture.executeItself()
    let error = #expect(throws: MemDumpError.self) { try target.checkIdentity() }
    #expect(error?.code == .processReplaced)
    try fixture.target().checkIdentity()
  }

  @Test("The page of zeros and a huge page are no obstacle")
  func hugePages() throws {
    let fixture = try FixtureProcess("--fill", "4M", "--thp")
    let region = try fixture.region("fill")
    let (bytes, runs) = try LiveMemory(fixture.target()).contents(region, chunk: 1 << 20)
    #expect(bytes == FixtureContent.fill(4 << 20))
    #expect(runs == [MemoryRun(.bytes, 4 << 20)])
  }

  @Test("The page of the kernel that every process has is no obstacle")
  func kernelPage() throws {
    let fixture = try FixtureProcess()
    let memory = try LiveMemory(fixture.target())
    for region in memory.regions where region.kind == .kernel {
      let (_, runs) = try memory.contents(region.range)
      #expect(runs.reduce(0) { $0 + $1.byteCount } == region.byteCount, "\(region.label)")
    }
  }

  @Test("Reading every region of a process changes nothing of what it takes up")
  func wholeProcess() throws {
    let fixture = try FixtureProcess(
      "--shared", "--known", "--holes", "--truncated", "--file", "--memfd", "--hostile-file", "--heap", "1M",
      "--untouched", "1G")
    let sizes = ["VmRSS", "VmPTE", "VmSwap", "RssAnon", "RssFile", "RssShmem"]
    let before = sizes.map { statusSize(fixture.pid, $0) }
    let memory = try LiveMemory(fixture.target())
    for region in memory.regions { try memory.walk(region.range, chunk: 1 << 20) { _, _ in } }
    #expect(sizes.map { statusSize(fixture.pid, $0) } == before)
  }
}
