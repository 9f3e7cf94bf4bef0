import MemDump
import SystemPackage

/// Thrown when the reader of our output has gone: `memdump … | head` is no error.
struct BrokenPipe: Error {}

/// Standard output, gathered into large writes.
struct StandardOutput: ~Copyable {
  private static let limit = 1 << 16
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(Self.limit + 4096) }

  /// Whether it is a terminal.
  static var isTerminal: Bool { Terminal.isTerminal(.standardOutput) }

  mutating func write(_ text: String) throws {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.limit { try flush() }
  }

  mutating func write(_ more: [UInt8]) throws {
    bytes.append(contentsOf: more)
    if bytes.count >= Self.limit { try flush() }
  }

  /// Writes out what has been gathered. Nothing does it unasked, so that a command that fails prints no half line.
  mutating func flush() throws {
    let ready = bytes
    bytes.removeAll(keepingCapacity: true)
    do throws(Errno) { try unsafe Syscall.write(ready.span.bytes, to: .standardOutput) } catch {
      if error == .brokenPipe { throw BrokenPipe() }
      throw MemDumpError.output(error)
    }
  }
}

/// Standard error.
enum StandardError {
  /// Writes a line over the one that the cursor is on.
  static func replaceLine(_ line: String) { put("\r\u{1b}[K" + line) }

  /// Takes away the line that the cursor is on.
  static func clearLine() { put("\r\u{1b}[K") }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    unsafe try? Syscall.write(bytes.span.bytes, to: .standardError)
  }

  /// Writes a line; what cannot be written is lost, there being no one left to tell.
  static func write(_ line: String) { put(line + "\n") }
}

/// What the terminal is asked.
enum Terminal {
  static func isTerminal(_ file: FileDescriptor) -> Bool { Syscall.isTerminal(file) }

  /// Whether the user wants no colour; see no-color.org.
  static var isPlain: Bool { Syscall.environment("NO_COLOR").map { !$0.isEmpty } ?? false }
}
