/// How many blocks of one size were handed out and taken back, over all bursts. Pure.
struct ClassFlow: Equatable {
  /// The blocks that were handed out in bursts of each set of instructions.
  private var allocated: [Int: Int] = [:]
  private var freed = 0

  mutating func addAllocated(set: Int) { allocated[set, default: 0] += 1 }

  mutating func addFreed() { freed += 1 }

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
