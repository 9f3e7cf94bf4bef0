import Glibc
import Testing

@testable import MemDump

@Suite struct GrowthJudgementTests {
  /// A path of calls, the innermost first, of which `survived` blocks stay; it was watched for 0.1 s of 10 s.
  private static func path(_ calls: String, _ survived: Int, of sampled: Int) -> AllocationPath {
    let identities = calls.split(separator: " ").map(String.init)
    let frames = identities.indices.map { index in
      ThreadStack.Frame(
        address: Address(UInt64(index)), instruction: Address(UInt64(index)), evidence: .callFrameInformation)
    }
    var path = AllocationPath(
      function: "malloc", frames: frames, names: identities.map { _ in nil }, identities: identities, isWhole: true,
      footprint: 64)
    (path.survived, path.sampled) = (survived, sampled)
    (path.watchedTime, path.undisturbedTime) = (100_000_000, 50_000_000)
    return path
  }

  /// By default, as many become more in the bursts as survive, and at the same rate in the whole time.
  private static func judgement(
    _ paths: [AllocationPath], net: Double? = nil, growth: UInt64? = nil, released: Int = 0
  ) -> GrowthJudgement {
    let survived = paths.reduce(0) { $0 + $1.survived }
    return GrowthJudgement(
      paths, net: net ?? Double(survived) * 10, releases: Releases(count: released, time: 100_000_000),
      growth: growth ?? UInt64(survived) * 100, elapsed: 10_000_000_000)
  }

  @Test func thePathThatKeepsIsNamedAndNotTheOneThatIsCalledMoreOften() throws {
    let judgement = Self.judgement([
      Self.path("scratch handle loop main", 2, of: 1200), Self.path("remember handle loop main", 27, of: 27),
    ])
    let maker = try #require(judgement.maker)
    #expect(maker.paths == [1] && maker.frameCount == 4 && maker.thousandths == 931)
    #expect(judgement.thousandths == [68, 931] && !judgement.isChurn)
  }

  @Test func pathsThatMeetAreNamedByWhereTheyMeet() throws {
    let judgement = Self.judgement([
      Self.path("palloc a refresh timer main", 30, of: 30), Self.path("palloc b refresh timer main", 28, of: 28),
      Self.path("palloc refresh timer main", 25, of: 25), Self.path("other request main", 3, of: 90),
    ])
    let maker = try #require(judgement.maker)
    #expect(maker.paths == [0, 1, 2] && maker.frameCount == 3)
  }

  @Test func halfIsNamedAndLessIsNot() {
    func maker(_ left: Int, _ right: Int) -> Int? {
      Self.judgement([Self.path("left one", left, of: left), Self.path("right two", right, of: right)]).maker?.paths
        .first
    }
    #expect(maker(600, 400) == 0)
    #expect(maker(40, 80) == 1)
    // By chance the other one may be as many.
    #expect(maker(50, 49) == nil && maker(60, 40) == nil)
    let three = [Self.path("a x", 33, of: 33), Self.path("b y", 33, of: 33), Self.path("c z", 34, of: 34)]
    #expect(Self.judgement(three).maker == nil)
  }

  @Test func nobodyIsNamedAfterABurstOrTwo() throws {
    func makers(after bursts: Int) throws -> Int {
      var summary = AllocationSummary(try TargetProcess(#require(ProcessID(rawValue: getpid()))))
      (summary.elapsed, summary.burstCount) = (10_000_000_000, bursts)
      summary.paths = [Self.path("remember main", 30, of: 30)]
      summary.growth = [ClassGrowth(footprint: 64, before: 0, after: 3000)]
      summary.judge { _ in
        300
      } releases: { _ in
        Releases()
      }
      return summary.makers.count
    }
    #expect(try makers(after: 3) == 0)
    #expect(try makers(after: 4) == 1)
  }

  @Test func aFewSurvivorsSayNothing() {
    #expect(Self.judgement([Self.path("remember main", 9, of: 9)]).maker == nil)
    #expect(Self.judgement([Self.path("remember main", 10, of: 10)]).maker != nil)
  }

  /// Blocks that live longer than a burst, as those of a request, without being more and more.
  @Test func whatIsFreedLaterIsNoGrowth() {
    let paths = [Self.path("request main", 100, of: 100), Self.path("remember main", 5, of: 5)]
    let judgement = Self.judgement(paths, net: 50)
    #expect(judgement.isChurn && judgement.maker == nil)
    #expect(!Self.judgement(paths, net: 600).isChurn)
    #expect(Self.judgement(paths, net: -10).isChurn)
  }

  /// A connection has a block that lives as long as it does and one that nobody gives back, both of one size: at the end of a
  /// burst there are as many of either. They are named by where they meet, and neither alone.
  @Test func whatIsFreedLaterMayBeAnyonesAndIsSetAgainstEach() throws {
    let paths = [
      Self.path("connection_new connect main", 30, of: 30), Self.path("session_new connect main", 30, of: 30),
    ]
    let judgement = Self.judgement(paths, net: 300, released: 30)
    let maker = try #require(judgement.maker)
    #expect(maker.paths == [0, 1] && maker.frameCount == 2)
    #expect(judgement.isCertain == [false, false])
    // Few are freed later: then what is kept is known.
    let kept = [Self.path("connection_new connect main", 4, of: 30), Self.path("session_new connect main", 60, of: 60)]
    let other = Self.judgement(kept, released: 4)
    #expect(other.maker?.paths == [1] && other.isCertain == [false, true])
    // All of them are.
    #expect(Self.judgement(kept, released: 64).maker == nil)
  }

  /// What grows is made by something that no burst has met.
  @Test func farLessThanTheGrowthIsNotNamed() {
    let paths = [Self.path("remember main", 10, of: 10)]
    #expect(Self.judgement(paths, growth: 1_000_000).maker == nil)
    #expect(Self.judgement(paths, growth: 4000).maker != nil)
    #expect(Self.judgement(paths, growth: 0).maker == nil)
  }

  @Test func withoutSurvivorsThereIsNoShare() {
    let judgement = Self.judgement([Self.path("scratch main", 0, of: 500)], net: 0, growth: 100)
    #expect(judgement.thousandths == [0] && judgement.maker == nil)
  }
}

@Suite struct DisturbanceTests {
  @Test func anInterruptionTakesTheTimeBetweenTwoThatFollowEachOther() {
    let close = (0..<100).map { (thread: Int32(1), instant: UInt64($0) * 20_000) }
    let disturbance = Disturbance(close, window: 0..<2_000_000, cost: 10_000)
    #expect(disturbance.cost == 20_000 && disturbance.share == 0.9)
    // Far apart, it is what was measured elsewhere.
    let apart = (0..<10).map { (thread: Int32(1), instant: UInt64($0) * 1_000_000) }
    #expect(Disturbance(apart, window: 0..<10_000_000, cost: 10_000).cost == 30_000)
    #expect(Disturbance([], window: 0..<1, cost: 10_000).share == 0)
  }

  @Test func threadsAreHeldUpEachForItself() {
    let samples = (0..<20).flatMap { number in (1...2).map { (thread: Int32($0), instant: UInt64(number) * 100_000) } }
    let disturbance = Disturbance(samples, window: 0..<2_000_000, cost: 10_000)
    #expect(disturbance.cost == 30_000 && abs(disturbance.share - 0.3) < 0.001)
  }
}

@Suite struct TrapBudgetTests {
  private static func budget() -> TrapBudget {
    // 1 % of 10 s at 10 µs: 10,000 interruptions.
    var budget = TrapBudget(thousandths: 10, time: 10_000_000_000, cost: 10_000)
    budget.start = 1_000
    return budget
  }

  @Test func nothingIsSpentThatMayNotBeSpent() {
    var budget = Self.budget()
    #expect(budget.next == 1_000)
    budget.add(samples: 1_000)
    #expect(budget.next == 1_000_001_000)
    budget.add(samples: 8_990)
    #expect(!budget.allowsBurst)
    budget.add(faults: 1_000_000)
    #expect(!budget.allowsBurst && budget.limits(time: 1, eventCount: 4).sampleCount == 0)
  }

  @Test func theKernelEndsABurstOfManyEventsToo() {
    var budget = Self.budget()
    let few = budget.limits(time: 20_000_000, eventCount: 4)
    #expect(few.sampleCount == 1_250 && few.eventSampleCount == 1_250)
    let many = budget.limits(time: 20_000_000, eventCount: 40)
    #expect(many.eventSampleCount == 125)
    for _ in 0..<5 { budget.lengthenBursts() }
    let long = budget.limits(time: 20_000_000, eventCount: 4)
    // Were we held up, no more than twice as many as fit into the burst.
    #expect(long.sampleCount == 10_000 && long.eventSampleCount == 4_000)
  }

  @Test func aBurstOfAProcessThatDoesLittleMayBeLong() {
    var budget = Self.budget()
    budget.add(samples: 1, in: 20_000_000)
    #expect(budget.burstTime == 1_000_000_000 || budget.burstTime == 5_000_000_000 / 1)
    budget.add(samples: 2_000, in: 20_000_000)
    #expect(budget.burstTime < 20_000_000)
  }

  @Test func pageFaultsHaveASmallPart() {
    let limits = Self.budget().faultLimits(time: 1_000_000_000, threadCount: 10)
    #expect(limits.sampleCount == 600 && limits.eventSampleCount == 60)
    #expect(Self.budget().faultLimits(time: 1_000, threadCount: 10).eventSampleCount == 0)
  }
}

@Suite struct ClassFlowTests {
  @Test func whatIsHandedOutByOneSetIsSetAgainstWhatAllTakeBack() {
    var flow = ClassFlow()
    for _ in 0..<30 { flow.addAllocated(set: 0) }
    for _ in 0..<10 { flow.addAllocated(set: 1) }
    for _ in 0..<40 { flow.addFreed() }
    // 30 and 10 in a tenth of a second each; 40 in two of them.
    #expect(flow.netPerSecond([0: 100_000_000, 1: 100_000_000]) == 200)
    #expect(flow.netPerSecond([:]) == 0)
  }
}
