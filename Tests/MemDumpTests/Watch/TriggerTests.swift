import Testing

@testable import MemDump

@Suite struct TriggerTests {
  @Test(
    arguments: [
      ("heap>500M", .heap, .amount(500 << 20)), ("rss>2G", .rss, .amount(2 << 30)), ("swap>0", .swap, .amount(0)),
      ("rss > 1.5G", .rss, .amount(3 << 29)), ("  heap>0x1000  ", .heap, .amount(4096)),
      ("rss>+5M/s", .rss, .rise(5 << 20, per: 1_000_000_000)),
      ("heap >+1K/m", .heap, .rise(1024, per: 60_000_000_000)),
      ("swap> +2G/h", .swap, .rise(2 << 30, per: 3_600_000_000_000)),
    ] as [(String, Trigger.Metric, Trigger.Limit)])
  func readsWhatPeopleWrite(text: String, metric: Trigger.Metric, limit: Trigger.Limit) throws {
    #expect(try Trigger(parsing: text) == Trigger(metric, limit))
  }

  @Test(
    arguments: [
      ("", "it has no >"), ("heap", "it has no >"), ("heap=5M", "it has no >"), ("heap<5M", "it has no >"),
      ("pss>5M", "nothing called 'pss' is measured, but heap, rss, swap"), (">5M", "nothing called ''"),
      ("RSS>5M", "nothing called 'RSS'"), ("rss\u{1b}>5M", #"nothing called 'rss\x1b'"#),
      ("rss>", "what stands behind the > is not a size"), ("rss>=5M", "what stands behind the > is not a size"),
      ("rss>>5M", "what stands behind the > is not a size"), ("rss>5M/s", "what stands behind the > is not a size"),
      ("rss>-5M", "what stands behind the > is not a size"), ("rss>5  M", "what stands behind the > is not a size"),
      ("rss>+5M", "a rise is a size and a time"), ("rss>+5M/", "a rise is a size and a time"),
      ("rss>+/s", "a rise is a size and a time"), ("rss>+0/s", "a rise is a size and a time"),
      ("rss>+5M/d", "a rise is a size and a time"), ("rss>+5M/s/s", "a rise is a size and a time"),
      ("rss>++5M/s", "a rise is a size and a time"), ("rss>+99999999999999999999G/s", "a rise is a size and a time"),
    ]) func saysWhyATextIsNone(text: String, reason: String)
  {
    let error = #expect(throws: MemDumpError.self) { try Trigger(parsing: text) }
    #expect(error?.code == .badTrigger)
    #expect(error?.description.contains("is not a trigger: " + reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasSuffix("Give an amount, as heap>500M, or a rise, as rss>+5M/s.") == true)
  }

  @Test func anAmountFiresAboveIt() {
    var gauge = TriggerGauge(Trigger(.rss, .amount(100)), every: 1000)
    let fired = [100, 101].map { gauge.add($0, at: 5) }
    #expect(fired == [false, true])
  }

  /// A rise is measured over the time between two looks: not over a moment, and not from the beginning.
  @Test func aRiseFiresOverTheTimeBetweenTwoLooks() throws {
    var gauge = TriggerGauge(try Trigger(parsing: "rss>+1K/s"), every: 8_000_000_000)
    func add(_ value: UInt64, _ second: UInt64) -> Bool { gauge.add(value, at: 5 + second * 1_000_000_000) }
    // Steep, but for a moment.
    #expect(!add(0, 0))
    #expect(!add(1 << 20, 1))
    #expect(!add(0, 2))
    for second in 3...20 as ClosedRange<UInt64> { #expect(!add(1024 * (second - 2), second), "\(second)") }
    // More than 1 KiB a second, seven seconds ago and less counted.
    #expect(add(1024 * 18 + 1, 20))
    #expect(add(1024 * 27, 27))
    #expect(!add(1024 * 27, 34))
    // It falls.
    #expect(!add(0, 41))
  }
}
