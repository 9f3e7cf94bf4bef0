import Glibc
import Testing

@testable import MemDump

/// The profile of what grew: its sums, and what stands above them.
@Suite struct GrowthProfileTests {
  private static func row(
    _ subject: Growth.Subject, _ before: UInt64, _ after: UInt64, each: UInt64, _ trend: Trend = .steady
  ) -> WatchVerdict.Row {
    .init(
      growth: Growth(
        subject: subject, before: .init(count: before, byteCount: before * each),
        after: .init(count: after, byteCount: after * each)), trend: trend)
  }

  private static func chunks(
    _ size: UInt64, _ before: UInt64, _ after: UInt64, of allocator: String = "glibc", _ trend: Trend = .steady
  ) -> WatchVerdict.Row {
    row(.chunks(BlockClass(of: allocator, footprint: size)), before, after, each: size, trend)
  }

  private static func verdict(_ rows: [WatchVerdict.Row]) throws -> WatchVerdict {
    var verdict = WatchVerdict(try TargetProcess(#require(ProcessID(rawValue: getpid()))))
    verdict.rows = rows
    return verdict
  }

  private static func holder(_ symbol: String, _ count: Int, unsure: Int = 0) -> ReferenceSummary.Row {
    var row = ReferenceSummary.Row(
      kind: .variable, module: Array("/lib/a.so".utf8), symbol: Array(symbol.utf8), address: Address(0), count: count,
      chain: [], chainLength: 0, example: Address(0))
    row.unsureCount = unsure
    return row
  }

  private static func stacks(_ profile: Profile) -> [String: [UInt64]] {
    Dictionary(
      profile.samples.map { ($0.frames.map(\.name).joined(separator: ";"), $0.values) }, uniquingKeysWith: { $1 })
  }

  @Test func aSizeOfWhichNothingElseIsKnownIsOneFrame() throws {
    let verdict = try Self.verdict([
      Self.chunks(64, 10, 110), Self.chunks(32, 0, 7), Self.chunks(16, 0, 9000, .early),
      Self.row(.resident(.anonymous), 1, 1, each: 9 << 20),
    ])
    let profile = Profile(of: [(verdict, nil)])
    #expect(Self.stacks(profile) == ["64 bytes": [100, 6400], "32 bytes": [7, 224]])
    #expect(profile.samples.allSatisfy { $0.labels.contains(.init("stack", .text("class"))) })
    #expect(profile.samples[0].labels.contains(.init("class", .number(64, unit: "bytes"))))
    #expect(profile.comments.count == 1)
  }

  @Test func ofSeveralProcessesEachIsAFrameAround() throws {
    let verdict = try Self.verdict([Self.chunks(64, 0, 5)])
    let profile = Profile(of: [(verdict, nil), (verdict, nil), (try Self.verdict([]), nil)])
    #expect(profile.samples.count == 2 && profile.total(ofType: 1) == 640)
    #expect(profile.samples[0].frames.first?.name.hasSuffix(" (\(getpid()))") == true)
    #expect(profile.samples[0].labels.contains(.init("pid", .text("\(getpid())"))))
  }

  /// Those that a holder does not have may all be new.
  @Test func aHolderGetsWhatItSurelyHoldsOfTheGrowth() throws {
    var row = Self.chunks(100, 60, 100)
    row.references = ReferenceSummary(
      subject: .size(100), count: 100, sampled: 100,
      rows: [Self.holder("most", 80, unsure: 10), Self.holder("few", 20)])
    // 30 of 100 are not surely of `most`: of 40 new ones, 10 are.
    let profile = Profile(of: [(try Self.verdict([row]), nil)])
    #expect(Self.stacks(profile) == ["a.so:most;100 bytes": [10, 1000], "[holder not known];100 bytes": [30, 3000]])
  }

  /// A full cache has most of all blocks, and what grows has few.
  @Test func whoHoldsMostNeedNotBeWhoGrows() {
    func row(_ holders: (String, Int)...) -> WatchVerdict.Row {
      var row = Self.chunks(100, 60, 100)
      row.references = ReferenceSummary(
        subject: .size(100), count: 100, sampled: 100, rows: holders.map { Self.holder($0.0, $0.1) })
      return row
    }
    let unknown = row(("cache", 55), ("kept", 45))
    #expect(unknown.isHolderOfGrowthUnknown)
    #expect(unknown.references?.rows.map { unknown.growth(of: $0) } == [0, 0])
    let known = row(("list", 80), ("kept", 20))
    #expect(!known.isHolderOfGrowthUnknown)
    #expect(known.references?.rows.map { known.growth(of: $0) } == [20, 0])
    // Where most lead nowhere, so do most of the new ones.
    let lost = row(("cache", 10))
    #expect(lost.growthWithoutHolder == 30 && !lost.isHolderOfGrowthUnknown)
    #expect(unknown.growthWithoutHolder == 0 && known.growthWithoutHolder == 0)
    #expect(!row().isHolderOfGrowthUnknown && !Self.chunks(100, 60, 100).isHolderOfGrowthUnknown)
  }

  @Test func aSampleThatCannotTellNamesNobody() {
    // One of a hundred thousand is new: 300 that were looked at say nothing of it.
    #expect(HolderShare(count: 300, sampled: 300, all: 100_000).certain(ofNew: 1) == 0)
    #expect(HolderShare(count: 300, sampled: 300, all: 100_000).certain(ofNew: 50_000) == 49_000)
    #expect(HolderShare(count: 300, sampled: 300, all: 300).certain(ofNew: 1) == 1)
    #expect(HolderShare(count: 0, sampled: 300, all: 300).certain(ofNew: 100) == 0)
    #expect(HolderShare(count: 0, sampled: 0, all: 0).certain(ofNew: 100) == 0)
    #expect(HolderShare(count: 9, sampled: 3, all: .max).certain(ofNew: .max) == 0)
    #expect(HolderShare(count: 100, sampled: 300, all: .max).certain(ofNew: .max) > 0)
  }

  @Test func aCallGetsItsPartAndTheRestIsToldApart() throws {
    var verdict = try Self.verdict([Self.chunks(64, 0, 1001), Self.chunks(32, 0, 10)])
    verdict.rows[0].references = ReferenceSummary(
      subject: .size(64), count: 1001, sampled: 300, rows: [Self.holder("cache", 300)])
    func frame(_ address: UInt64) -> ThreadStack.Frame {
      .init(address: Address(address), instruction: Address(address - 1), evidence: .register)
    }
    var summary = AllocationSummary(verdict.target)
    summary.makers = [
      GrowthMaker(
        footprint: 64, frames: [frame(0x20), frame(0x30)], names: [nil, nil], pathCount: 1, sampled: 31, survived: 30,
        growthThousandths: 900)
    ]
    let profile = Profile(of: [(verdict, summary)])
    #expect(
      Self.stacks(profile) == [
        "0x30;0x20": [900, 57657], "[allocated elsewhere];64 bytes": [101, 6407], "32 bytes": [10, 320],
      ])
    #expect(profile.samples[0].labels.contains(.init("survived", .text("30 of 31"))))
    #expect(profile.samples[0].labels.contains(.init("held_by", .text("a.so:cache"))))
    // Of which of two heaps the blocks are that were seen is not known.
    verdict.rows.append(Self.chunks(64, 0, 3, of: "jemalloc"))
    #expect(Profile(of: [(verdict, summary)]).samples.allSatisfy { $0.frames.count < 2 || $0.frames[0].name != "0x30" })
    // Python hands its small blocks out itself.
    verdict.rows = [Self.chunks(64, 0, 3, of: Pymalloc().name)]
    #expect(Self.stacks(Profile(of: [(verdict, summary)])) == ["64 bytes": [3, 192]])
  }

  /// Types and sizes count the same memory.
  @Test func typesStandForTheirBlocksAndNotForMoreThanThat() throws {
    let type = Self.row(.objects(Array("Session".utf8)), 0, 100, each: 100)
    let pools = Self.chunks(64, 0, 300, of: "pymalloc")
    func keys(_ rows: [WatchVerdict.Row]) throws -> [String] {
      try Self.verdict(rows).profiledRows.map { String(decoding: $0.growth.subject.key, as: UTF8.self) }
    }
    #expect(try keys([type, pools]) == ["Session"])
    #expect(try keys([type, pools, Self.chunks(1000, 0, 10)]) == ["Session"])
    #expect(try keys([type, pools, Self.chunks(1000, 0, 11)]) == ["64", "1000"])
    #expect(try keys([Self.row(.resident(.anonymous), 1, 2, each: 70)]) == ["anon"])
    #expect(try keys([Self.row(.socketAddress(Array("10.0.0.1:80".utf8)), 1, 2, each: 70)]) == [])
    #expect(try keys([Self.chunks(64, 0, 9, .late)]) == [])
  }

  @Test func theWayToAnObjectGoesFromItsEnd() throws {
    var row = Self.row(.objects(Array("Session".utf8)), 0, 10, each: 100)
    var holders = ObjectHolders(name: Array("Session".utf8), objects: .init(count: 10, byteCount: 800), owned: .init())
    holders.sampled = 10
    holders.rows = [
      .init(kind: .module, name: "__main__", steps: ["list", "dict[\"ALL\"]"], count: 10, example: Address(0))
    ]
    row.holders = holders
    #expect(
      Self.stacks(Profile(of: [(try Self.verdict([row]), nil)])) == [
        "module __main__;dict[\"ALL\"];list;Session": [10, 1000]
      ])
  }
}
