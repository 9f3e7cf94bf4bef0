/// What a watch of allocations came to.
public struct AllocationSummary: Sendable {
  /// Something that limits what was seen, and has to be said.
  public enum Note: Hashable, Sendable {
    /// Some other has the breakpoint registers of a thread, as a debugger has: page faults alone were sampled.
    case noRegisters
    /// No module tells where its malloc is, as in a static program without symbols: page faults alone were sampled.
    case noAllocator
    /// Blocks are taken back by more functions than can be waited for at once: nobody is named.
    case unseenReleases
    /// Blocks are handed out at more places than can be waited for at once, so that bursts go over them in turn. Of a block that is
    /// taken back nobody knows then whether it was handed out a moment before.
    case inTurn
    /// No thread came to a function of an allocator.
    case noCalls
    /// The heap is of an allocator that is not walked: survivors are those of bursts alone.
    case notWalked
    /// The heap of an allocator, by its title, contradicted itself at each walk, as one may that changes meanwhile.
    case refused(String)
    /// Python's small objects come from pools of its own, and malloc does not see them.
    case pythonPools
    /// The heap is one of Go, and what its collections leave cannot be followed, for which they have to be found first.
    case noCollections
    /// No collection ended in the first half of the time, so that what grows is not known.
    case noCollectionBefore
    /// What a collector takes back is seen by its collections alone, and of some objects too few came after them, or were seen.
    case fewCollections(Int)
    /// The watch was told to end.
    case interrupted
  }

  /// The process.
  public let target: TargetProcess
  /// The time from the first look at the heap to the last, in nanoseconds.
  public var elapsed: UInt64 = 0
  /// The time of all bursts in which blocks were seen handed out that were watched long enough, in nanoseconds.
  public var watchedTime: UInt64 = 0
  /// The number of these bursts.
  public var burstCount = 0
  /// The bursts that the kernel ended early, by the budget, or since a ring was full.
  public var cappedCount = 0
  /// The bursts that do not count, since they were over before what lives for a moment could be told from what stays.
  public var discardedCount = 0
  /// The records that were lost.
  public var lostCount: UInt64 = 0
  /// The blocks that were seen handed out.
  public var sampledCount = 0
  /// The stacks among theirs that were not followed to where their thread began.
  public var brokenCount = 0
  /// How often a thread was interrupted by a breakpoint.
  public var trapCount: UInt64 = 0
  /// What an interruption takes, in nanoseconds, as measured on a thread of our own.
  public var trapCost: UInt64 = 0
  /// The page faults that were sampled.
  public var faultCount: UInt64 = 0
  /// The threads that were watched.
  public var threadCount = 0
  /// The threads that came during a burst.
  public var lateThreadCount = 0
  /// The functions that were watched.
  public var functions: [String] = []
  /// What makes the classes that grow, as far as that was seen, in their order.
  public var makers: [GrowthMaker] = []
  /// The paths, those first that make what grows.
  public var paths: [AllocationPath] = []
  /// The paths of page faults, those of most pages first.
  public var faults: [PageFaultPath] = []
  /// The classes that grew; nil where the heap is not walked.
  public var growth: [ClassGrowth]?
  /// The classes whose survivors are far more than their growth: what survives a burst is freed later.
  public var churning: Set<UInt64> = []
  /// The classes of which blocks were seen to stay, and too few for a name, or as many may have been freed later.
  public var undecided: Set<UInt64> = []
  /// What limits what was seen.
  public var notes: [Note] = []

  /// The fewest bursts that a call is named after.
  private static let fewestBursts = 4

  init(_ target: TargetProcess) { self.target = target }

  /// Whether there is an answer: what makes the growth, or of a heap that is not walked at least what outlives bursts.
  public var hasFound: Bool { !makers.isEmpty || growth == nil && paths.contains { $0.survived > 0 } }

  /// The part of a processor that the process spent for it, in thousandths: the interruptions by what each takes.
  public var costThousandths: UInt64 {
    guard elapsed > 0 else { return 0 }
    let time = Double(trapCount) * Double(trapCost) + Double(faultCount) * Double(TrapCost.pageFault)
    return UInt64(time / Double(elapsed) * 1000)
  }

  /// Tells of each path what part of the growth it makes, and puts the paths in order.
  ///
  /// - Parameters:
  ///   - net: how many more blocks of a size were handed out than taken back in a second of the bursts.
  ///   - releases: the blocks of a size that were taken back long after they had been handed out.
  mutating func judge(net: (UInt64) -> Double, releases: (UInt64) -> Releases) {
    let known = paths.indices.filter { paths[$0].footprint != nil }
    let indices = Dictionary(grouping: known) { paths[$0].footprint ?? 0 }
    for grown in growth ?? [] {
      guard let members = indices[grown.footprint] else { continue }
      let judgement = GrowthJudgement(
        members.map { paths[$0] }, net: net(grown.footprint), releases: releases(grown.footprint), growth: grown.count,
        elapsed: elapsed)
      if judgement.isChurn, !notes.contains(.inTurn) { churning.insert(grown.footprint) }
      if judgement.isUndecided {
        undecided.insert(grown.footprint)
      } else {
        for (index, share) in zip(members, judgement.thousandths) { paths[index].growthThousandths = share }
      }
      // What a burst or two have seen to stay may only live longer than they lasted.
      guard burstCount >= Self.fewestBursts, let (numbers, frameCount, share) = judgement.maker else { continue }
      let chosen = numbers.map { members[$0] }
      for number in numbers where judgement.isCertain[number] { paths[members[number]].isNamed = true }
      makers.append(
        GrowthMaker(
          footprint: grown.footprint, frames: paths[chosen[0]].frames.suffix(frameCount),
          names: paths[chosen[0]].names.suffix(frameCount), pathCount: chosen.count { paths[$0].survived > 0 },
          sampled: chosen.reduce(0) { $0 + paths[$1].sampled }, survived: chosen.reduce(0) { $0 + paths[$1].survived },
          growthThousandths: share))
    }
    paths.sort { left, right in
      func rank(_ path: AllocationPath) -> (Int, UInt64, UInt64, Int, Int) {
        (
          path.isNamed ? 1 : 0, (path.growthThousandths ?? 0), path.bytesPerSecond ?? 0, path.survived, path.sampled
        )
      }
      let (first, second) = (rank(left), rank(right))
      return first == second
        ? left.frames.first?.address ?? Address(0) < right.frames.first?.address ?? Address(0)
        : first > second
    }
  }
}
