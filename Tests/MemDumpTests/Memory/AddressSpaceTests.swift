import Testing

@testable import MemDump

/// Memory of any size, and at the end of all addresses: work goes by what is present, and comes to an end.
@Suite(.timeLimit(.minutes(5))) struct AddressSpaceTests {
  private static let last: UInt64 = .max

  private static func walkAll(_ memory: SparseMemory) throws {
    let heaps = try HeapWalk(memory).run()
    _ = try PythonPools.find(in: memory)
    _ = try Allocators.others(than: heaps, in: memory, process: nil)
    let profile = try MemoryProfile(memory, threads: 2)
    #expect(profile.growth(since: profile).isEmpty)
    _ = try PoolSearch(NginxPools()).run(memory)
    if !heaps.isEmpty {
      var search = try ReferenceSearch(memory, heaps: heaps)
      _ = try search.references(toBlocksOfSizes: [32])
      _ = try search.references(to: Address(last - 3))
    }
  }

  @Test("A region that reaches the last addresses there are", arguments: [5, 7, 15, 16, 4095, 4096, 65535, 1 << 20])
  func lastAddresses(byteCount: UInt64) throws {
    let range = Address(Self.last - byteCount)..<Address(Self.last)
    let one = SparseMemory([range])
    try Self.walkAll(one)
    let written = SparseMemory([range], contents: [(Self.last - 5, [1, 1, 1, 1, 1])])
    try Self.walkAll(written)
    let python = SparseMemory(
      [Address(0x10000)..<Address(0x11000), range], names: [0: "/usr/bin/python3.11"],
      contents: [(0x10000, [UInt8](repeating: 1, count: 4096))])
    try Self.walkAll(python)
  }

  @Test("A heap of fewer bytes than a chunk has is none") func noHeap() throws {
    #expect(try HeapWalk(SparseMemory([Address(Self.last - 5)..<Address(Self.last)])).run().isEmpty)
  }

  @Test("Threads find in 2^62 bytes of which little is present what one finds", arguments: [1, 2, 4])
  func reserved(threads: Int) throws {
    let (start, size): (UInt64, UInt64) = (1 << 32, 1 << 62)
    let places: [UInt64] = [start, start + 3 << 20, start + 1 << 40, start + size - 64]
    let text = Array("10.1.2.3:80 some text ".utf8)
    let memory = SparseMemory(
      [Address(start)..<Address(start + size)], contents: places.map { ($0, text) })
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()], threads: threads).run(memory, into: &list)
    #expect(list.findings.map(\.address.rawValue) == places)
    #expect(summary.byteCount == UInt64(4 * text.count))
    #expect(summary.byteCount + summary.absentByteCount == size)
    var tally = Tally()
    #expect(try Scan(patterns: [IPv4Port()], threads: threads).count(memory, into: &tally) == summary)
    var texts = Tally(grouping: .template)
    let strings = try Strings(shortest: 6, threads: threads).count(memory, into: &texts)
    #expect(strings.findingCount == 4)
    #expect(strings.byteCount + strings.absentByteCount == size)
  }

  @Test("What is left out of memory is what has no bytes, with room around the rest") func present() throws {
    let (start, gap): (UInt64, UInt64) = (1 << 30, 1 << 40)
    let bytes = [UInt8](repeating: 7, count: 4096)
    let memory = SparseMemory(
      [Address(start)..<Address(start + gap)], contents: [(start + gap / 2, bytes)])
    let present = try PresentMemory(of: memory, in: memory.regions.map(\.range), step: 1 << 20)
    #expect(present.ranges.count == 1)
    let range = try #require(present.ranges.first)
    #expect(range.lowerBound < Address(start + gap / 2) && range.upperBound > Address(start + gap / 2 + 4096))
    #expect(range.byteCount < 4 << 20)
    #expect(range.byteCount + present.absentByteCount == gap)
    #expect(present.unreadByteCount == 0)
  }
}
