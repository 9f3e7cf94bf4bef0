import Glibc
package import SystemPackage

extension Syscall {
  /// Whether a file is a terminal; isatty(3).
  package static func isTerminal(_ file: FileDescriptor) -> Bool { isatty(file.rawValue) == 1 }

  /// The numbers of columns and rows of a terminal, 0 where it does not know; nil of another file; TIOCGWINSZ of ioctl_tty(2).
  package static func terminalSize(_ file: FileDescriptor) -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(file.rawValue, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// The way that a terminal treats what is typed; termios(3).
  package struct TypingMode: Sendable { fileprivate let attributes: termios }

  /// Has a terminal hand on each key at once and show none, and gives the mode before; nil where it does not; tcsetattr(3).
  package static func takeKeys(_ file: FileDescriptor) -> TypingMode? {
    var attributes = termios()
    guard unsafe tcgetattr(file.rawValue, &attributes) == 0 else { return nil }
    let before = TypingMode(attributes: attributes)
    attributes.c_lflag &= ~tcflag_t(ICANON | ECHO)
    return unsafe tcsetattr(file.rawValue, TCSADRAIN, &attributes) == 0 ? before : nil
  }

  /// Takes ``takeKeys(_:)`` back; tcsetattr(3).
  package static func restore(_ mode: TypingMode, _ file: FileDescriptor) {
    var attributes = mode.attributes
    _ = unsafe tcsetattr(file.rawValue, TCSADRAIN, &attributes)
  }

  /// Stops this process until it is told to go on; raise(3) with SIGSTOP.
  package static func stopOurselves() { raise(SIGSTOP) }
}
