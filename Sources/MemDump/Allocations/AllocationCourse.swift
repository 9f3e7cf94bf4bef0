/// The course of one watch of allocations: what it has seen so far, and what it has spent.
struct AllocationCourse: ~Copyable {
  private let watch: AllocationWatch
  private let target: TargetProcess
  private let control: WorkControl
  private var session: EventSession
  private var summary: AllocationSummary
  private var tally = PathTally()
  private var faults = PageFaultTally()
  private var unwinder: StackUnwinder
  private var frames: ModuleFrames
  private let source: LiveMemory
  private var stackByteCount = 2 << 10
  private var spending: TrapBudget
  /// The heap whose objects a collector takes back; nil where the process has none.
  private let collected: CollectedHeap?

  /// The largest copy of a stack, and the length of bursts, in nanoseconds.
  private static let (largestStack, shortestBurst, longestBurst): (Int, UInt64, UInt64) = (
    32 << 10, 20_000_000, 1_000_000_000
  )
  /// The shortest time of a burst in which all has to be seen so that it counts, in nanoseconds.
  private static let shortestWindow: UInt64 = 5_000_000
  /// The longest time, in nanoseconds, for which a heap is walked again that contradicts itself; a half of the watch otherwise.
  private static let longestWalking: UInt64 = 2_500_000_000
  /// The shortest pause between two bursts, and the longest slice of page faults, in nanoseconds.
  private static let (shortestPause, longestPause): (UInt64, UInt64) = (2_000_000, 200_000_000)
  /// The longest burst over a heap with a collector, since none is asked meanwhile what it left, in nanoseconds: the shorter, the
  /// more often it collects; and the shortest.
  private var longestCollected: UInt64 = 40_000_000
  private static let shortestCollected: UInt64 = 2_000_000

  init(_ watch: AllocationWatch, _ target: TargetProcess, _ control: WorkControl) throws(MemDumpError) {
    let session = try EventSession(target)
    let source = try LiveMemory(target)
    var isRefused = false
    let collected = try CollectedHeap(target, isRefused: &isRefused, control)
    let unwinder = try StackUnwinder(source, process: target, runtime: collected?.frames)
    (self.watch, self.target, self.control) = (watch, target, control)
    self.session = session
    self.source = source
    self.unwinder = unwinder
    self.collected = collected
    frames = ModuleFrames(source, process: target, runtime: collected?.frames)
    summary = AllocationSummary(target)
    if isRefused { summary.notes.append(.noCollections) }
    summary.trapCost = TrapCost.measured(stackByteCount: stackByteCount)
    spending = TrapBudget(
      thousandths: watch.budgetThousandths, time: watch.time.nanosecondCount, cost: summary.trapCost)
  }

  mutating func run() throws(MemDumpError) -> AllocationSummary {
    let begin = Syscall.monotonicTime
    try awaitCollection(until: begin &+ watch.time.nanosecondCount / 2)
    let waited = Syscall.monotonicTime &- begin
    let heaps = try walk(control)
    let start = Syscall.monotonicTime
    try collected?.begin()
    spending.start = start
    let sets = try plan(isWalked: !heaps.isEmpty)
    summary.functions = sets.reduce(into: []) { all, set in
      all += set.functions.map(\.title).filter { !all.contains($0) }
    }
    let deadline = start &+ watch.time.nanosecondCount &- min(waited, watch.time.nanosecondCount)
    var (number, isBlind) = (0, sets.isEmpty)
    while Syscall.monotonicTime < deadline, !control.isStopped {
      if !isBlind, spending.allowsBurst {
        let set = sets[number % sets.count]
        // Each object of a collector is watched for half of the time at the least, for the same reason as blocks in a burst.
        if !set.isCollected || Syscall.monotonicTime < start &+ (deadline &- start) / 2 {
          isBlind = try !burst(set, number % sets.count, heaps, until: deadline)
        }
        number += 1
      }
      try pause(until: deadline, isBlind: isBlind)
    }
    if isBlind, !sets.isEmpty { summary.notes.append(.noRegisters) }
    try conclude(heaps, start)
    return summary
  }

  /// Waits until a collector has seen what there is: otherwise what it sees for the first time later would be taken for more.
  private mutating func awaitCollection(until end: UInt64) throws(MemDumpError) {
    guard let collected, let first = try collected.lastCollection() else { return }
    while try collected.lastCollection() == first {
      guard Syscall.monotonicTime < end, !control.isStopped else {
        summary.notes.append(.noCollectionBefore)
        return
      }
      Syscall.sleep(nanoseconds: Self.shortestPause)
    }
  }

  /// Walks the heaps. One that changes under the walk may contradict itself, and then it is walked again, for a while.
  private func walk(_ control: WorkControl) throws(MemDumpError) -> Heaps {
    let start = Syscall.monotonicTime
    let time = min(Self.longestWalking, watch.time.nanosecondCount / 2)
    while true {
      let heaps = try HeapWalk(LiveMemory(target), allocators: Allocators.forGrowth, control: control).run()
      guard !heaps.refusals.isEmpty, !control.isStopped, Syscall.monotonicTime - start < time else {
        return heaps
      }
      Syscall.sleep(nanoseconds: Self.shortestPause)
    }
  }

  /// The sets of instructions to wait for.
  private mutating func plan(isWalked: Bool) throws(MemDumpError) -> [TrapSet] {
    var allocators = AllocatorFunctions.all(in: source, process: target)
    if let collected, let functions = try AllocatorFunctions(collected.frames) { allocators.insert(functions, at: 0) }
    guard !allocators.isEmpty else {
      summary.notes.append(.noAllocator)
      return []
    }
    var sets: [TrapSet] = []
    for allocator in allocators.prefix(4) {
      let use = try AllocatorUse(
        allocator, byteCount: isWalked ? nil : watch.size, session, source, &frames, control)
      if use.lacksRegisters {
        summary.notes.append(.noRegisters)
        return []
      }
      sets += use.sets
      if use.missesReleases, !summary.notes.contains(.unseenReleases) { summary.notes.append(.unseenReleases) }
    }
    spending.add(samples: session.sampleCount)
    for allocator in allocators where sets.isEmpty && (isWalked || watch.size == nil) {
      if let set = try AllocatorUse.unseen(allocator, in: source, &frames) { sets.append(set) }
    }
    if sets.isEmpty { summary.notes.append(.noCalls) }
    if sets.count(where: { !$0.isCollected }) > 1 { summary.notes.append(.inTurn) }
    return sets
  }

  /// Runs a burst. Returns false where a thread has no free register for it.
  private mutating func burst(
    _ set: TrapSet, _ number: Int, _ heaps: Heaps, until deadline: UInt64
  ) throws(MemDumpError) -> Bool {
    let collected = set.isCollected ? collected : nil
    let longest = collected == nil ? Self.longestBurst : longestCollected
    let time = min(max(spending.burstTime, Self.shortestBurst), longest)
    let collection = try collected?.lastCollection()
    let now = Syscall.monotonicTime
    let limits = spending.limits(
      time: min(time, max(deadline, now) - now), eventCount: session.threadCount * set.traps.count)
    guard let slice = try session.run(set.places(stackByteCount: stackByteCount), limits, control) else { return false }
    let count = UInt64(slice.samples.count) + slice.lostCount
    spending.add(samples: count, in: slice.armedTime)
    summary.trapCount += count
    if let collected, let collection { return try add(slice, set, number, to: collected, born: collection) }
    if slice.window.upperBound - slice.window.lowerBound < Self.shortestWindow {
      // What lives for a moment would outlive it.
      summary.discardedCount += 1
      spending.lengthenBursts()
      return true
    }
    let burst = try AllocationBurst(slice, set, cost: summary.trapCost, &unwinder)
    guard !wantsLongerStacks(burst.shortCount, of: burst.samples.count) else { return true }
    note(slice, watchedTime: burst.watchedTime)
    let sizes = heaps.isEmpty ? nil : try BlockSizes(heaps, of: target)
    try tally.add(burst, set: number) { (block) throws(MemDumpError) in try sizes?.footprint(of: block) }
    return true
  }

  /// Whether a burst is to be made again, with more of each stack, since so many of its stacks were not copied far enough.
  private mutating func wantsLongerStacks(_ shortCount: Int, of count: Int) -> Bool {
    guard shortCount * 10 > count, stackByteCount < Self.largestStack else { return false }
    stackByteCount *= 2
    return true
  }

  private mutating func note(_ slice: EventSlice, watchedTime: UInt64) {
    summary.burstCount += 1
    summary.cappedCount += slice.isCapped || slice.lostCount > 0 ? 1 : 0
    summary.lostCount += slice.lostCount
    summary.watchedTime += watchedTime
  }

  /// Adds a burst over a heap with a collector.
  private mutating func add(
    _ slice: EventSlice, _ set: TrapSet, _ number: Int, to collected: CollectedHeap, born collection: UInt32
  ) throws(MemDumpError) -> Bool {
    // Of what was made while a collection ended it is not known whether it saw it.
    guard try collected.lastCollection() == collection else {
      longestCollected = max(longestCollected / 2, Self.shortestCollected)
      return true
    }
    var calls: [(block: Address, function: AllocationFunction, stack: ThreadStack)] = []
    var shortCount = 0
    for sample in slice.samples where slice.window.contains(sample.instant) {
      guard let trap = set.trap(at: sample.address), let block = sample.returned,
        var stack = try AllocationBurst.stack(of: sample, &unwinder)
      else { continue }
      if case .unread = stack.end { shortCount += 1 }
      if case .returning = trap.kind { stack.frames.removeFirst() }
      calls.append((Address(block), .goMalloc, stack))
    }
    guard !wantsLongerStacks(shortCount, of: calls.count) else { return true }
    let time = slice.window.upperBound - slice.window.lowerBound
    let disturbance = Disturbance(
      slice.samples.map { ($0.thread, $0.instant) }, window: slice.window, cost: summary.trapCost)
    note(slice, watchedTime: time)
    tally.add(time: time, undisturbed: UInt64(Double(time) * (1 - disturbance.share)), set: number)
    for call in calls {
      try collected.add(call.block, born: collection) { footprint in
        tally.add(call.function, call.stack, footprint: footprint, set: number)
      }
    }
    return true
  }

  /// Waits until the next burst may be paid for, and asks meanwhile what collections leave.
  private func pause(until deadline: UInt64, _ collected: CollectedHeap) throws(MemDumpError) {
    repeat {
      Syscall.sleep(nanoseconds: Self.shortestPause)
      try collected.ask()
    } while !control.isStopped && Syscall.monotonicTime < min(deadline, spending.allowsBurst ? spending.next : deadline)
  }

  /// Waits until the next burst may be paid for, and samples page faults meanwhile.
  private mutating func pause(until deadline: UInt64, isBlind: Bool) throws(MemDumpError) {
    if let collected, !isBlind { return try pause(until: deadline, collected) }
    var isFirst = true
    while !control.isStopped {
      let now = Syscall.monotonicTime
      let next =
        isBlind || !spending.allowsBurst
        ? deadline : min(deadline, max(spending.next, isFirst ? now + Self.shortestPause : now))
      guard now < next else { return }
      isFirst = false
      let limits = spending.faultLimits(
        time: min(next - now, Self.longestPause), threadCount: session.threadCount)
      guard limits.sampleCount > 0 else {
        Syscall.sleep(nanoseconds: limits.time)
        continue
      }
      let subject = Syscall.PerfSubject.pageFault(excludingKernel: !PerfAccess.countsKernel)
      let place = EventSlice.Place(subject: subject, stackByteCount: stackByteCount)
      guard let slice = try session.run([place], limits, control) else { return }
      spending.add(faults: UInt64(slice.samples.count) + slice.lostCount)
      summary.faultCount += UInt64(slice.samples.count) + slice.lostCount
      try faults.add(slice, &unwinder)
    }
  }

  /// Walks the heaps once more, and puts the summary together.
  private mutating func conclude(_ before: Heaps, _ start: UInt64) throws(MemDumpError) {
    if control.isStopped { summary.notes.append(.interrupted) }
    // Told to end, the watch still owes what it has seen.
    let after = before.isEmpty ? before : try walk(WorkControl())
    let memory = try LiveMemory(target)
    summary.elapsed = Syscall.monotonicTime - start
    if summary.notes.contains(.noCollectionBefore) {
      summary.growth = nil
    } else if !before.isEmpty, !after.isEmpty {
      summary.growth = ClassGrowth.all(from: before, to: after).filter { watch.size ?? $0.footprint == $0.footprint }
    } else {
      let refusal = (before.isEmpty ? before : after).refusals.first
      summary.notes.append(refusal.map { .refused($0.allocator.title) } ?? .notWalked)
    }
    if let collected {
      try collected.ask()
      let unknown = collected.unknown
      let count = unknown.values.reduce(0, +)
      if count > 0 { summary.notes.append(.fewCollections(count)) }
      tally.settle(staying: collected.staying, unknown: unknown)
    }
    var names = StackNames(memory, process: target, runtime: collected?.frames)
    let sizes = after.isEmpty ? nil : try BlockSizes(after, in: memory)
    summary.paths = try tally.rows(&names, isWalked: !after.isEmpty) { (block) throws(MemDumpError) in
      try sizes?.footprint(ofKnown: block)
    }
    if let size = watch.size, !after.isEmpty { summary.paths.removeAll { $0.footprint != size } }
    let flows = try CollectedFlows(&summary, collected)
    summary.faults = faults.rows(&names, in: memory)
    (summary.sampledCount, summary.brokenCount) = (tally.sampleCount, tally.brokenCount)
    (summary.threadCount, summary.lateThreadCount) = (session.threadCount, session.lateThreadCount)
    for recognition in try Allocators.recognised(
      in: memory, process: target, among: Allocators.all.filter { !$0.isWalked })
    {
      if recognition.allocator.name == Pymalloc().name { summary.notes.append(.pythonPools) }
    }
    // Whose blocks are given back unseen is not known to keep them.
    if summary.notes.contains(.unseenReleases) { return }
    summary.judge {
      flows.netPerSecond[$0] ?? tally.netPerSecond(ofSize: $0)
    } releases: {
      flows.releases[$0] ?? tally.releases(ofSize: $0)
    }
  }
}
