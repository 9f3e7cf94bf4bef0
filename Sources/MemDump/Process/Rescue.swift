public import SystemPackage

/// Why a process could not be resumed.
public enum RescueProblem: Hashable, Sendable {
  /// A tracer that is alive holds it.
  case heldByTracer(ProcessID, name: String)
  /// The tracer is the process's parent: it has most likely started it, and the process would die with it (PTRACE_O_EXITKILL).
  case tracerIsParent(ProcessID, name: String)
  /// Its control group is frozen.
  case frozen(file: String, word: String)
  /// A signal could not be sent to a process.
  case cannotSignal(ProcessID, Errno)
  /// It has been sent what it takes, and stands still all the same.
  case stillStopped
}

/// Resumes a process that somebody left stopped.
public struct Rescue: Sendable {
  /// What was done.
  public enum Step: Hashable, Sendable {
    /// The tracer was asked to end (SIGTERM), which lets it take out its breakpoints, and did.
    case askedTracerToEnd(ProcessID, name: String)
    /// The tracer did not end when asked, and was killed (SIGKILL).
    case killedTracer(ProcessID, name: String)
    /// The process was told to go on (SIGCONT).
    case continued
  }

  /// What was done, in order; empty where the process was not stopped.
  public let steps: [Step]
  /// The process before.
  public let before: Diagnosis
  /// The process afterwards.
  public let after: Diagnosis

  /// Resumes a process, and makes sure that it runs.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - endingTracer: whether a tracer that holds it may be ended for that.
  /// - Throws: ``MemDumpError/Code/rescueFailed``.
  public init(_ target: TargetProcess, endingTracer: Bool) throws(MemDumpError) {
    before = try Diagnosis(target)
    var steps: [Step] = []
    if case .frozen(let file, let word) = before.stop {
      throw MemDumpError(.rescue(target, .frozen(file: file, word: word)))
    }
    if case .tracer(let tracer, let name) = before.stop {
      guard endingTracer else { throw MemDumpError(.rescue(target, .heldByTracer(tracer, name: name))) }
      guard tracer.rawValue != before.status.parent else {
        throw MemDumpError(.rescue(target, .tracerIsParent(tracer, name: name)))
      }
      steps.append(try Self.end(tracer, named: name, holding: target))
    }
    // A tracer that dies may leave behind the stop it began with (PTRACE_ATTACH is a SIGSTOP).
    if try !Self.waitUntilRunning(target, attempts: 50) {
      try Self.send(SignalNumber.continue, to: target.id, for: target)
      steps.append(.continued)
      guard try Self.waitUntilRunning(target, attempts: 1000) else {
        throw MemDumpError(.rescue(target, .stillStopped))
      }
    }
    self.steps = steps
    after = try Diagnosis(target)
  }

  private static func end(
    _ tracer: ProcessID, named name: String, holding target: TargetProcess
  ) throws(MemDumpError) -> Step {
    try send(SignalNumber.terminate, to: tracer, for: target)
    // A debugger that was suspended (^Z) reads its signals only when it goes on.
    try send(SignalNumber.continue, to: tracer, for: target)
    if try waitUntilUntraced(target) { return .askedTracerToEnd(tracer, name: name) }
    try send(SignalNumber.kill, to: tracer, for: target)
    guard try waitUntilUntraced(target) else { throw MemDumpError(.rescue(target, .stillStopped)) }
    return .killedTracer(tracer, name: name)
  }

  private static func send(
    _ signal: CInt, to process: ProcessID, for target: TargetProcess
  ) throws(MemDumpError) {
    do throws(Errno) { try Syscall.kill(process, signal) } catch {
      if error == .noSuchProcess { return }
      throw MemDumpError(.rescue(target, .cannotSignal(process, error)))
    }
  }

  private static func waitUntilUntraced(_ target: TargetProcess) throws(MemDumpError) -> Bool {
    for _ in 0..<2000 {
      if try target.status().tracer == 0 { return true }
      Syscall.sleep(nanoseconds: 1_000_000)
    }
    return false
  }

  private static func waitUntilRunning(_ target: TargetProcess, attempts: Int) throws(MemDumpError) -> Bool {
    for attempt in 0..<attempts {
      if try Witness(target).stoppedThreadCount == 0 { return true }
      if attempt + 1 < attempts { Syscall.sleep(nanoseconds: 1_000_000) }
    }
    return false
  }
}
