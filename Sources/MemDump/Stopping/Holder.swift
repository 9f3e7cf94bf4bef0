package import SystemPackage

/// The small process that owns every ptrace(2) attachment, so that nothing that happens to memdump itself can leave the
/// target stopped. See cprocmem_holder.h.
///
/// Launch the holder first, while memdump is still small: a fork costs about 25 ms per GiB of our own memory. When its
/// owner lets go of the holder, the holder lets go of the target and ends.
public struct Holder: ~Copyable, Sendable {
  private let socket: FileDescriptor
  private let process: ProcessID

  /// Forks the holder. Throws ``MemDumpError/Code/stopFailed``.
  public static func launch() throws(MemDumpError) -> Holder {
    do throws(Errno) {
      let (socket, process) = try Syscall.startHolder()
      return Holder(socket: socket, process: process)
    } catch { throw MemDumpError(.holder(error)) }
  }

  private init(socket: FileDescriptor, process: ProcessID) { (self.socket, self.process) = (socket, process) }

  deinit {
    // The end of the socket tells the holder to let go and to end; only then is it reaped.
    try? socket.close()
    Syscall.reapHolder(process)
  }

  /// Stops every thread of a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - budget: how long the process may stay stopped; then the holder lets go, whatever memdump does.
  ///   - settle: how long to wait for threads in uninterruptible sleep.
  /// - Throws: ``MemDumpError/Code/stopFailed``, with the name of a tracer that the process has already.
  public consuming func stop(
    _ target: TargetProcess, budget: Duration, settle: Duration = .seconds(1)
  ) throws(MemDumpError) -> StoppedProcess {
    let (budget, settle) = (budget.nanosecondCount, settle.nanosecondCount)
    let report: StopReport
    do throws(Errno) {
      try Syscall.requestStop(socket, target.id, settle: min(settle, budget), hold: budget, target.restartedCalls.all)
      // Longer than the holder's own timer, which ends it if it hangs.
      report = try Syscall.receiveStop(socket, timeout: settle &+ budget &* 2 &+ 5_000_000_000)
    } catch { throw MemDumpError(.holder(error)) }
    guard let error = report.error else { return StoppedProcess(target: target, report: report, holder: self) }
    if report.lacksTimer { throw MemDumpError(.killTimer(error)) }
    if error == .noSuchProcess { throw target.end }
    if error == .outOfTime { throw MemDumpError(.stop(target.label, thread: report.errorThread, error)) }
    if let tracer = (try? target.status()).flatMap({ ProcessID(rawValue: $0.tracer) }) {
      throw MemDumpError(.traced(target.label, by: TargetProcess.label(of: tracer)))
    }
    if error == .notPermitted || error == .noFunction, let facts = try? Access.facts(target) {
      if let problem = facts.problem { throw MemDumpError(.access(target.label, problem)) }
      if let problem = facts.stopProblem { throw MemDumpError(.stopDenied(target.label, problem)) }
    }
    throw MemDumpError(.stop(target.label, thread: report.errorThread, error))
  }

  /// Tells the holder to let go, and waits until it says that every thread runs.
  fileprivate func release(_ target: TargetProcess) throws(Errno) -> Pause {
    do throws(Errno) {
      try Syscall.requestRelease(socket)
      let (pause, calls) = try Syscall.receiveResume(socket, timeout: 10_000_000_000)
      target.restartedCalls.update(calls)
      return pause
    } catch {
      giveUp()
      throw error
    }
  }

  /// Has the holder let go of everything and end, whatever it does, and waits for that.
  fileprivate func giveUp() {
    Syscall.disconnect(socket)
    Syscall.reapHolder(process)
  }

  /// Ends those calls of a process whose time is over although a stop made them start over, each by a stop of its
  /// thread alone. Returns how many threads were stopped.
  func endOverdueCalls(of target: TargetProcess) throws(Errno) -> Int {
    try Syscall.requestWaitsEnd(socket, target.id, target.restartedCalls.all)
    let (calls, stopped) = try Syscall.receiveWaitsEnd(socket, timeout: 10_000_000_000)
    target.restartedCalls.update(calls)
    return stopped
  }

  /// Has the holder read the registers of every stopped thread.
  fileprivate func requestRegisters(general: Bool) throws(Errno) {
    try Syscall.requestRegisters(socket, general: general)
  }

  /// Waits for the registers that were asked for.
  fileprivate func registers() throws(Errno) -> [UInt8] {
    try Syscall.receiveRegisters(socket, timeout: 10_000_000_000)
  }

  /// Has the stopped process make a copy-on-write child, and waits for the holder's report.
  fileprivate func takeSnapshot(_ gadgets: Gadgets, timeout: UInt64) throws(Errno) -> SnapshotReport {
    do throws(Errno) {
      try Syscall.requestSnapshot(socket, gadgets)
      return try Syscall.receiveSnapshot(socket, gadgets, timeout: timeout)
    } catch {
      // Another report than was asked for: it lives, and has let go of everything.
      guard error != .outOfTime else { throw error }
      // It has died, or we cannot reach it. What it holds goes on only when it is gone.
      giveUp()
      throw error
    }
  }

  /// Ends a copy-on-write child, and the holder. Throws where a trace of the child stays.
  func endSnapshot(_ report: SnapshotReport, of process: TargetProcess) throws(Errno) {
    // A holder that dies says so before the kernel has let go of what it held.
    defer { giveUp() }
    try Syscall.requestSnapshotEnd(socket, process.id, report, process.restartedCalls.all)
    let calls = try Syscall.receiveSnapshotEnd(socket, timeout: 10_000_000_000)
    process.restartedCalls.update(calls)
  }

  /// The end of the socket that tells when the holder has let go unasked.
  fileprivate var signal: FileDescriptor { socket }
}

/// The holder's report of a stop.
struct StopReport: Sendable {
  var error: Errno?
  var errorThread: ThreadID?
  /// Whether the error is that the holder can have no kill timer, without which it touches nothing.
  var lacksTimer: Bool
  var stopped: Int
  var groupStopped: Int
  var running: Int
  var interruptedAt: UInt64
  var stoppedAt: UInt64
}

/// A pause of a process: how long it stood still, and why it went on.
public struct Pause: Hashable, Sendable {
  /// The reason why a pause ended.
  public enum End: Hashable, Sendable {
    /// Memdump asked for the end.
    case requested
    /// The time was up.
    case timeUp
    /// The process ended, by somebody else's hand.
    case targetGone
  }

  /// The reason why the pause ended.
  public var end: End
  /// The time when the first thread was asked to stop, on the monotonic clock, in nanoseconds.
  public var startedAt: UInt64
  /// The time when the first thread was let go, on the monotonic clock, in nanoseconds: reads before are of one
  /// instant.
  public var releasedAt: UInt64
  /// The time when the last thread was let go, on the monotonic clock, in nanoseconds.
  public var endedAt: UInt64
  /// How long the process stood still in tries before this one, of which nothing came, in nanoseconds.
  public var earlier: UInt64 = 0

  /// How long the process stood still: from the first thread asked to stop to the last one let go, in nanoseconds, in
  /// this try and those before.
  public var duration: UInt64 { earlier + (endedAt > startedAt ? endedAt - startedAt : 0) }
}

/// A process whose threads all stand still. When the value goes, whatever the reason, the process runs on.
public struct StoppedProcess: ~Copyable, Sendable {
  /// The process that is stopped.
  public let target: TargetProcess
  /// The number of threads that the holder stopped.
  public var stoppedThreadCount: Int { report.stopped }
  /// The number of threads that a signal had stopped before; they stay so afterwards.
  public var groupStoppedThreadCount: Int { report.groupStopped }
  /// The number of threads that did not stop, because they are in uninterruptible sleep and run none of their own code.
  public var runningThreadCount: Int { report.running }
  /// The time when the first thread was asked to stop, on the monotonic clock, in nanoseconds.
  public var startedAt: UInt64 { report.interruptedAt }

  private let report: StopReport
  private let holder: Holder

  init(target: TargetProcess, report: StopReport, holder: consuming Holder) {
    (self.target, self.report) = (target, report)
    self.holder = holder
  }

  /// Lets every thread go on, and returns the pause of the process.
  ///
  /// - Throws: ``MemDumpError/Code/stopFailed`` where the holder has died; the kernel has then let the process go.
  public consuming func resume() throws(MemDumpError) -> Pause {
    do throws(Errno) {
      var pause = try holder.release(target)
      pause.startedAt = report.interruptedAt
      return pause
    } catch { throw MemDumpError(.holder(error)) }
  }

  /// The registers of every thread, the main thread's first.
  ///
  /// - Parameter general: whether the general registers alone are wanted, which takes a third of the time.
  /// - Throws: ``MemDumpError/Code/stopFailed`` where the time was up before, or the holder has died.
  public func registers(general: Bool = false) throws(MemDumpError) -> [ThreadRegisters] {
    try requestRegisters(general: general)
    return try requestedRegisters()
  }

  /// Has the holder read the registers while the caller does something else; then come ``requestedRegisters()``.
  func requestRegisters(general: Bool) throws(MemDumpError) {
    do throws(Errno) { try holder.requestRegisters(general: general) } catch { throw MemDumpError(.holder(error)) }
  }

  /// The registers that the holder was asked for, with the errors of ``registers(general:)``.
  func requestedRegisters() throws(MemDumpError) -> [ThreadRegisters] {
    do throws(Errno) { return ThreadRegisters.parse(records: try holder.registers(), of: target.id) } catch {
      throw MemDumpError(.holder(error))
    }
  }

  /// Has the process make a copy-on-write child of itself. The process stays stopped.
  ///
  /// Where its first thread is not where it can be made to call, the process runs again, and the time that it stood
  /// still is added to `vain`, in nanoseconds.
  ///
  /// Throws ``MemDumpError/Code/snapshotRefused`` where the process cannot, and ``MemDumpError/Code/stopFailed`` where
  /// the holder has died.
  func takeSnapshot(
    _ gadgets: Gadgets, timeout: UInt64, _ vain: inout UInt64
  ) throws(MemDumpError) -> SnapshotReport {
    if runningThreadCount > 0 { throw MemDumpError(.snapshot(target.label, .asleep(runningThreadCount))) }
    if groupStoppedThreadCount > 0 { throw MemDumpError(.snapshot(target.label, .stopped)) }
    let report: SnapshotReport
    let started = try? ProcFS.uptimeTicks()
    do throws(Errno) { report = try holder.takeSnapshot(gadgets, timeout: timeout) } catch {
      if error == .outOfTime {
        try target.checkIdentity()
        throw MemDumpError(.stop(target.label, thread: nil, error))
      }
      if let started { _ = SnapshotRemains.takeAway(bornAfter: started, gadgets, of: target) }
      throw MemDumpError(.holder(error))
    }
    guard let error = report.error else { return report }
    if report.isAnswer { throw MemDumpError(.snapshot(target.label, .refused(error))) }
    if report.isTried {
      holder.giveUp()
      let isClean = started.map { SnapshotRemains.takeAway(bornAfter: $0, gadgets, of: target) } ?? false
      throw MemDumpError(.snapshot(target.label, .unfinished(error, leavesChild: !isClean)))
    }
    if error == .staleNFSFileHandle { throw MemDumpError(.processReplaced(target.label)) }
    if var pause = try? holder.release(target) {
      pause.startedAt = self.report.interruptedAt
      vain += pause.duration
    }
    throw MemDumpError(.snapshot(target.label, .noThread))
  }

  /// Lets every thread go on, and keeps the child.
  ///
  /// - Parameter reserve: see ``SnapshotChild``.
  consuming func resume(keeping report: SnapshotReport, reserve: UInt64) throws(MemDumpError) -> SnapshotChild {
    var pause: Pause
    do throws(Errno) { pause = try holder.release(target) } catch {
      _ = SnapshotRemains.takeAway(report, of: target)
      throw MemDumpError(.holder(error))
    }
    pause.startedAt = self.report.interruptedAt
    return try SnapshotChild(report, of: target, pause: pause, holder: holder, reserve: reserve)
  }

  /// A file that can be read from as soon as the process has been let go unasked.
  package var releaseSignal: FileDescriptor { holder.signal }
}
