/// What makes the blocks of one size that there are more and more of: a call, through which at least half of the blocks come that
/// stay, even if all that are freed later came through it, and within which no single call does.
public struct GrowthMaker: Sendable {
  /// What a block takes of the heap, in bytes.
  public var footprint: UInt64
  /// The call and those that led to it, the innermost first: all that its paths have in common. The call itself hands out the
  /// block, or one of several functions that it calls.
  public var frames: [ThreadStack.Frame]
  /// The names of the frames.
  public var names: [StackNames.Name?]
  /// The number of paths that lead from the call to the function that hands out memory.
  public var pathCount: Int
  /// The blocks of that size that were seen handed out on these paths.
  public var sampled: Int
  /// Those of them that stay.
  public var survived: Int
  /// The part of all blocks of that size that stay, in thousandths.
  public var growthThousandths: UInt64
}

/// What the paths with blocks of one size have to do with its growth. Pure.
///
/// Bursts hold the process up, so that less is done in them than in the same time without: what is seen in them is set against
/// what is seen in them, and the time counts only for whether enough was seen at all.
struct GrowthJudgement {
  /// The part of the blocks that stay which each path makes, in thousandths, in the order of the paths.
  private(set) var thousandths: [UInt64] = []
  /// Whether far more blocks outlive a burst than are handed out beyond those taken back, so that most of them are freed later.
  let isChurn: Bool
  /// What makes the growth, with the numbers of its paths; nil where nothing makes half of it, or too little was seen.
  private(set) var maker: (paths: [Int], frameCount: Int, thousandths: UInt64)?
  /// Whether blocks were seen to stay, of which no call can be told to make half of the growth.
  var isUndecided: Bool { !isChurn && maker == nil && thousandths.contains { $0 > 0 } }
  /// Whether at least some of the survivors of each path stay, even if all that are freed later are of that path.
  private(set) var isCertain: [Bool] = []

  /// The fewest survivors that a call is named for, how many times the growth all survivors may be, beyond chance, and the part
  /// of the growth between the walks that they have to be at least.
  private static let (fewest, mostTimes, leastPart) = (10, 2.0, 0.05)
  /// How many standard deviations of the counts a call has to be beyond what it is named for.
  private static let deviations = 1.5

  private let rates: [Double]
  private let variances: [Double]
  private let releases: Releases

  /// - Parameters:
  ///   - paths: the paths with blocks of that size.
  ///   - net: how many more blocks were handed out than taken back in a second of the bursts.
  ///   - releases: the blocks that were taken back long after they had been handed out.
  ///   - growth: the blocks that there are more of in the end.
  ///   - elapsed: the time in which they became more, in nanoseconds.
  init(_ paths: [AllocationPath], net: Double, releases: Releases, growth: UInt64, elapsed: UInt64) {
    func perSecond(_ count: Double, _ watched: UInt64) -> Double {
      watched == 0 ? 0 : count * 1e9 / Double(watched)
    }
    rates = paths.map { perSecond(Double($0.survived), $0.watchedTime) }
    variances = paths.map { perSecond(perSecond(Double($0.survived), $0.watchedTime), $0.watchedTime) }
    self.releases = releases
    let sum = rates.reduce(0, +)
    // Two standard deviations of counted events below what was seen.
    let least = paths.reduce(0) { sum, path in
      let count = Double(path.survived)
      return sum + perSecond(max(0, count - 2 * count.squareRoot()), path.watchedTime)
    }
    isChurn = least > Self.mostTimes * max(0, net)
    guard sum > 0 else {
      thousandths = paths.map { _ in 0 }
      return
    }
    isCertain = paths.indices.map { certain([$0]) > 0 }
    // Of all that is handed out, what stays is at least what there is more of.
    thousandths = rates.map { UInt64($0 / sum * 1000) }
    let undisturbed = paths.reduce(0) { $0 + perSecond(Double($1.survived), $1.undisturbedTime) }
    let isEnough = undisturbed * Double(elapsed) / 1e9 >= Self.leastPart * Double(growth)
    guard !isChurn, isEnough, growth > 0 else { return }
    maker = deepest(paths, sum)
  }

  /// How many of the survivors of some paths stay for sure in a second: those that are left where all that are freed later are
  /// theirs.
  private func certain(_ chosen: [Int]) -> Double {
    let variance = chosen.reduce(releases.variance) { $0 + variances[$1] }
    return rate(chosen) - releases.perSecond - Self.deviations * variance.squareRoot()
  }

  /// The innermost call that paths have in common, from the start of a thread on, with at least half of the survivors, and for
  /// sure with half of those that stay.
  private func deepest(
    _ paths: [AllocationPath], _ sum: Double
  ) -> (paths: [Int], frameCount: Int, thousandths: UInt64)? {
    let least = (sum - releases.perSecond) / 2
    var (chosen, frameCount) = (Array(paths.indices), 0)
    while true {
      var parts: [String: [Int]] = [:]
      for index in chosen where frameCount < paths[index].identities.count {
        let identities = paths[index].identities
        parts[identities[identities.count - 1 - frameCount], default: []].append(index)
      }
      guard let most = parts.values.max(by: { rate($0) < rate($1) }), rate(most) >= sum / 2, certain(most) >= least
      else { break }
      (chosen, frameCount) = (most, frameCount + 1)
    }
    guard frameCount > 0, chosen.reduce(0, { $0 + paths[$1].survived }) >= Self.fewest else { return nil }
    return (chosen, frameCount, UInt64(rate(chosen) / sum * 1000))
  }

  private func rate(_ paths: [Int]) -> Double { paths.reduce(0) { $0 + rates[$1] } }
}
