import Glibc

/// Looks again and again until `condition` holds. Returns whether it did in time.
public func waitUntil(within time: Duration = .seconds(60), _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + time
  while true {
    if try condition() { return true }
    if ContinuousClock.now >= deadline { return false }
    usleep(1000)
  }
}

/// Does nothing for a time: for tests that need an instant chosen at random, never to wait for something.
public func pass(microseconds: UInt32) { usleep(microseconds) }

/// Random numbers that are the same in every run: SplitMix64.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Makes the generator of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
