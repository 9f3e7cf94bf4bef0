import MemDump
import SystemPackage

/// The error that the reader of our output has gone: for `memdump … | head` that is none.
struct BrokenPipe: Error {}

/// Standard output, gathered into large writes; or standard error in its place.
final class StandardOutput {
  private static let limit = 1 << 16
  /// The file that it goes to.
  let file: FileDescriptor
  private var bytes: [UInt8] = []

  init(_ file: FileDescriptor = .standardOutput) {
    self.file = file
    bytes.reserveCapacity(Self.limit + 4096)
  }

  /// Adds a text, to be written out later.
  func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Adds bytes, to be written out later.
  func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  /// Adds a text, and writes out the gathered bytes where they are many.
  func write(_ text: String) throws {
    append(text)
    if bytes.count >= Self.limit { try flush() }
  }

  /// Adds bytes, and writes out the gathered bytes where they are many.
  func write(_ more: [UInt8]) throws {
    append(more)
    if bytes.count >= Self.limit { try flush() }
  }

  /// Writes out the gathered bytes. Never done unasked, so that a command that fails prints no half line.
  func flush() throws {
    defer { bytes.removeAll(keepingCapacity: true) }
    do throws(Errno) { try unsafe Syscall.write(bytes.span.bytes, to: file) } catch {
      // There is no one left to tell.
      if file == .standardError { return }
      if error == .brokenPipe { throw BrokenPipe() }
      throw MemDumpError.output(error)
    }
  }
}

/// Standard error.
enum StandardError {
  /// Writes a line over the line that the cursor is on.
  static func replaceLine(_ line: String) { put(EscapeSequence.clearLine + line) }

  /// Takes away the line that the cursor is on.
  static func clearLine() { put(EscapeSequence.clearLine) }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    unsafe try? Syscall.write(bytes.span.bytes, to: .standardError)
  }

  /// Writes a text, in lines as a terminal has room for; what cannot be written is lost, there being no one left to tell.
  static func write(_ text: String, color: ColorChoice = .auto) {
    put(Terminal(.standardError, color: color).lines(text, hanging: 2).map { $0 + "\n" }.joined())
  }
}
