import Testing

@testable import MemDump

@Suite struct DurationTests {
  @Test(arguments: [
    (Duration.zero, UInt64(0)), (.nanoseconds(-1), 0), (.seconds(-5), 0), (.nanoseconds(1), 1),
    (.seconds(3) + .nanoseconds(7), 3_000_000_007),
  ])
  func wholeNanosecondsAndNoneOfANegativeTime(duration: Duration, expected: UInt64) {
    #expect(duration.nanosecondCount == expected)
  }

  @Test func aTimeOfCenturiesIsCutWhereSumsStillFit() {
    #expect(Duration.seconds(Int64.max).nanosecondCount == 1 << 60)
  }
}
