import Testing

@testable import MemDump

@Suite struct ModeChoiceTests {
  private static let (mebibyte, second): (UInt64, UInt64) = (1 << 20, 1_000_000_000)

  @Test func whatIsSmallIsCopied() {
    for size in [0, 1, 256 << 20] as [UInt64] {
      let choices = ModeChoice.candidates(copying: size, room: 1 << 40, budget: Self.second)
      #expect(choices == [ModeChoice(mode: .stop)], "\(size)")
    }
    #expect(ModeChoice.candidates(copying: 5, room: nil, budget: Self.second) == [ModeChoice(mode: .stop)])
  }

  @Test func whatIsLargeIsForkedAndElseCopied() {
    let size = 257 * Self.mebibyte
    #expect(
      ModeChoice.candidates(copying: size, room: 1 << 40, budget: Self.second)
        == [ModeChoice(mode: .snapshot, reason: .large(byteCount: size)), ModeChoice(mode: .stop)])
  }

  @Test func ofManyMappingsAForkIsMadeAndElseACopy() {
    func modes(_ count: Int) -> [ModeChoice] {
      ModeChoice.candidates(copying: 1 << 20, mappings: count, room: 1 << 40, budget: Self.second)
    }
    #expect(modes(ModeChoice.mappingCount) == [ModeChoice(mode: .stop)])
    let count = ModeChoice.mappingCount + 1
    #expect(
      modes(count)
        == [ModeChoice(mode: .snapshot, reason: .manyMappings(count: count)), ModeChoice(mode: .stop)])
  }

  @Test func whatHasNoRoomIsForkedAndElseReadLive() {
    let (size, room) = (16 * Self.mebibyte, 10 * Self.mebibyte)
    let reason = ModeChoice.Reason.room(needed: 18 * Self.mebibyte, available: room)
    #expect(
      ModeChoice.candidates(copying: size, room: room, budget: Self.second)
        == [ModeChoice(mode: .snapshot, reason: reason), ModeChoice(mode: .live, reason: reason)])
  }

  @Test func whatTakesTooLongIsForkedAndElseReadLive() {
    let size = UInt64(8) << 30
    let choices = ModeChoice.candidates(copying: size, room: 1 << 40, budget: Self.second)
    #expect(choices.map(\.mode) == [.snapshot, .live])
    for choice in choices {
      guard case .time(let expected, let allowed) = choice.reason else {
        Issue.record("\(choice)")
        continue
      }
      #expect(allowed == Self.second)
      #expect((2 * Self.second..<3 * Self.second).contains(expected))
    }
  }

  @Test func numbersAtTheirLimitsAreNoTrap() {
    _ = ModeChoice.candidates(copying: .max, room: 0, budget: 0)
    _ = ModeChoice.candidates(copying: .max, room: nil, budget: .max)
  }
}
