/// How much of the growth of blocks of one size the survivors of a path make. Pure.
///
/// Bursts hold the process up, so that less is done in them than in the same time without: what is seen in them is set against
/// what is seen in them, and the time counts only for whether enough was seen at all.
struct GrowthShare: Equatable {
  /// In thousandths, at most 1,000.
  var thousandths: UInt64
  /// Whether that is at least half, with survivors enough to say so.
  var isMost: Bool
  /// Whether far more blocks survive a burst than are handed out beyond those taken back, so that most of them are freed later.
  var isChurn: Bool

  /// The fewest survivors that a path is named for, how many times the growth all survivors may be, beyond chance, and the part
  /// of the growth between the walks that they have to be at least.
  private static let (fewest, mostTimes, leastPart) = (5, 2.0, 0.05)

  /// - Parameters:
  ///   - path: the path.
  ///   - all: every path with blocks of that size, itself among them.
  ///   - net: how many more blocks were handed out than taken back in a second of the bursts.
  ///   - growth: the blocks that there are more of in the end.
  ///   - elapsed: the time in which they became more, in nanoseconds.
  init(of path: AllocationPath, among all: [AllocationPath], net: Double, growth: UInt64, elapsed: UInt64) {
    func perSecond(_ count: Double, _ watched: UInt64) -> Double {
      watched == 0 ? 0 : count * 1e9 / Double(watched)
    }
    let own = perSecond(Double(path.survived), path.watchedTime)
    let sum = all.reduce(0) { $0 + perSecond(Double($1.survived), $1.watchedTime) }
    // Two standard deviations of counted events below what was seen.
    let least = all.reduce(0) { sum, path in
      let count = Double(path.survived)
      return sum + perSecond(max(0, count - 2 * count.squareRoot()), path.watchedTime)
    }
    isChurn = least > Self.mostTimes * max(0, net)
    // Of all that is seen handed out, what survives is at least what there is more of.
    thousandths = sum > 0 ? UInt64(own / sum * 1000) : 0
    let undisturbed = all.reduce(0) { $0 + perSecond(Double($1.survived), $1.undisturbedTime) }
    let isEnough = undisturbed * Double(elapsed) / 1e9 >= Self.leastPart * Double(growth)
    isMost = thousandths >= 500 && path.survived >= Self.fewest && !isChurn && growth > 0 && isEnough
  }
}
