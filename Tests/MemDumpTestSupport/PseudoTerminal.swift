import Glibc

/// A terminal of so many columns, whose screen a test reads.
public final class PseudoTerminal {
  private var screen: CInt = -1
  private var device: CInt = -1

  /// Opens one.
  ///
  /// - Parameter columns: its width; 0 for one that does not know its width.
  public init(columns: Int) throws {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&screen, &device, nil, nil, &size) == 0 else {
      throw TestFailure("there is no terminal to be had: \(String(cString: strerror(errno)))")
    }
    for end in [screen, device] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // The bytes as they were written, without a carriage return at the end of a line.
    var mode = termios()
    tcgetattr(device, &mode)
    cfmakeraw(&mode)
    tcsetattr(device, TCSANOW, &mode)
  }

  deinit {
    close(screen)
    close(device)
  }

  /// What the tool shows there, be it on standard output or standard error, and its exit status.
  ///
  /// - Parameters:
  ///   - environment: what is added to that of a plain terminal, which has colours.
  ///   - directory: where it runs.
  ///   - signal: a signal that it gets when a text has come to the screen after the last keys.
  ///   - typing: keys that are typed, each when a text has come to the screen after those before; with none it has no keyboard.
  public func run(
    _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    typing: [(after: String, keys: String)] = [], within time: Duration = .seconds(120),
    signal: (after: String, number: Int32)? = nil
  ) throws -> Tool.Result {
    let plain = ["TERM": "xterm-256color", "NO_COLOR": "", "COLUMNS": ""]
    let start = #"exec "$0" "$@" 2>&1"# + (typing.isEmpty ? "" : " <&1")
    let words = ["-c", start] + [Programs.path("memdump")] + arguments
    let child = try Child(
      "/bin/sh", words, environment: plain.merging(environment) { $1 }, directory: directory,
      output: device)
    let deadline = ContinuousClock.now + time
    var bytes: [UInt8] = []
    var left = typing[...]
    var seen = 0
    while true {
      // Looked at before the screen is: what was written before the end is on it.
      let hasEnded = child.hasEnded
      let more = read()
      bytes += more
      if let signal, left.isEmpty, String(decoding: bytes[seen...], as: UTF8.self).contains(signal.after) {
        _ = kill(child.id, signal.number)
      }
      if let next = left.first, String(decoding: bytes[seen...], as: UTF8.self).contains(next.after) {
        seen = bytes.count
        left = left.dropFirst()
        _ = Array(next.keys.utf8).withUnsafeBytes { write(screen, $0.baseAddress, $0.count) }
      }
      if hasEnded, more.isEmpty { break }
      guard ContinuousClock.now < deadline else {
        throw TestFailure("it did not end in time; it wrote: \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    return Tool.Result(exit: try child.wait(), output: bytes, errors: [])
  }

  /// What has come to the screen; nothing where nothing comes for a moment.
  private func read() -> [UInt8] {
    var source = pollfd(fd: screen, events: Int16(POLLIN), revents: 0)
    guard poll(&source, 1, 20) > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(screen, &bytes, bytes.count)
    return Array(bytes[..<max(0, count)])
  }
}
