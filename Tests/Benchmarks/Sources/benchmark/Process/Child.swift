import Dispatch
import Foundation

/// One run of a program, from before its start to after its end.
struct Child {
  /// Where standard output goes. Never to a terminal.
  enum Output {
    /// To /dev/null. GNU grep notices that and stops at the first match.
    case discarded
    /// Through a pipe to this process, which counts the lines.
    case counted
  }

  /// How it ended, or nil where a signal ended it.
  let exitStatus: Int?
  /// Wall clock.
  let nanoseconds: UInt64
  /// Processor time, that of its children included.
  let cpuNanoseconds: UInt64
  /// The largest resident size of it, or of one of its children.
  let peakByteCount: UInt64
  let lineCount: Int
  /// The last bytes of standard output.
  let lastOutput: String
  /// Standard error.
  let errors: String

  /// That it did not do its work.
  var failure: Failure {
    Failure("exit status \(exitStatus.map(String.init) ?? "none"): \(errors.suffix(300))")
  }
}

extension Workspace {
  /// Runs a program to its end, and no longer than `timeout` seconds.
  func run(_ command: [String], output: Child.Output, timeout: Double) throws -> Child {
    let (reportPath, errorsPath) = ("\(directory)/report", "\(directory)/errors")
    unlink(reportPath)
    let input = try Spawn.open("/dev/null", O_RDONLY)
    defer { close(input) }
    let errors = try Spawn.open(errorsPath, O_WRONLY | O_CREAT | O_TRUNC)
    defer { close(errors) }
    let pipe = output == .counted ? try Spawn.pipe() : (read: -1, write: try Spawn.open("/dev/null", O_WRONLY))
    defer { if pipe.read >= 0 { close(pipe.read) } }

    let launcher: pid_t
    do {
      defer { close(pipe.write) }
      launcher = try Spawn.start([launch, reportPath] + command, input: input, output: pipe.write, errors: errors)
    }
    let alarm = DispatchWorkItem { kill(-launcher, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: alarm)
    var lines = LineCounter()
    if pipe.read >= 0 { lines.drain(pipe.read) }
    // Not reaped before the alarm is off: its number must not go to another process.
    var information = siginfo_t()
    while waitid(P_PID, id_t(launcher), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    alarm.cancel()
    kill(-launcher, SIGKILL)  // what the command may have left in its session
    Cleanup.forget(child: launcher)
    var status: CInt = 0
    waitpid(launcher, &status, 0)

    let complaint = (try? String(contentsOfFile: errorsPath, encoding: .isoLatin1)) ?? ""
    if status & 0x7f == SIGKILL { throw Failure("over \(Int(timeout)) s") }
    let numbers = ((try? String(contentsOfFile: reportPath, encoding: .utf8)) ?? "")
      .split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
    guard numbers.count == 4 else { throw Failure("\(command[0]) cannot be run: \(complaint)") }
    return Child(
      exitStatus: numbers[0] & 0x7f == 0 ? Int(numbers[0] >> 8) : nil, nanoseconds: numbers[1],
      cpuNanoseconds: numbers[2], peakByteCount: numbers[3] << 10, lineCount: lines.count, lastOutput: lines.end,
      errors: complaint)
  }

  /// The first line that a shell command prints.
  func firstLine(_ command: String) -> String? {
    let child = try? run(["sh", "-c", command], output: .counted, timeout: 10)
    return child?.lastOutput.split(separator: "\n").first.map(String.init)
  }
}

/// Counts the lines of a stream and keeps its end.
private struct LineCounter {
  private(set) var count = 0
  private var tail: [UInt8] = []

  var end: String { String(decoding: tail, as: UTF8.self) }

  mutating func drain(_ file: CInt) {
    var buffer = [UInt8](repeating: 0, count: 1 << 19)
    while true {
      let length = read(file, &buffer, buffer.count)
      if length < 0, errno == EINTR { continue }
      guard length > 0 else { return }
      // As fast as can be: a reader that is slower than the writer would be what is measured.
      count += buffer.withUnsafeBytes { bytes in
        bytes.prefix(length).reduce(0) { $0 &+ ($1 == UInt8(ascii: "\n") ? 1 : 0) }
      }
      let kept = length < 4096 ? tail.suffix(4096 - length) : []
      tail = Array(kept + buffer[max(0, length - 4096)..<length])
    }
  }
}
