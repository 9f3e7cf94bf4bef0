import Testing

@testable import MemDump

@Suite struct PauseTests {
  /// A process that stood still three times for one snapshot is told of all three.
  @Test func triesInVainCount() {
    var pause = Pause(end: .requested, startedAt: 100, releasedAt: 130, endedAt: 140)
    #expect(pause.duration == 40)
    pause.earlier = 7
    #expect(pause.duration == 47)
    pause.endedAt = 90
    #expect(pause.duration == 7)
  }
}
