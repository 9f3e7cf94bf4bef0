/// How much of the time of threads the interruptions of a burst took. Pure.
struct Disturbance: Equatable {
  /// The part of the time of the threads that were interrupted, between 0 and 0.9, a thread counting by its interruptions.
  let share: Double
  /// What an interruption took, in nanoseconds.
  let cost: UInt64

  private static let (most, mostTimes) = (0.9, UInt64(3))

  /// An interruption takes what lies between two of a thread that follow each other most closely, since hardly any time is left
  /// between them: the tenth part of all such times is shorter. It is not less than what was measured elsewhere, nor far more.
  ///
  /// - Parameters:
  ///   - samples: thread and instant of each interruption, in the order of the instants.
  ///   - window: the time of the burst.
  ///   - cost: what an interruption took elsewhere, in nanoseconds.
  init(_ samples: [(thread: Int32, instant: UInt64)], window: Range<UInt64>, cost: UInt64) {
    var (last, counts): ([Int32: UInt64], [Int32: Int]) = ([:], [:])
    var gaps: [UInt64] = []
    for (thread, instant) in samples where window.contains(instant) {
      if let before = last[thread] { gaps.append(instant &- before) }
      last[thread] = instant
      counts[thread, default: 0] += 1
    }
    gaps.sort()
    let close = gaps.isEmpty ? cost : gaps[gaps.count / 10]
    self.cost = min(max(close, cost), cost &* Self.mostTimes)
    let time = Double(window.upperBound - window.lowerBound)
    let all = Double(counts.values.reduce(0, +))
    guard time > 0, all > 0 else {
      share = 0
      return
    }
    let each = Double(self.cost)
    share = counts.values.reduce(0.0) { sum, count in
      sum + Double(count) / all * min(Self.most, Double(count) * each / time)
    }
  }
}
