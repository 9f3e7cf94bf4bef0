/// How many of all blocks, of which some were looked at, a holder has.
struct HolderShare {
  /// The blocks of those that were looked at which the holder has, and all that were.
  var (count, sampled): (Int, Int)
  /// All blocks, those before the growth and the new ones.
  var all: UInt64

  /// How many of the new blocks the holder has for sure: those that are left where all that may not be its own are new.
  func certain(ofNew growth: UInt64) -> UInt64 {
    guard count > 0, sampled >= count else { return 0 }
    let others = Double(sampled - count)
    // Where not all were looked at, there are as many others as two deviations allow, and where none was seen, three of a
    // sample (the 95 % of the rule of three).
    let most = UInt64(sampled) >= all ? others : others + 2 * others.squareRoot() + 3
    let foreign = most / Double(sampled) * Double(all)
    return foreign < Double(growth) ? growth - min(growth, UInt64(foreign.rounded(.up))) : 0
  }
}
