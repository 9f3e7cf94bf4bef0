package import SystemPackage
internal import Synchronization

/// How soon the kernel ends a process when memory runs out: oom_score_adj of proc_pid_oom_score_adj(5).
package enum OutOfMemoryScore {
  /// What ours was before it was raised.
  private static let original = Mutex<[UInt8]?>(nil)

  /// Makes this process the first to go, before any process that it looks at. Everyone may raise the own score.
  package static func raise() throws(Errno) {
    let path = ProcFS.ownPath(.outOfMemoryScore)
    let before = try ProcFS.read(path)
    try write(Array("1000".utf8), to: path)
    original.withLock { $0 = $0 ?? before }
  }

  /// Gives a child that we have started the score that this process was started with.
  static func restore(_ child: ProcessID) {
    guard let before = original.withLock({ $0 }) else { return }
    // A child that has ended meanwhile needs none.
    try? write(before, to: ProcFS.path(child, .outOfMemoryScore))
  }

  private static func write(_ text: [UInt8], to path: FilePath) throws(Errno) {
    let file = Descriptor(
      owning: try Syscall.typed { try FileDescriptor.open(path, .writeOnly, options: [.closeOnExec]) })
    try unsafe Syscall.write(text.span.bytes, to: file.file)
  }
}
