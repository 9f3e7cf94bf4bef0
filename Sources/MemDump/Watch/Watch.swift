public import SystemPackage

/// A watch that looks at processes again and again, with a short stop each time, and tells what grew. Nothing is kept
/// on disk, and of a look only counts are kept.
public struct Watch: Sendable {
  /// The end of a watch.
  public enum End: Sendable {
    /// The end after a number of looks at each process.
    case looks(Int)
    /// The end with the last look before a time is over; with the second look at the earliest.
    case elapsed(Duration)
  }

  /// An event of a watch.
  public enum Event: Sendable {
    /// A process was looked at.
    case look(WatchLook)
    /// The trigger fired; with the reading.
    case fired(Trigger, UInt64)
    /// A dump was taken, which ends the watch of the process.
    case dumped(FilePath, Dump.Summary)
    /// A look or a dump failed.
    case failed(MemDumpError)
    /// The process has ended.
    case ended
    /// The process has run another program (execve), whose memory is no later state of what was looked at.
    case replaced
  }

  /// A trigger, and where its dumps go.
  public struct TriggeredDump: Sendable {
    /// The trigger that takes the dump.
    public let trigger: Trigger
    /// The directory that the dump goes to.
    public let directory: FilePath

    /// Pairs a trigger with a directory. Throws where no file can be made there: when the trigger fires it is too late.
    public init(_ trigger: Trigger, into directory: FilePath) throws(MemDumpError) {
      try OutputFile.check(directory: directory)
      (self.trigger, self.directory) = (trigger, directory)
    }
  }

  /// The time between two looks. A look that takes longer leaves out those that it is late for.
  public var every: Duration
  /// The end of the watch.
  public var end: End
  /// The mode of the looks; nil to choose it for each, see ``ModeChoice``.
  public var mode: LookMode?
  /// In the modes stop and snapshot, how long the process may stand still at a look.
  public var budget: Duration
  /// The number of bytes that count as growth; nil for the default of ``MemoryProfile/growth(since:minimum:)``.
  public var minimumGrowth: UInt64?
  /// The trigger for a dump of all memory, as an ELF core in the same mode; nil for none.
  public var dump: TriggeredDump?
  /// The allocators whose heaps the processes may have.
  public var allocators: [any Allocator] = Allocators.forGrowth
  /// The number of threads that count the memory of a look.
  public var threads = 1

  /// Describes a watch.
  public init(every: Duration, end: End, mode: LookMode? = nil, budget: Duration = .milliseconds(500)) {
    (self.every, self.end, self.mode, self.budget) = (every, end, mode, budget)
  }

  /// The longest time until the watch sees that it was told to end, in nanoseconds.
  private static let patience: UInt64 = 100_000_000
  /// The time between two readings for a trigger that need no stop, in nanoseconds.
  private static let readingInterval: UInt64 = 1_000_000_000

  /// Watches processes, one look at each in turn. A process that fails or ends does not stop the watch of others.
  ///
  /// - Parameters:
  ///   - targets: the processes.
  ///   - control: may end the watch; the looks until then make the verdicts.
  ///   - report: is told the events, as they happen.
  /// - Returns: the verdict of each process, in their order.
  public func run<Failure: Error>(
    _ targets: [TargetProcess], control: WorkControl = WorkControl(),
    _ report: (TargetProcess, Event) throws(Failure) -> Void
  ) throws(Failure) -> [WatchVerdict] {
    let processes = targets.map { target in
      WatchedProcess(target, gauge: dump.map { TriggerGauge($0.trigger, every: interval) })
    }
    let started = Syscall.monotonicTime
    var (round, tick): (Int, UInt64) = (1, 0)
    while true {
      for process in processes where process.isWatched && !control.isStopped {
        if try look(at: process, isLast: isOver(round, tick), control, report) {
          try takeDump(of: process, control, report)
        }
      }
      if isOver(round, tick) || control.isStopped || !processes.contains(where: \.isWatched) { break }
      (round, tick) = (round + 1, next(tick, Syscall.monotonicTime - started))
      try wait(until: started &+ tick &* every.nanosecondCount, processes, control, report)
    }
    return processes.map { $0.finish(isPartial: control.isStopped) }
  }

  private func isOver(_ round: Int, _ tick: UInt64) -> Bool {
    switch end {
    case .looks(let count): round >= count
    case .elapsed: tick >= lastTick
    }
  }

  /// ``every`` in nanoseconds; a divisor.
  private var interval: UInt64 { max(1, every.nanosecondCount) }

  private var lastTick: UInt64 {
    if case .elapsed(let time) = end { max(1, time.nanosecondCount / interval) } else { .max }
  }

  /// The next multiple of ``every`` that is not over yet; the time of the last look in any case.
  private func next(_ tick: UInt64, _ elapsed: UInt64) -> UInt64 {
    max(tick + 1, min(lastTick, elapsed / interval + (elapsed % interval == 0 ? 0 : 1)))
  }

  /// Looks at a process; at the last look, and where the trigger fires, also for the holders of what grows. Returns
  /// whether the trigger fires.
  private func look<Failure: Error>(
    at process: WatchedProcess, isLast: Bool, _ control: WorkControl,
    _ report: (TargetProcess, Event) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    defer { process.release() }
    let look: WatchLook?
    do throws(MemDumpError) { look = try process.look(self, isLast: isLast, control: control) } catch {
      try report(process.target, process.fail(error))
      return false
    }
    guard let look else { return false }
    try report(process.target, .look(look))
    let fires = process.measures(look)
    if isLast || fires {
      do throws(MemDumpError) { try process.findReferences(control: control) } catch {
        try report(process.target, process.fail(error))
      }
    }
    return fires
  }

  private func takeDump<Failure: Error>(
    of process: WatchedProcess, _ control: WorkControl, _ report: (TargetProcess, Event) throws(Failure) -> Void
  ) throws(Failure) {
    guard let dump, let value = process.fired else { return }
    try report(process.target, .fired(dump.trigger, value))
    let event: Event
    do throws(MemDumpError) {
      event = try process.takeDump(self, into: dump.directory, control: control)
    } catch {
      if error.code == .interrupted { return }
      event = process.fail(error)
    }
    try report(process.target, event)
  }

  /// Waits for the next look, and sees meanwhile which processes end, and takes the readings that need no stop.
  private func wait<Failure: Error>(
    until deadline: UInt64, _ processes: [WatchedProcess], _ control: WorkControl,
    _ report: (TargetProcess, Event) throws(Failure) -> Void
  ) throws(Failure) {
    var nextReading = Syscall.monotonicTime
    while true {
      let now = Syscall.monotonicTime
      let watched = processes.filter(\.isWatched)
      if now >= deadline || control.isStopped || watched.isEmpty { return }
      if now >= nextReading {
        nextReading = now + Self.readingInterval
        for process in watched where process.measures() {
          try takeDump(of: process, control, report)
          _ = try look(at: process, isLast: true, control, report)
        }
      }
      for process in watched { process.target.endOverdueCalls() }
      let due = watched.compactMap(\.target.restartedCalls.deadline).min() ?? .max
      let ended = Self.ended(watched, until: min(deadline, due, now + Self.patience))
      for process in ended {
        try report(process.target, process.fail(MemDumpError(.processEnded(process.target.label))))
      }
    }
  }

  /// Waits until one of the processes has ended, and returns those that have.
  private static func ended(_ processes: [WatchedProcess], until deadline: UInt64) -> [WatchedProcess] {
    let known = processes.filter { $0.endSignal != nil }
    guard let ready = try? Syscall.waitForInput(known.compactMap(\.endSignal), until: deadline) else { return [] }
    return zip(known, ready).filter(\.1).map(\.0)
  }
}
