/// How many blocks of one size were handed out and taken back, over all bursts. Pure.
struct ClassFlow: Equatable {
  /// The blocks that were handed out in bursts of each set of instructions.
  private var allocated: [Int: Int] = [:]
  private var freed = 0
  private var released = 0

  mutating func addAllocated(set: Int) { allocated[set, default: 0] += 1 }

  mutating func addFreed() { freed += 1 }

  /// Adds a block that had been handed out before the burst, and was taken back in the half of it that counts.
  mutating func addReleased() { released += 1 }

  /// The rates of blocks that were taken back long after they had been handed out.
  ///
  /// - Parameter time: the time in which they would have been seen, in nanoseconds.
  func releases(in time: UInt64) -> Releases { Releases(count: released, time: time) }

  /// How many more were handed out than taken back in a second; below 0 where they became fewer.
  ///
  /// - Parameter times: the time in which everything was seen in bursts of each set, in nanoseconds.
  func netPerSecond(_ times: [Int: UInt64]) -> Double {
    let gained = allocated.reduce(0.0) { sum, part in
      let time = times[part.key] ?? 0
      return sum + (time > 0 ? Double(part.value) * 1e9 / Double(time) : 0)
    }
    // Blocks that are taken back are seen in the bursts of all sets.
    let time = times.values.reduce(0, +)
    return gained - (time > 0 ? Double(freed) * 1e9 / Double(time) : 0)
  }
}

/// Blocks that were taken back longer after they were handed out than a block is watched that counts as a survivor. As many of the
/// survivors are no growth, and whose they are is not known.
struct Releases: Equatable {
  var count = 0
  /// The time in which they were seen, in nanoseconds.
  var time: UInt64 = 0

  /// How many there are in a second.
  var perSecond: Double { time == 0 ? 0 : Double(count) * 1e9 / Double(time) }
  /// The variance of that, as of events that are counted.
  var variance: Double { time == 0 ? 0 : Double(count) * 1e18 / (Double(time) * Double(time)) }
}
