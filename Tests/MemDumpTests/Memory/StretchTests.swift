import Testing

@testable import MemDump

/// Stretches are put together and cut in one place; what they say of a place moves along.
@Suite struct StretchTests {
  private static func file(_ start: UInt64, _ end: UInt64, _ offset: UInt64) -> Stretch<FileOffset> {
    Stretch(range: Range(start, end), content: FileOffset(offset))
  }

  @Test func whatSaysTheSameIsJoined() {
    var pages: [PageRun] = []
    for (start, state) in [(1, .resident), (2, .resident), (3, .swapped), (5, .swapped), (6, .swapped)]
      as [(UInt64, PageState)]
    {
      pages.join(Stretch(range: Range(start, start + 1), content: state))
    }
    pages.join(Stretch(range: Range(7, 7), content: .missing))
    #expect(pages.map(\.range) == [Range(1, 3), Range(3, 4), Range(5, 7)])
    #expect(pages.map(\.content) == [.resident, .swapped, .swapped])
  }

  @Test func placesAreJoinedWhereTheyGoOn() {
    var stretches: [Stretch<FileOffset>] = []
    for next in [Self.file(10, 20, 100), Self.file(20, 25, 110), Self.file(25, 30, 116)] { stretches.join(next) }
    #expect(stretches == [Self.file(10, 25, 100), Self.file(25, 30, 116)])
  }

  @Test func aPartHasItsOwnPlace() {
    let stretch = Self.file(10, 20, 100)
    #expect(stretch.clamped(to: Range(13, 30)) == Self.file(13, 20, 103))
    #expect(stretch.clamped(to: Range(0, 15)) == Self.file(10, 15, 100))
    #expect(stretch.clamped(to: Range(30, 40)).range.isEmpty)
    let held = Stretch(range: Range(10, 20), content: StagedContent.held(at: 5)).clamped(to: Range(12, 20))
    #expect(held.content == .held(at: 7))
    let gap = Stretch(range: Range(10, 20), content: StagedContent.gap(.absent)).clamped(to: Range(12, 20))
    #expect(gap.content == .gap(.absent))
  }

  @Test func aRangeIsCutWhereStretchesBeginAndEnd() {
    let stretches = [Self.file(10, 20, 100), Self.file(20, 25, 500), Self.file(30, 40, 900)]
    let none = FileOffset(.max)
    #expect(
      stretches.parts(of: Range(15, 35), otherwise: none).map { [$0.range.lowerBound.rawValue, $0.content.rawValue] }
        == [[15, 105], [20, 500], [25, .max], [30, 900]])
    #expect(stretches.parts(of: Range(12, 14), otherwise: none) == [Self.file(12, 14, 102)])
    #expect(stretches.parts(of: Range(50, 60), otherwise: none) == [Stretch(range: Range(50, 60), content: none)])
    #expect(stretches.parts(of: Range(15, 15), otherwise: none).isEmpty)
  }

  @Test func anAddressFindsItsStretch() {
    let stretches = [Self.file(10, 20, 0), Self.file(30, 40, 0)]
    let expected: [(UInt64, ending: Int, holding: Int?)] = [
      (0, 0, nil), (10, 0, 0), (19, 0, 0), (20, 1, nil), (30, 1, 1), (39, 1, 1), (40, 2, nil),
    ]
    for (address, ending, holding) in expected {
      #expect(stretches.firstIndex(endingAfter: Address(address)) == ending)
      #expect(stretches.index(holding: Address(address)) == holding)
    }
  }

  @Test func runsAnswerForRangesInTurn() {
    var runs = [MemoryRun(.bytes, 3), MemoryRun(.unread(.swapped), 2), MemoryRun(.bytes, 4)][...]
    var found: [Stretch<MemoryRun.Content>] = []
    runs.take(Range(10, 15)) { found.append($0) }
    #expect(found.map(\.range) == [Range(10, 13), Range(13, 15)])
    #expect(found.map(\.content) == [.bytes, .unread(.swapped)])
    runs.take(Range(40, 50)) { found.append($0) }
    #expect(found.last?.range == Range(40, 44), "as far as there are runs")
    #expect(runs.isEmpty)
  }
}
