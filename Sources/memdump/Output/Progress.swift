import MemDump
import SystemPackage

/// The progress of a long work on a terminal, and its orderly end on Ctrl-C.
///
/// The progress is a line on standard error, from half a second on, and only where that is a terminal. SIGINT and
/// SIGTERM tell the work to end with what it has; a second signal ends the tool.
final class Progress: Sendable {
  /// The signals that end a work.
  private static let ending = [SignalNumber.interrupt, SignalNumber.terminate]

  private let control: WorkControl
  private let signals: Descriptor
  private let wake: (reading: FileDescriptor, writing: FileDescriptor)
  private let verb: String?
  private let endsAtOnce: Bool
  private let started = Syscall.monotonicTime

  /// Runs a work and watches over it.
  ///
  /// - Parameters:
  ///   - verb: the word for what is done to the bytes; nil for no line.
  ///   - endsAtOnce: whether the first signal ends the tool, since the work may wait for others.
  /// - Returns: the result of `body`, and the signal that ended the work, if one did.
  static func watch<Result, Failure: Error>(
    _ control: WorkControl, verb: String? = "scanned", endsAtOnce: Bool = false,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> (Result, signal: Int32?) {
    guard let progress = try? Progress(control, verb, endsAtOnce) else { return (try body(), nil) }
    let watcher = Syscall.startThread { progress.run() }
    // Nobody would see them.
    if !watcher.hasStarted { Syscall.admitSignals(ending) }
    defer { try? progress.wake.reading.close() }
    do throws(Failure) {
      let result = try body()
      return (result, progress.end(watcher))
    } catch {
      _ = progress.end(watcher)
      throw error
    }
  }

  private init(_ control: WorkControl, _ verb: String?, _ endsAtOnce: Bool) throws {
    (self.control, self.verb, self.endsAtOnce) = (control, verb, endsAtOnce)
    signals = try Syscall.signalFile(Self.ending)
    wake = try Syscall.pipe()
  }

  /// Ends the watching thread, which sees the end of the pipe. Returns the signal that the thread saw.
  private func end(_ watcher: Syscall.Thread) -> Int32? {
    try? wake.writing.close()
    let signal = watcher.join()
    return signal == 0 ? nil : Int32(signal)
  }

  /// Watches until the end. Returns the number of the signal, or 0.
  private func run() -> UInt8 {
    var isShown = false
    var seen: UInt8 = 0
    var deadline = started + 500_000_000
    defer { if isShown { StandardError.clearLine() } }
    while true {
      guard let ready = try? Syscall.waitForInput([wake.reading, signals.file], until: deadline) else { return seen }
      if ready[1] {
        // The second one is for whoever does not want to wait.
        if seen != 0 { Syscall.exitAtOnce(128 + Int32(seen)) }
        seen = UInt8(clamping: (try? Syscall.readSignal(signals.file)) ?? 0)
        if endsAtOnce { Syscall.exitAtOnce(128 + Int32(seen)) }
        control.stop()
        FileWait.callOff()
      }
      if ready[0] { return seen }
      if ready[1] { continue }
      deadline = Syscall.monotonicTime + 100_000_000
      if let verb, Terminal.obeys, let room = Terminal(.standardError).columnCount {
        // A line that the terminal breaks would not be taken away whole.
        StandardError.replaceLine(line(verb).cut(to: room - 1))
        isShown = true
      }
    }
  }

  private func line(_ verb: String) -> String {
    let done = control.byteCount
    let elapsed = max(1, Syscall.monotonicTime - started)
    var text = "\(ByteSize(done)) \(verb), \(readableRate(byteCount: done, nanoseconds: elapsed))"
    let expected = control.expectedByteCount
    if done > 0, expected > done {
      let left = Double(elapsed) / Double(done) * Double(expected - done)
      text += ", \(done * 100 / expected) %, \(UInt64(left / 1e9) + 1) s left"
    }
    return text
  }
}
