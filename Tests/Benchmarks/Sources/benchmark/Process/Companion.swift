import Foundation

/// A process that lives beside the measurements: the fixture, or a real program to take memory from.
final class Companion {
  let id: pid_t
  private let input: FileHandle
  private let output: UnsafeMutablePointer<FILE>
  private var ended = false

  init(_ command: [String]) throws {
    let (toChild, fromChild) = (try Spawn.pipe(), try Spawn.pipe())
    let errors = try Spawn.open("/dev/null", O_WRONLY)
    defer { for file in [toChild.read, fromChild.write, errors] { close(file) } }
    id = try Spawn.start(command, input: toChild.read, output: fromChild.write, errors: errors)
    input = FileHandle(fileDescriptor: toChild.write, closeOnDealloc: true)
    guard let output = fdopen(fromChild.read, "r") else { throw Failure("fdopen failed") }
    self.output = output
  }

  deinit {
    end()
    fclose(output)
  }

  /// Ends it, whatever it does.
  func end() {
    guard !ended else { return }
    ended = true
    kill(-id, SIGKILL)
    Cleanup.forget(child: id)
    var status: CInt = 0
    waitpid(id, &status, 0)
  }

  /// The next line that it prints, in words.
  func line() throws -> [String] {
    var text: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(text) }
    guard getline(&text, &capacity, output) > 0, let text else { throw Failure("process \(id) has ended") }
    return String(cString: text).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// Sends a line.
  func send(_ text: String) throws { try input.write(contentsOf: Data("\(text)\n".utf8)) }
}
