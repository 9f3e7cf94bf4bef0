import Foundation

/// Starts programs.
///
/// Not by Foundation's Process: its clock starts late, and it does not tell what a child has used. With vfork semantics
/// the cost does not grow with this process.
enum Spawn {
  /// POSIX_SPAWN_SETSID, which glibc declares under _GNU_SOURCE only.
  private static let newSession: CShort = 0x80

  /// Starts a program, found by PATH, as the leader of a session of its own: no terminal, and one number to end it and
  /// all of its children by.
  static func start(_ command: [String], input: CInt, output: CInt, errors: CInt) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in [input, output, errors].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(number))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, newSession | CShort(POSIX_SPAWN_SETSIGMASK))

    var arguments = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    return try Cleanup.adopt {
      var child: pid_t = 0
      let status = posix_spawnp(&child, command[0], &actions, &attributes, &arguments, environ)
      guard status == 0 else { throw Failure("cannot start \(command[0]): \(String(cString: strerror(status)))") }
      return child
    }
  }

  /// A pipe that no other child inherits.
  static func pipe() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Opens a file for a child.
  static func open(_ path: String, _ flags: CInt) throws -> CInt {
    let file = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Failure("cannot open \(path)") }
    return file
  }
}
