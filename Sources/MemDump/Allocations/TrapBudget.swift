/// What a process may spend on interruptions, and what it has spent. Pure.
struct TrapBudget {
  /// When spending began, in nanoseconds of the monotonic clock.
  var start: UInt64 = 0
  /// The part of one processor that may be spent, between 0 and 1.
  private let share: Double
  private let time: UInt64
  /// What an interruption takes, in nanoseconds.
  private let cost: UInt64
  private(set) var spent: UInt64 = 0
  /// How many interruptions there are in a nanosecond of a burst; nil before the first one.
  private var rate: Double?

  /// How many times as many samples as at first a burst may have, since the first ones were too short.
  private var scale = 1

  /// The bursts that the whole time is to have at the most, the part of it that page faults may spend, and the least samples of
  /// a burst.
  private static let (bursts, faultShare, fewest) = (8, 0.15, 64)

  init(thousandths: UInt64, time: UInt64, cost: UInt64) {
    (share, self.time, self.cost) = (Double(max(1, thousandths)) / 1000, time, max(1, cost))
  }

  /// Notes samples at instructions, of a burst of so many nanoseconds, or of none.
  mutating func add(samples: UInt64, in time: UInt64? = nil) {
    spent &+= samples &* cost
    if let time, time > 0 { rate = Double(samples) / Double(time) }
  }

  /// Notes samples of page faults.
  mutating func add(faults: UInt64) { spent &+= faults &* TrapCost.pageFault }

  /// The instant from which on no more is spent than may be.
  var next: UInt64 { start &+ UInt64(Double(spent) / share) }

  /// How long a burst should be, in nanoseconds: the longer, the fewer interruptions there are.
  var burstTime: UInt64 {
    guard let rate else { return 0 }
    return UInt64(min(1e9, share / max(rate * Double(cost), 1e-9) * 0.25e9))
  }

  /// The samples that may be paid for still.
  private var left: Int { Int(max(0, (Double(time) * share - Double(spent)) / Double(cost))) }

  /// Whether a burst may be paid for still.
  var allowsBurst: Bool { left >= Self.fewest }

  /// Has bursts be longer, and fewer.
  mutating func lengthenBursts() { scale = min(scale * 2, Self.bursts) }

  /// The limits of a burst: together, its events may spend what one of several bursts may. An event of many has less,
  /// since each is disarmed for itself, but never so little that nothing can be seen.
  func limits(time: UInt64, eventCount: Int) -> EventSlice.Limits {
    let whole = Double(self.time) * share / Double(cost)
    let samples = min(left, max(Self.fewest, Int(whole) * scale / Self.bursts))
    let part = samples * TrapSet.registerCount / max(TrapSet.registerCount, eventCount)
    // Whatever keeps us from ending the burst in time: there is not much more than would have fitted into it.
    let fitting = Int(min(time / cost, 1 << 30)) * 2
    let each = max(Self.fewest / 2, min(part, fitting))
    return .init(time: time, sampleCount: samples, eventSampleCount: each)
  }

  /// The limits of a slice of page faults of so many threads.
  func faultLimits(time: UInt64, threadCount: Int) -> EventSlice.Limits {
    let samples = Int(Double(time) * share * Self.faultShare / Double(TrapCost.pageFault))
    return .init(
      time: time, sampleCount: samples, eventSampleCount: samples == 0 ? 0 : max(1, samples / max(1, threadCount)))
  }
}
