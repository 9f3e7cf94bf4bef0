import Glibc
import Testing

@testable import MemDump

@Suite struct InStepTests {
  /// The sizes that grow in step, of classes each with its size, how many more there are of it, and its trend.
  private static func inStep(_ classes: (UInt64, UInt64, Trend)...) throws -> [[UInt64]] {
    var verdict = WatchVerdict(try TargetProcess(#require(ProcessID(rawValue: getpid()))))
    verdict.rows = classes.map { size, count, trend in
      let growth = Growth(
        subject: .chunks(BlockClass(of: "glibc", footprint: size)), before: .init(count: 7, byteCount: 7 * size),
        after: .init(count: 7 + count, byteCount: (7 + count) * size))
      return .init(growth: growth, trend: trend)
    }
    return verdict.inStep.map { group in group.compactMap { verdict.rows[$0].growth.chunkByteCount } }
  }

  @Test func asManyMoreOfEachAreOneGroup() throws {
    #expect(try Self.inStep((944, 1200, .steady), (48, 3600, .steady), (400, 1205, .steady)) == [[944, 400]])
    #expect(try Self.inStep((944, 1200, .steady), (48, 3600, .steady)) == [])
  }

  @Test func onePercentApartIsTogetherAndMoreIsNot() throws {
    #expect(try Self.inStep((64, 1000, .steady), (32, 1010, .steady)) == [[64, 32]])
    #expect(try Self.inStep((64, 1000, .steady), (32, 1011, .steady)) == [])
    // Two blocks are in the making at a look.
    #expect(try Self.inStep((64, 60, .steady), (32, 62, .steady)) == [[64, 32]])
    #expect(try Self.inStep((64, 60, .steady), (32, 63, .steady)) == [])
  }

  /// Each is near the next one, and the last is not near the first.
  @Test func aChainOfSmallStepsIsNoGroup() throws {
    #expect(
      try Self.inStep((16, 1000, .steady), (32, 1008, .steady), (64, 1016, .steady), (96, 1024, .steady)) == [
        [64, 96], [16, 32],
      ])
  }

  @Test func fewBlocksAndWhatDoesNotGrowOnAreLeftOut() throws {
    #expect(try Self.inStep((64, 49, .steady), (32, 49, .steady)) == [])
    #expect(try Self.inStep((64, 50, .steady), (32, 50, .steady)) == [[64, 32]])
    #expect(try Self.inStep((64, 500, .early), (32, 500, .steady), (16, 500, .unknown)) == [])
  }

  /// Those of most bytes first.
  @Test func groupsAreInTheOrderOfTheirBytes() throws {
    #expect(
      try Self.inStep((16, 5000, .steady), (32, 5000, .steady), (4096, 100, .steady), (8192, 100, .steady)) == [
        [4096, 8192], [16, 32],
      ])
  }
}
