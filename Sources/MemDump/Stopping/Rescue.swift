internal import SystemPackage

/// A rescue of a process that somebody left stopped.
public struct Rescue: Sendable {
  /// A step of a rescue.
  public enum Step: Hashable, Sendable {
    /// The tracer was asked to end (SIGTERM), which lets it take out its breakpoints, and ended.
    case askedTracerToEnd(ProcessID, name: String)
    /// The tracer did not end when asked, and was killed (SIGKILL).
    case killedTracer(ProcessID, name: String)
    /// The process was told to go on (SIGCONT).
    case continued
  }

  /// The steps of the rescue, in order; empty where the process was not stopped.
  public let steps: [Step]
  /// The diagnosis of the process before.
  public let before: Diagnosis
  /// The diagnosis of the process afterwards.
  public let after: Diagnosis

  /// Resumes a process, and makes sure that the process runs.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - endingTracer: whether a tracer that holds the process may be ended.
  /// - Throws: ``MemDumpError/Code/rescueFailed``.
  public init(_ target: TargetProcess, endingTracer: Bool) throws(MemDumpError) {
    before = try Diagnosis(target)
    var steps: [Step] = []
    if case .frozen(let file, let word) = before.stop {
      throw MemDumpError(.rescue(target.label, .frozen(file: file, word: word)))
    }
    if case .tracer(let tracer, let name) = before.stop {
      guard endingTracer else { throw MemDumpError(.rescue(target.label, .heldByTracer(tracer, name: name))) }
      guard tracer.rawValue != before.status.parent else {
        throw MemDumpError(.rescue(target.label, .tracerIsParent(tracer, name: name)))
      }
      steps.append(try Self.end(tracer, named: name, holding: target))
    }
    if try Self.resume(target, calmFor: steps.isEmpty ? 1 : 100) { steps.append(.continued) }
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
    guard try waitUntilUntraced(target) else { throw MemDumpError(.rescue(target.label, .stillStopped)) }
    return .killedTracer(tracer, name: name)
  }

  private static func send(
    _ signal: CInt, to process: ProcessID, for target: TargetProcess
  ) throws(MemDumpError) {
    do throws(Errno) { try Syscall.kill(process, signal) } catch {
      if error == .noSuchProcess { return }
      throw MemDumpError(.rescue(target.label, .cannotSignal(process, error)))
    }
  }

  private static func waitUntilUntraced(_ target: TargetProcess) throws(MemDumpError) -> Bool {
    for _ in 0..<2000 {
      if try target.status().tracer == 0 { return true }
      Syscall.sleep(nanoseconds: 1_000_000)
    }
    return false
  }

  /// Tells a process to go on until it has run for some milliseconds on end. Returns whether it had to be told.
  ///
  /// A tracer that ends may leave behind its first stop, since PTRACE_ATTACH is a SIGSTOP, and that stop may show only
  /// some time after the threads were let go.
  private static func resume(_ target: TargetProcess, calmFor milliseconds: Int) throws(MemDumpError) -> Bool {
    var calm = 0
    var told = false
    for attempt in 0..<3000 {
      if try Witness(target).stoppedThreadCount == 0 {
        calm += 1
        if calm >= milliseconds { return told }
      } else {
        // Threads need a moment to wake up; they are told again only where that was not it.
        if calm > 0 || attempt % 100 == 0 { try send(SignalNumber.continue, to: target.id, for: target) }
        (calm, told) = (0, true)
      }
      Syscall.sleep(nanoseconds: 1_000_000)
    }
    throw MemDumpError(.rescue(target.label, .stillStopped))
  }
}
