import SystemPackage
internal import Synchronization

/// The memory of a process as it was at one instant: copied while every thread of the process stood still, or kept by a
/// copy-on-write child that the process made then.
///
/// Memory for which there was no time or no room is read from the live process later, and listed in ``readLive``.
public final class Capture: MemorySource {
  /// The memory map at the instant.
  public let regions: [MemoryRegion]
  /// The ranges that were asked for, chosen by the map at the instant.
  public let ranges: [Range<Address>]
  /// The pause of the process.
  public let pause: Pause
  /// The number of threads that did not stop, because they were in uninterruptible sleep.
  public let runningThreadCount: Int
  /// The registers of the threads at the instant; nil where they were not asked for, or there was no time to read them.
  public let registers: [ThreadRegisters]?
  /// Whether registers were asked for and there was no time for those of all stopped threads.
  let lacksRegisters: Bool
  /// True: the memory of a process has addresses.
  public var hasAddresses: Bool { true }
  /// The ranges that were copied while the process stood still, in order, with the private pages that were never
  /// touched. Pages of files and of shared memory that the process had not touched are read from the file later, and
  /// belong to no list.
  public var readInStop: [Range<Address>] {
    ranges { stretch in
      if case .copied = stretch.content { return true }
      return stretch.content == .notPresent
        && regions.index(holding: stretch.range.lowerBound).map { regions[$0].isPrivateAnonymous } ?? false
    }
  }
  /// The ranges that a copy-on-write child keeps.
  public var readFromChild: [Range<Address>] { ranges { $0.content == .inChild } }

  /// The least room for what the process touches while it is about to stop, in bytes.
  private static let leastSpare: UInt64 = 256 << 20

  let buffer: PageBuffer
  let live: LiveMemory
  /// The selected memory, as it was at the instant.
  let stretches: [Stretch<CapturedContent>]
  private let child: (keeper: SnapshotChild, memory: LiveMemory)?
  private let liveRanges = Mutex<[Range<Address>]>([])

  /// The ranges that were read after the process ran again, in order.
  public var readLive: [Range<Address>] { liveRanges.withLock { $0 } }

  /// The method that keeps the instant.
  public enum Method: Sendable {
    /// All memory is copied while the process stands still.
    case copy
    /// The process makes a copy-on-write child of itself; only memory that the child does not inherit is copied. The
    /// child is killed when less than `reserve` bytes of memory are left.
    case child(reserve: UInt64)
  }

  /// Stops a process, copies memory, and lets the process go on.
  ///
  /// - Parameters:
  ///   - memory: the process.
  ///   - holder: the holder, launched before anything else.
  ///   - budget: how long the process may stand still.
  ///   - method: the method that keeps the instant.
  ///   - withRegisters: whether to read the registers of every thread too.
  ///   - stacks: the stacks to copy beside what is selected, for which the registers are read; nil for none.
  ///   - select: gives the ranges to copy by a map; asked before the stop, for the room they take, and again in the
  ///     stop.
  public init(
    _ memory: LiveMemory, holder: consuming Holder, budget: Duration, by method: Method = .copy,
    withRegisters: Bool = false, stacks: StackSelection? = nil,
    select: ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]
  ) throws(MemDumpError) {
    let fork = try Fork(method, memory, budget.nanosecondCount)
    let room = try stacks.map { (stacks) throws(MemDumpError) in
      stacks.room(threadCount: try memory.target.threads().count)
    }
    let buffer = try Self.buffer(for: try select(memory.regions), and: room ?? 0, in: memory, fork)
    let started = Syscall.monotonicTime
    let taken: Taken
    let isAhead = Syscall.outrankOthers()
    defer { if isAhead { Syscall.standBack() } }
    do throws(MemDumpError) {
      var holder = Optional(holder)
      taken = try Self.insisting { (earlier) throws(MemDumpError) in
        let next = if let first = holder.take() { first } else { try Holder.launch() }
        return try Self.take(
          memory, holder: next, budget: budget, fork, withRegisters, stacks, to: buffer, &earlier, select)
      }
    } catch {
      guard error.isOutOfTime, fork == nil else { throw error }
      // The budget was over before every thread stood still: all is read live, and said so.
      let pause = Pause(end: .timeUp, startedAt: started, releasedAt: started, endedAt: Syscall.monotonicTime)
      let ranges = try select(memory.regions)
      taken = Taken(live: memory, ranges: ranges, plan: try CapturePlan(ranges, in: memory, room: 0), pause: pause)
    }
    self.buffer = buffer
    (live, regions, ranges) = (taken.live, taken.live.regions, taken.ranges)
    (pause, runningThreadCount, registers) = (taken.pause, taken.runningThreadCount, taken.registers)
    let known = taken.registers.map { $0.count { !$0.notes.isEmpty } } ?? -1
    lacksRegisters = (withRegisters || stacks != nil) && known < taken.stoppedThreadCount
    child = try taken.child.map { (child) throws(MemDumpError) in
      (
        child,
        try LiveMemory(
          child.target, regions: taken.live.regions, readsSwap: memory.readsSwap, sharesAll: true)
      )
    }
    stretches = taken.plan.captured(before: taken.pause.releasedAt)
  }

  /// Lets go of the child, if any, which cannot be read any more. Returns whether no trace of the child is left.
  public func end() -> Bool { child?.keeper.end() ?? true }

  /// What a child needs, found before the stop.
  private struct Fork {
    var gadgets: Gadgets
    var reserve: UInt64

    /// The time to wait for the report, in nanoseconds: the holder ends long before.
    func timeout(_ budget: UInt64) -> UInt64 { 2 &* budget &+ 5_000_000_000 }

    /// Finds what the child needs; nil where none is wanted. Throws ``MemDumpError/Code/snapshotRefused``.
    init?(_ method: Method, _ memory: LiveMemory, _ budget: UInt64) throws(MemDumpError) {
      guard case .child(let reserve) = method else { return nil }
      if let problem = try SnapshotCheck.problem(memory, budget: budget) {
        throw MemDumpError(.snapshot(memory.target.label, problem))
      }
      guard let gadgets = try Gadgets.find(in: memory) else {
        throw MemDumpError(.snapshot(memory.target.label, .noInstructions))
      }
      (self.gadgets, self.reserve) = (gadgets, reserve)
    }
  }

  /// The result of a stop.
  private struct Taken {
    var live: LiveMemory
    var ranges: [Range<Address>]
    var plan: CapturePlan
    var pause: Pause
    var runningThreadCount = 0
    var stoppedThreadCount = 0
    var registers: [ThreadRegisters]?
    var child: SnapshotChild?
  }

  /// Tries again, a few times, where the first thread of the process was on its way to a signal's handler, or in one.
  /// A try adds the time that the process stood still in vain, in nanoseconds.
  private static func insisting(
    _ attempt: (_ earlier: inout UInt64) throws(MemDumpError) -> Taken
  ) throws(MemDumpError) -> Taken {
    var (earlier, number): (UInt64, UInt64) = (0, 1)
    while true {
      do throws(MemDumpError) {
        var taken = try attempt(&earlier)
        taken.pause.earlier = earlier
        return taken
      } catch {
        guard case .snapshot(_, .noThread) = error.reason, number < Self.attempts else { throw error }
        Syscall.sleep(nanoseconds: number * 2_000_000)
        number += 1
      }
    }
  }

  /// The most tries, each of which stops the process for the time of a stop.
  private static let attempts: UInt64 = 8

  private static func take(
    _ memory: LiveMemory, holder: consuming Holder, budget: Duration, _ fork: Fork?, _ withRegisters: Bool,
    _ stacks: StackSelection?, to buffer: borrowing PageBuffer, _ earlier: inout UInt64,
    _ select: ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]
  ) throws(MemDumpError) -> Taken {
    if let fork, !withRegisters, stacks == nil, inheritsAll(try select(memory.regions), of: memory) {
      return try takeChild(memory, holder: holder, budget: budget, fork, &earlier, select)
    }
    let stopped = try holder.stop(memory.target, budget: budget)
    try memory.target.checkIdentity()
    let (running, stoppedCount) = (stopped.runningThreadCount, stopped.stoppedThreadCount)
    // Before a thread is made to fork, for which it gets other registers for a while. The map is read meanwhile.
    let wantsRegisters = withRegisters || stacks != nil
    if wantsRegisters { try stopped.requestRegisters(general: !withRegisters) }
    let regions = memory.regions.usage(for: try memory.target.regions(usage: false))
    let registers = wantsRegisters ? try registers(of: stopped) : nil
    let live = LiveMemory(memory, regions: regions)
    var ranges = try select(regions)
    if let stacks, let registers { ranges = (ranges + stacks.ranges(registers, in: regions)).union() }
    var report: SnapshotReport?
    if let fork {
      report = try stopped.takeSnapshot(fork.gadgets, timeout: fork.timeout(budget.nanosecondCount), &earlier)
    }
    var plan = try CapturePlan(ranges, in: live, room: buffer.byteCount) { region in
      report != nil && isInherited(region, by: memory.regions)
    }
    let allowed = budget.nanosecondCount
    // The holder lets go at the deadline whatever we do; to stop copying a little earlier makes it our own orderly end.
    try plan.copy(from: live, to: buffer, until: stopped.startedAt + allowed - min(allowed / 50, 2_000_000))
    guard let report, let fork else {
      let pause = try stopped.resume()
      return Taken(
        live: live, ranges: ranges, plan: plan, pause: pause, runningThreadCount: running,
        stoppedThreadCount: stoppedCount, registers: registers)
    }
    let child = try stopped.resume(keeping: report, reserve: fork.reserve)
    return Taken(
      live: live, ranges: ranges, plan: plan, pause: child.pause, runningThreadCount: running,
      stoppedThreadCount: stoppedCount, registers: registers, child: child)
  }

  /// The registers; nil where the time was up before, and the holder has let go. What else keeps them from us is an error.
  private static func registers(of stopped: borrowing StoppedProcess) throws(MemDumpError) -> [ThreadRegisters]? {
    do throws(MemDumpError) { return try stopped.requestedRegisters() } catch {
      let hasLetGo = [Errno.outOfTime, .brokenPipe, .connectionReset].contains { $0 == error.cause }
      guard hasLetGo else { throw error }
      return nil
    }
  }

  /// Has a process make a child, and do nothing else in the stop: the map, too, is that of the child.
  private static func takeChild(
    _ memory: LiveMemory, holder: consuming Holder, budget: Duration, _ fork: Fork, _ earlier: inout UInt64,
    _ select: ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]
  ) throws(MemDumpError) -> Taken {
    let stopped = try holder.stop(memory.target, budget: budget)
    try memory.target.checkIdentity()
    let running = stopped.runningThreadCount
    let report = try stopped.takeSnapshot(fork.gadgets, timeout: fork.timeout(budget.nanosecondCount), &earlier)
    let child = try stopped.resume(keeping: report, reserve: fork.reserve)
    let map: [MemoryRegion]
    do throws(MemDumpError) { map = try Self.map(of: child.target, knowing: memory.regions) } catch {
      throw error.code == .processEnded ? MemDumpError(.snapshot(memory.target.label, .ended)) : error
    }
    let live = LiveMemory(memory, regions: map)
    let ranges = try select(map)
    // What is new and not inherited is read later, and said so.
    let plan = try CapturePlan(ranges, in: live, room: 0) { isInherited($0, by: map) }
    return Taken(
      live: live, ranges: ranges, plan: plan, pause: child.pause, runningThreadCount: running, child: child)
  }

  /// The map of a child, with the child's own usage where some memory is new since the map before: to ask for usage
  /// takes time, but no more of the process.
  private static func map(
    of child: TargetProcess, knowing known: [MemoryRegion]
  ) throws(MemDumpError) -> [MemoryRegion] {
    let map = try child.regions(usage: false)
    let starts = Set(known.map(\.range.lowerBound))
    let isKnown = map.allSatisfy { starts.contains($0.range.lowerBound) }
    return isKnown ? known.usage(for: map) : try child.regions(usage: true)
  }

  private static func inheritsAll(_ ranges: [Range<Address>], of memory: LiveMemory) -> Bool {
    ranges.flatMap { memory.regions.parts(of: $0) }.allSatisfy { part in
      part.content.map { isInherited($0, by: memory.regions) } ?? true
    }
  }

  /// The live process: a copy has only what was asked for.
  public var constants: any MemorySource { live }

  /// Nil: no file holds the memory.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// See ``MemorySource/read(at:into:)``.
  public func read(at address: Address, into target: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = stretches.index(holding: address), target.byteCount > 0 else { return [] }
    let stretch = stretches[index]
    let rest = stretch.range.upperBound - address
    let window = min(Int(clamping: rest), target.byteCount)
    switch stretch.content(at: address) {
    case .copied(let place):
      buffer.withBytes(place..<place + window) { bytes in target.copy(bytes) }
      return [MemoryRun(.bytes, UInt64(window))]
    case .unread(let errno):
      return [MemoryRun(.unread(.failed(errno)), rest)]
    case .swapped:
      return [MemoryRun(.unread(.swapped), rest)]
    case .notPresent:
      guard let index = regions.index(holding: address) else { return [] }
      let region = regions[index]
      if region.isDevice { return [MemoryRun(.unread(.device), rest)] }
      return live.missing(
        Range(start: address, byteCount: UInt64(window)), upTo: stretch.range.upperBound, of: region, into: &target)
    case .inChild:
      return try readChild(address, window, into: &target)
    case .notTaken:
      let runs = try target.withPart(0..<window) { (part: inout MutableRawSpan) throws(MemDumpError) in
        try live.read(at: address, into: &part)
      }
      noteLive(Range(start: address, byteCount: min(rest, runs.reduce(0) { $0 + $1.byteCount })))
      return runs
    }
  }

  private func readChild(
    _ address: Address, _ window: Int, into target: inout MutableRawSpan
  ) throws(MemDumpError) -> [MemoryRun] {
    try withChild([]) { (memory) throws(MemDumpError) in
      try target.withPart(0..<window) { (part: inout MutableRawSpan) throws(MemDumpError) in
        try memory.read(at: address, into: &part)
      }
    }
  }

  func withChild<Result>(
    _ fallback: Result, _ body: (LiveMemory) throws(MemDumpError) -> Result
  ) throws(MemDumpError) -> Result {
    guard let child else { return fallback }
    let ended = MemDumpError(.snapshot(live.target.label, .ended))
    do throws(MemDumpError) {
      let result = try body(child.memory)
      if child.keeper.isOver { throw ended }
      return result
    } catch { throw error.code == .processEnded ? ended : error }
  }

  func noteLive(_ range: Range<Address>) {
    liveRanges.withLock { $0.join(range) }
  }

  private func ranges(_ includes: (Stretch<CapturedContent>) -> Bool) -> [Range<Address>] {
    stretches.filter(includes).map(\.range).union()
  }

  /// Whether a child has the same memory in a region: a private one without a flag that keeps it from a child, by the
  /// flags that were read before the stop. A region that is new since then counts as not inherited.
  private static func isInherited(_ region: MemoryRegion, by known: [MemoryRegion]) -> Bool {
    guard !region.permissions.contains(.shared), !region.isDevice, region.kind != .kernel,
      region.isPrivateAnonymous || region.permissions.contains(.write), let usage = region.usage,
      let index = known.index(holding: region.range.lowerBound),
      known[index].range.lowerBound == region.range.lowerBound
    else { return false }
    return usage.flags.isDisjoint(with: ["dc", "wf"])
  }

  /// A buffer with room for what is present now and a sixteenth more, touched; and with as much again for what the
  /// process may touch until it stands still: that room takes memory only if used.
  private static func buffer(
    for ranges: [Range<Address>], and more: UInt64, in memory: LiveMemory, _ fork: Fork?
  ) throws(MemDumpError) -> PageBuffer {
    var present = more
    var ahead = PagesAhead(memory, ranges)
    for part in ranges.flatMap({ memory.regions.parts(of: $0) }) {
      if let region = part.content, fork != nil, isInherited(region, by: memory.regions) { continue }
      present += try ahead.pages(of: part.range).filter { $0.content == .resident }.reduce(0) {
        $0 + $1.range.byteCount
      }
    }
    // A child that keeps all there is leaves nothing to copy, for which there need be no room.
    let isKept = fork != nil && present == 0
    let needed = isKept ? pageSize : present + present / 16 + (1 << 20)
    let available = max(MemoryRoom.available() ?? needed, isKept ? needed : 0)
    guard needed <= available else { throw MemDumpError(.copyMemory(needed: needed)) }
    let spare = min(available - needed, max(present, Self.leastSpare))
    do throws(Errno) {
      return try PageBuffer(byteCount: Int(clamping: needed + spare), touching: Int(clamping: needed))
    } catch {
      throw MemDumpError(.copyMemory(needed: needed))
    }
  }
}
