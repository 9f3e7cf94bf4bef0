public import Glibc
import SystemPackage

/// What a test needs and cannot get: a process that does not answer, a program that cannot be started.
public struct TestFailure: Error, CustomStringConvertible {
  /// What went wrong.
  public let description: String
  /// Makes a failure of its sentence.
  public init(_ description: String) { self.description = description }
}

/// How a process ended.
public enum Exit: Hashable, Sendable {
  /// By itself, with this status.
  case status(Int32)
  /// By a signal.
  case signal(Int32)
}

/// A process that a test started. It is killed and reaped when the value goes.
///
/// Its standard input, output and error are pipes, unless `output` gives a descriptor. Sent between threads at the
/// tests' own risk.
public final class Child: @unchecked Sendable {
  /// Its number.
  public let id: pid_t
  private var input: CInt
  private var output: CInt
  private var errors: CInt
  private var received: [UInt8] = []
  private var exit: Exit?

  private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path, or its name in PATH.
  ///   - environment: what is added to ours.
  ///   - directory: where it runs.
  ///   - output: where its standard output goes; the caller keeps the descriptor.
  ///   - keepsErrors: whether its standard error is a pipe of its own; otherwise it is ours.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    output file: CInt? = nil, keepsErrors: Bool = true
  ) throws {
    Self.ignoreBrokenPipes
    let input = try Self.pipe()
    let output = try Self.pipe()
    let errors = try Self.pipe()
    defer { for end in [input.reading, output.writing, errors.writing] { close(end) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
    posix_spawn_file_actions_adddup2(&actions, file ?? output.writing, 1)
    if keepsErrors { posix_spawn_file_actions_adddup2(&actions, errors.writing, 2) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var child: pid_t = 0
    let line = (directory.map { ["env", "-C", $0] } ?? []) + [program] + arguments
    let words = Self.cStrings(line)
    let variables = Self.cStrings(Self.environment(with: environment))
    defer { for text in words + variables { free(text) } }
    let error = posix_spawnp(&child, line[0], &actions, &attributes, words, variables)
    (self.input, self.output, self.errors) = (input.writing, output.reading, errors.reading)
    id = child
    if error != 0 {
      exit = .status(127)
      throw TestFailure("\(program) cannot be started: \(String(cString: strerror(error)))")
    }
  }

  deinit {
    if exit == nil {
      // A child that is stopped, or held by a tracer, dies of SIGKILL like any other.
      kill(id, SIGKILL)
      var status: CInt = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
    }
    for end in [input, output, errors] where end >= 0 { close(end) }
  }

  /// Sends a signal.
  public func send(signal: Int32) { kill(id, signal) }

  /// Writes to its standard input. What a process that has ended does not take is lost.
  public func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
    }
  }

  /// Ends its standard input.
  public func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Ends our side of its standard output.
  public func closeOutput() {
    if output >= 0 { close(output) }
    output = -1
  }

  /// The next line of its standard output, without its end.
  public func readLine(within time: Duration = .seconds(180)) throws -> String {
    let deadline = ContinuousClock.now + time
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return line
      }
      guard try Self.wait(for: [output], until: deadline)[0] else { throw TestFailure("no line came in time") }
      guard let bytes = Self.read(output) else {
        throw TestFailure("the process ended: \(String(decoding: received + allErrors(), as: UTF8.self))")
      }
      received += bytes
    }
  }

  /// The first bytes that it writes, as many as are there; ``communicate(_:within:)`` gives them again.
  public func readSome(within time: Duration = .seconds(180)) throws -> [UInt8] {
    guard try Self.wait(for: [output], until: .now + time)[0], let bytes = Self.read(output) else {
      throw TestFailure("nothing came: \(String(decoding: allErrors(), as: UTF8.self))")
    }
    received += bytes
    return bytes
  }

  /// All that it writes until it ends, while `bytes` goes to its standard input.
  public func communicate(_ bytes: [UInt8] = [], within time: Duration) throws -> (output: [UInt8], errors: [UInt8]) {
    let deadline = ContinuousClock.now + time
    let writer =
      bytes.isEmpty
      ? nil
      : InBackground { [self] in
        send(bytes)
        closeInput()
      }
    if writer == nil { closeInput() }
    var texts: [[UInt8]] = [received, []]
    var files = [output, errors]
    while files.contains(where: { $0 >= 0 }) {
      let ready = try Self.wait(for: files, until: deadline)
      guard ready.contains(true) else {
        throw TestFailure("it did not end in time; it wrote: \(String(decoding: texts[0] + texts[1], as: UTF8.self))")
      }
      for index in files.indices where ready[index] {
        if let more = Self.read(files[index]) { texts[index] += more } else { files[index] = -1 }
      }
    }
    _ = try wait(until: deadline)
    writer?.join()
    return (texts[0], texts[1])
  }

  /// Waits for its end.
  public func wait(within time: Duration = .seconds(180)) throws -> Exit { try wait(until: .now + time) }

  /// Whether it has ended, without waiting for it.
  public var hasEnded: Bool { poll() != nil }

  private func wait(until deadline: ContinuousClock.Instant) throws -> Exit {
    while true {
      if let exit = poll() { return exit }
      guard ContinuousClock.now < deadline else { throw TestFailure("process \(id) did not end in time") }
      usleep(500)
    }
  }

  private func poll() -> Exit? {
    if let exit { return exit }
    var status: CInt = 0
    guard waitpid(id, &status, WNOHANG) == id else { return nil }
    exit = status & 0x7f == 0 ? .status((status >> 8) & 0xff) : .signal(status & 0x7f)
    return exit
  }

  private func allErrors() -> [UInt8] {
    var bytes: [UInt8] = []
    while (try? Self.wait(for: [errors], until: .now)[0]) == true, let more = Self.read(errors) { bytes += more }
    return bytes
  }

  private static func pipe() throws -> (reading: CInt, writing: CInt) {
    let ends = try FileDescriptor.pipe(options: .closeOnExec)
    return (ends.readEnd.rawValue, ends.writeEnd.rawValue)
  }

  /// Which of the files can be read from; none when time is up. A file of -1 cannot.
  private static func wait(for files: [CInt], until deadline: ContinuousClock.Instant) throws -> [Bool] {
    while true {
      var sources = files.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let left = deadline - .now
      let milliseconds = max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
      let count = Glibc.poll(&sources, nfds_t(sources.count), CInt(clamping: milliseconds))
      if count < 0, errno != EINTR { throw TestFailure("poll: \(String(cString: strerror(errno)))") }
      if count >= 0 { return sources.map { $0.revents != 0 } }
    }
  }

  /// What is there to be read; nil at the end.
  private static func read(_ file: CInt) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &bytes, bytes.count)
      if count > 0 { return Array(bytes[..<count]) }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  private static func cStrings(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] { words.map { strdup($0) } + [nil] }

  private static func environment(with more: [String: String]) -> [String] {
    var variables: [String] = []
    var next = environ
    while let text = next.pointee {
      let variable = String(cString: text)
      if more[String(variable.prefix { $0 != "=" })] == nil { variables.append(variable) }
      next += 1
    }
    return variables + more.map { "\($0.key)=\($0.value)" }
  }
}
