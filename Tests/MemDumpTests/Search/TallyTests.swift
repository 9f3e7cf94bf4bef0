import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct TallyTests {
  private static func tally(_ sources: [[UInt64: String]]) throws -> Tally {
    var tally = Tally()
    for (number, pieces) in sources.enumerated() {
      let memory = try TestMemory(pieces.mapValues { Array($0.utf8) })
      _ = try Scan(patterns: [IPv4Port()]).run(memory, number: number, into: &tally)
    }
    return tally
  }

  @Test func countsTextsAndTheirRegions() throws {
    let tally = try Self.tally([
      [0x1000: "1.1.1.1:1 2.2.2.2:2 1.1.1.1:1", 0x2000: "1.1.1.1:1", 0x3000: "1.1.1.1:11"]
    ])
    let rows = tally.rows()
    #expect(tally.total == 5)
    #expect(tally.distinctCount == 3)
    #expect(rows.map(\.text.latin1) == ["1.1.1.1:1", "2.2.2.2:2", "1.1.1.1:11"])
    #expect(rows.map(\.count) == [3, 1, 1])
    #expect(rows.map(\.regionCount) == [2, 1, 1])
    #expect(rows.map(\.firstAddress) == [Address(0x1000), Address(0x100a), Address(0x3000)])
  }

  @Test func theMostFrequentComesFirstAndThenTheOneThatLiesFirst() throws {
    let tally = try Self.tally([[0x1000: "4.4.4.4:4 3.3.3.3:3 2.2.2.2:2 2.2.2.2:2 3.3.3.3:3 1.1.1.1:1"]])
    #expect(tally.rows().map(\.text.latin1) == ["3.3.3.3:3", "2.2.2.2:2", "4.4.4.4:4", "1.1.1.1:1"])
    #expect(tally.rows(limit: 1).map(\.text.latin1) == ["3.3.3.3:3"])
    #expect(tally.rows(limit: 0).isEmpty)
    #expect(tally.rows(minimumCount: 2).map(\.text.latin1) == ["3.3.3.3:3", "2.2.2.2:2"])
    #expect(tally.rows(limit: 5, minimumCount: 3).isEmpty)
  }

  /// The same number of a region in another source is another region.
  @Test func regionsOfSeveralSourcesAreDifferentRegions() throws {
    let rows = try Self.tally([[0x1000: "1.1.1.1:1"], [0x800: "1.1.1.1:1 1.1.1.1:1"]]).rows()
    #expect(rows.map(\.count) == [3])
    #expect(rows.map(\.regionCount) == [2])
    #expect(rows.map(\.firstSource) == [0])
    #expect(rows.map(\.firstAddress) == [Address(0x1000)])
  }

  /// The table grows many times over, and texts that share beginnings and lengths stay apart.
  @Test func keepsThousandsOfTextsApart() throws {
    let texts = (0..<5000).map { "10.\($0 / 250).\($0 % 250).1:\($0 + 1)" }
    let tally = try Self.tally([[0x1000: (texts + texts[..<2500]).joined(separator: " ")]])
    let rows = tally.rows()
    #expect(tally.distinctCount == 5000)
    #expect(rows.map(\.text.latin1) == texts)
    #expect(rows.prefix(2500).allSatisfy { $0.count == 2 })
    #expect(rows.dropFirst(2500).allSatisfy { $0.count == 1 })
  }

  @Test func whatWasCountedApartIsCountedTogether() throws {
    let sources: [[UInt64: String]] = [
      [0x1000: "1.1.1.1:1 2.2.2.2:2", 0x3000: "1.1.1.1:1", 0x5000: "1.1.1.1:1"], [0x100: "1.1.1.1:1 3.3.3.3:3"],
    ]
    let together = try Self.tally(sources)
    for isBackwards in [false, true] {
      var tally = Tally()
      for (number, pieces) in isBackwards ? Array(sources.enumerated()).reversed() : Array(sources.enumerated()) {
        let memory = try TestMemory(pieces.mapValues { Array($0.utf8) })
        _ = try Scan(patterns: [IPv4Port()], threads: 3).count(memory, number: number, into: &tally)
      }
      #expect(tally.rows() == together.rows())
      #expect(tally.total == together.total)
      #expect(tally.totalByteCount == together.totalByteCount)
      #expect(tally.distinctCount == together.distinctCount)
    }
    #expect(together.rows().first?.regionCount == 4)
  }

  @Test func isEmptyAtFirst() {
    #expect(Tally().rows().isEmpty)
    #expect(Tally().total == 0)
    #expect(Tally().distinctCount == 0)
  }
}
