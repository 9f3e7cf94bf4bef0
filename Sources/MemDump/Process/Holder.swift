package import SystemPackage

/// The small process that owns every ptrace attachment, so that nothing that happens to this one can leave the target
/// stopped. See cprocmem_holder.h.
///
/// Launch it first, while this process is still small: it is a fork, and a fork costs about 25 ms per GiB of our own memory.
/// When its owner lets go of it, it lets go of the target and ends.
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
  ///   - budget: how long it may stay stopped, in nanoseconds; the holder lets it go then, whatever we do.
  ///   - settle: how long to wait for threads in uninterruptible sleep, in nanoseconds.
  /// - Throws: ``MemDumpError/Code/stopFailed``, naming the tracer where there is one already.
  public consuming func stop(
    _ target: TargetProcess, budget: UInt64, settle: UInt64 = 1_000_000_000
  ) throws(MemDumpError) -> StoppedProcess {
    let report: StopReport
    do throws(Errno) {
      try Syscall.requestStop(socket, target.id, settle: min(settle, budget), hold: budget)
      // Longer than the holder's own timer, which ends it if it hangs.
      report = try Syscall.receiveStop(socket, timeout: settle &+ budget &* 2 &+ 5_000_000_000)
    } catch { throw MemDumpError(.holder(error)) }
    guard let error = report.error else { return StoppedProcess(target: target, report: report, holder: self) }
    if error == .noSuchProcess { throw MemDumpError(.processEnded(target)) }
    if error == .outOfTime { throw MemDumpError(.stop(target, thread: report.errorThread, error)) }
    if let tracer = (try? target.status()).flatMap({ ProcessID(rawValue: $0.tracer) }) {
      throw MemDumpError(.traced(target, by: tracer))
    }
    if error == .notPermitted, let problem = Access.problem(target) { throw MemDumpError(.access(target, problem)) }
    throw MemDumpError(.stop(target, thread: report.errorThread, error))
  }

  /// Tells the holder to let go, and waits for its word that every thread runs.
  fileprivate func release() throws(Errno) -> Pause {
    try Syscall.requestRelease(socket)
    return try Syscall.receiveResume(socket, timeout: 10_000_000_000)
  }

  /// The registers of every thread in hand.
  fileprivate func registers() throws(Errno) -> [UInt8] { try Syscall.registers(socket, timeout: 10_000_000_000) }

  /// The end that tells when the holder has let go unasked.
  fileprivate var signal: FileDescriptor { socket }
}

/// What the holder tells of a stop.
struct StopReport: Sendable {
  var error: Errno?
  var errorThread: ThreadID?
  var stopped: Int
  var groupStopped: Int
  var running: Int
  var interruptedAt: UInt64
  var stoppedAt: UInt64
}

/// How long a process stood still, and why it went on.
public struct Pause: Hashable, Sendable {
  /// Why it went on.
  public enum End: Hashable, Sendable {
    /// We asked for it.
    case requested
    /// The time was up.
    case timeUp
    /// The process ended, by somebody else's hand.
    case targetGone
  }

  /// Why it went on.
  public var end: End
  /// When the first thread was asked to stop, on the monotonic clock, in nanoseconds.
  public var startedAt: UInt64
  /// When the first thread was let go: what was read before is of one instant.
  public var releasedAt: UInt64
  /// When the last thread was let go.
  public var endedAt: UInt64

  /// How long it was, from the first thread asked to stop to the last one let go, in nanoseconds.
  public var duration: UInt64 { endedAt > startedAt ? endedAt - startedAt : 0 }
}

/// A process whose threads all stand still. When the value goes, whatever the reason, the process runs on.
public struct StoppedProcess: ~Copyable, Sendable {
  /// The process.
  public let target: TargetProcess
  /// How many threads we stopped.
  public var stoppedThreadCount: Int { report.stopped }
  /// How many of them had been stopped by a signal before; they stay so afterwards.
  public var groupStoppedThreadCount: Int { report.groupStopped }
  /// How many threads did not stop, because they are in uninterruptible sleep: they run none of their own code.
  public var runningThreadCount: Int { report.running }
  /// When the first thread was asked to stop, on the monotonic clock, in nanoseconds.
  public var startedAt: UInt64 { report.interruptedAt }

  private let report: StopReport
  private let holder: Holder

  init(target: TargetProcess, report: StopReport, holder: consuming Holder) {
    (self.target, self.report) = (target, report)
    self.holder = holder
  }

  /// Lets every thread go on, and tells how long the process stood still.
  ///
  /// - Throws: ``MemDumpError/Code/stopFailed`` where the holder has died; the kernel has then let the process go.
  public consuming func resume() throws(MemDumpError) -> Pause {
    do throws(Errno) {
      var pause = try holder.release()
      pause.startedAt = report.interruptedAt
      return pause
    } catch { throw MemDumpError(.holder(error)) }
  }

  /// The registers of every thread, the main thread's first.
  ///
  /// - Throws: ``MemDumpError/Code/stopFailed`` where the time was up before, or the holder has died.
  public func registers() throws(MemDumpError) -> [ThreadRegisters] {
    do throws(Errno) { return ThreadRegisters.parse(records: try holder.registers(), of: target.id) } catch {
      throw MemDumpError(.holder(error))
    }
  }

  /// A file that can be read from as soon as the process has been let go unasked.
  package var releaseSignal: FileDescriptor { holder.signal }
}
