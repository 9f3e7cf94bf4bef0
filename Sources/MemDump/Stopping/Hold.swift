import SystemPackage

/// A hold of a process, which stands still for a time, or while a command runs, and is always let go.
public struct Hold: Sendable {
  /// The end of a hold.
  public enum Until: Sendable {
    /// A time is over.
    case elapsed(Duration)
    /// A command has ended: its words, the first its name, searched for in PATH. MEMDUMP_PID gives it the process.
    case command([String])
  }

  /// The outcome of a hold.
  public struct Outcome: Sendable {
    /// The pause of the process.
    public var pause: Pause
    /// The exit status of the command, 128 + N where signal N ended it; nil where there was none, or where it runs on.
    public var commandStatus: Int32?
    /// The signal that told memdump to end the hold; nil for none.
    public var signal: Int32?
    /// Whether the time was up before the command ended; the command runs on.
    public var isOutOfTime: Bool
    /// The process as it was seen before.
    public var before: Witness
    /// The process as it was seen after.
    public var after: LaterWitness

    /// Whether the process was seen to run as before.
    public var isVerified: Bool { after.runs(as: before) }
  }

  /// Holds a process.
  ///
  /// SIGINT, SIGTERM and SIGHUP end the hold; they are blocked in the calling thread from then on. The command gets
  /// SIGTERM and SIGHUP too (a SIGINT from the terminal reaches it anyway).
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - holder: the holder, launched before anything else.
  ///   - until: the end of the hold.
  ///   - budget: how long the process may stand still at most, whatever `until` says.
  public static func run(
    _ target: TargetProcess, holder: consuming Holder, until: Until, budget: Duration
  ) throws(MemDumpError) -> Outcome {
    let signals: Descriptor
    do throws(Errno) {
      signals = try Syscall.signalFile([SignalNumber.interrupt, SignalNumber.terminate, SignalNumber.hangUp])
    } catch { throw MemDumpError(.holder(error)) }
    let before = try Witness(target)
    let stopped = try holder.stop(target, budget: longest(until, budget))
    let started = stopped.startedAt

    var child: Child?
    var deadline = started &+ budget.nanosecondCount
    switch until {
    case .elapsed(let time): deadline = min(deadline, started &+ time.nanosecondCount)
    case .command(let words): child = try Child(words, for: target)
    }
    var signal: Int32?
    var ended = false
    do throws(Errno) {
      var files = [signals.file, stopped.releaseSignal]
      if let child { files.append(child.file.file) }
      let ready = try Syscall.waitForInput(files, until: deadline)
      if ready[0] { signal = try Syscall.readSignal(signals.file) }
      ended = ready.count > 2 && ready[2]
    } catch { throw MemDumpError(.holder(error)) }
    let pause = try stopped.resume()

    if let signal, let child, signal != SignalNumber.interrupt { try? Syscall.kill(child.id, signal) }
    let isOutOfTime: Bool
    if case .command = until { isOutOfTime = !ended && signal == nil } else { isOutOfTime = budgetEnded(until, budget) }
    return Outcome(
      pause: pause, commandStatus: ended ? try child?.exitStatus() : nil, signal: signal, isOutOfTime: isOutOfTime,
      before: before, after: LaterWitness(target))
  }

  /// The time after which the holder lets go by itself: a little later than we would ask for it.
  private static func longest(_ until: Until, _ budget: Duration) -> Duration {
    guard case .elapsed(let time) = until else { return budget }
    return min(budget, time + time / 8 + .milliseconds(100))
  }

  /// Whether the budget is shorter than the time that was asked for, so that it ended the hold.
  private static func budgetEnded(_ until: Until, _ budget: Duration) -> Bool {
    if case .elapsed(let time) = until { budget < time } else { false }
  }

  /// A command that was started.
  private final class Child {
    let id: ProcessID
    let file: Descriptor
    private let name: String

    init(_ words: [String], for target: TargetProcess) throws(MemDumpError) {
      name = words.first ?? ""
      do throws(Errno) {
        id = try Syscall.spawn(words, environment: ["MEMDUMP_PID=\(target.id)"])
        file = try Syscall.processFile(id)
      } catch { throw MemDumpError(.command(name, error)) }
    }

    /// The exit status of the command. Throws where the kernel does not tell.
    func exitStatus() throws(MemDumpError) -> Int32 {
      do throws(Errno) { return try Syscall.exitStatus(of: id) } catch { throw MemDumpError(.command(name, error)) }
    }
  }
}
