import Glibc

/// A terminal of so many columns, whose screen a test reads.
public final class PseudoTerminal {
  private let screen: CInt
  private let device: CInt
  private let columnCount: Int

  /// Opens one.
  ///
  /// - Parameter columns: its width; 0 for one that does not know its width.
  public init(columns: Int) throws {
    columnCount = columns
    screen = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
    var name = [CChar](repeating: 0, count: 128)
    guard screen >= 0, grantpt(screen) == 0, unlockpt(screen) == 0, ptsname_r(screen, &name, name.count) == 0 else {
      throw TestFailure("there is no terminal to be had: \(String(cString: strerror(errno)))")
    }
    device = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    // The bytes as they were written, without a carriage return at the end of a line.
    var mode = termios()
    guard device >= 0, ioctl(device, UInt(TIOCSWINSZ), &size) == 0, tcgetattr(device, &mode) == 0 else {
      throw TestFailure("the terminal cannot be set up: \(String(cString: strerror(errno)))")
    }
    cfmakeraw(&mode)
    tcsetattr(device, TCSANOW, &mode)
  }

  deinit {
    close(screen)
    close(device)
  }

  /// What the tool shows there, be it on standard output or standard error, and its exit status.
  ///
  /// - Parameter environment: what is added to that of a plain terminal, which has colours.
  public func run(
    _ arguments: [String], environment: [String: String] = [:], within time: Duration = .seconds(120)
  ) throws -> Tool.Result {
    let plain = ["TERM": "xterm-256color", "NO_COLOR": "", "COLUMNS": ""]
    let words = ["-c", #"exec "$0" "$@" 2>&1"#] + [Programs.path("memdump")] + arguments
    let child = try Child("/bin/sh", words, environment: plain.merging(environment) { $1 }, output: device)
    let deadline = ContinuousClock.now + time
    var bytes: [UInt8] = []
    while true {
      // Looked at before the screen is: what was written before the end is on it.
      let hasEnded = child.hasEnded
      let more = read()
      bytes += more
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
