internal import CProcMem
internal import Glibc
package import SystemPackage

// Processes of our own making, and what we ask about others.

extension Syscall {
  /// Starts a program found in PATH, with our environment and more; posix_spawnp(3). It blocks and handles no signals but
  /// those that every program does, and when memory runs out it is as likely to go as we were before ``OutOfMemoryScore``.
  ///
  /// - Parameters:
  ///   - files: the program's standard input, output and error, by number; nil for ours.
  package static func spawn(
    _ words: [String], environment: [String] = [], files: [CInt: FileDescriptor] = [:]
  ) throws(Errno) -> ProcessID {
    guard let program = words.first else { throw .invalidArgument }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, file) in files.sorted(by: { $0.key < $1.key }) {
      unsafe posix_spawn_file_actions_adddup2(&actions, file.rawValue, number)
    }

    var process: pid_t = 0
    let error = OutOfMemoryScore.setAside {
      unsafe withCStrings(words) { arguments in
        unsafe withCStrings(inheritedEnvironment() + environment) { variables in
          unsafe posix_spawnp(&process, program, &actions, &attributes, arguments, variables)
        }
      }
    }
    guard error == 0, let id = ProcessID(rawValue: process) else { throw Errno(rawValue: error) }
    return id
  }

  /// A pipe, close-on-exec, both ends the caller's to close; pipe2(2).
  package static func pipe() throws(Errno) -> (reading: FileDescriptor, writing: FileDescriptor) {
    let ends = try typed { try FileDescriptor.pipe(options: .closeOnExec) }
    return (ends.readEnd, ends.writeEnd)
  }

  /// A variable of the environment; getenv(3).
  package static func environment(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

  private static func inheritedEnvironment() -> [String] {
    var variables: [String] = []
    var next = unsafe environ
    while let text = unsafe next.pointee {
      unsafe variables.append(String(cString: text))
      unsafe next += 1
    }
    return variables
  }

  private static func withCStrings<Result>(
    _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the list is never empty") }
      return unsafe body(base)
    }
  }

  /// Our own process.
  package static var ownProcess: ProcessID {
    guard let own = ProcessID(rawValue: getpid()) else { preconditionFailure("getpid(2) never fails") }
    return own
  }

  /// Has a fault of this process, such as memory that Swift is not given, end it with a sentence and a status.
  package static func reportFaults(_ sentence: String, status: CInt) {
    unsafe sentence.withCString { unsafe cprocmem_report_faults($0, status) }
  }

  /// The error that keeps us from ptrace(2) at all, such as a seccomp filter's; nil where we may call it. No process has the
  /// number 0.
  static func tracingError() -> Errno? {
    let error = cprocmem_tracing_error()
    return error == 0 ? nil : Errno(rawValue: -error)
  }

  /// The error that we get for reading the memory of a process; nil where reading is allowed. No memory is touched: the
  /// page at address 0 is never mapped, so the kernel answers EFAULT where we may read.
  static func readingError(_ process: ProcessID) -> Errno? {
    var byte: [UInt8] = [0]
    var span = byte.mutableSpan
    var target = unsafe span.mutableBytes
    do throws(Errno) {
      _ = try read(process, [Transfer(address: Address(0), offset: 0, byteCount: 1)], into: &target)
      return nil
    } catch { return error == .badAddress ? nil : error }
  }
}
