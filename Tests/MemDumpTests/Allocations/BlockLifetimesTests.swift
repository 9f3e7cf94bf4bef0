import Testing

@testable import MemDump

@Suite struct BlockLifetimesTests {
  private typealias Event = BlockLifetimes.Event

  private static func allocated(_ number: Int, _ block: UInt64, at instant: UInt64) -> Event {
    Event(instant: instant, block: Address(block), kind: .allocated(number))
  }

  private static func freed(_ block: UInt64, at instant: UInt64) -> Event {
    Event(instant: instant, block: Address(block), kind: .freed)
  }

  private static func outcomes(_ events: Event...) -> [Int: BlockLifetimes.Outcome] {
    BlockLifetimes(events, window: 100..<200).outcomes
  }

  @Test func whatIsTakenBackIsGoneAndTheRestSurvives() {
    #expect(
      Self.outcomes(Self.allocated(1, 16, at: 110), Self.allocated(2, 32, at: 111), Self.freed(16, at: 190))
        == [1: .freed, 2: .survived])
  }

  /// The path that leaks takes what was freed a moment before: the block is the same, the lives are two.
  @Test func aBlockThatIsHandedOutAgainHasTwoLives() {
    #expect(
      Self.outcomes(
        Self.allocated(1, 16, at: 110), Self.freed(16, at: 120), Self.allocated(2, 16, at: 130)) == [
          1: .freed, 2: .survived,
        ])
    // Somebody else took it back, where nobody saw it.
    #expect(
      Self.outcomes(Self.allocated(1, 16, at: 110), Self.allocated(2, 16, at: 130)) == [1: .freed, 2: .survived])
  }

  @Test func onlyBlocksOfTheFirstHalfCountAndFreesOfAll() {
    #expect(
      Self.outcomes(
        Self.allocated(1, 16, at: 149), Self.allocated(2, 32, at: 150), Self.freed(16, at: 199),
        Self.freed(32, at: 199)) == [1: .freed])
    #expect(BlockLifetimes([], window: 100..<200).watchedTime == 50)
  }

  @Test func whatLiesOutsideTheWindowIsNotBelieved() {
    #expect(Self.outcomes(Self.allocated(1, 16, at: 99)) == [:])
    // Whether it was taken back in time is not known then; it was not seen to be.
    #expect(Self.outcomes(Self.allocated(1, 16, at: 110), Self.freed(16, at: 200)) == [1: .survived])
  }

  /// Seen as long as a survivor is: what lives longer than half of a burst is released as often as it survives.
  @Test func whatIsOlderThanASurvivorIsReleased() {
    func released(_ events: Event...) -> [Address] { BlockLifetimes(events, window: 100..<200).released }
    #expect(released(Self.freed(16, at: 150), Self.freed(32, at: 199)) == [Address(16), Address(32)])
    #expect(released(Self.freed(16, at: 149), Self.freed(32, at: 200)) == [])
    // Of this burst.
    #expect(released(Self.allocated(1, 16, at: 110), Self.freed(16, at: 160)) == [])
    #expect(released(Self.allocated(1, 16, at: 155), Self.freed(16, at: 160)) == [])
    // Twice, and the second time nobody saw it handed out.
    #expect(
      released(Self.allocated(1, 16, at: 110), Self.freed(16, at: 160), Self.freed(16, at: 170)) == [Address(16)])
  }

  @Test func noMemoryIsNoBlock() {
    #expect(Self.outcomes(Self.allocated(1, 0, at: 110)) == [:])
  }
}
