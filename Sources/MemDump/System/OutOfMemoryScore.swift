package import SystemPackage
internal import Synchronization

/// How soon the kernel ends a process when memory runs out: oom_score_adj of proc_pid_oom_score_adj(5).
package enum OutOfMemoryScore {
  /// What ours was before it was raised.
  private static let original = Mutex<[UInt8]?>(nil)
  private static let raised = Array("1000".utf8)

  /// Makes this process the first to go, before any process that it looks at. Everyone may raise the own score.
  package static func raise() throws(Errno) {
    let path = ProcFS.ownPath(.outOfMemoryScore)
    let before = try ProcFS.read(path)
    try write(raised, to: path)
    original.withLock { $0 = $0 ?? before }
  }

  /// Runs `body` with the score that this process was started with, for a child that `body` starts to have it.
  static func setAside<Result>(_ body: () -> Result) -> Result {
    original.withLock { before in
      guard let before else { return body() }
      let path = ProcFS.ownPath(.outOfMemoryScore)
      try? write(before, to: path)
      defer { try? write(raised, to: path) }
      return body()
    }
  }

  private static func write(_ text: [UInt8], to path: FilePath) throws(Errno) {
    let file = Descriptor(
      owning: try Syscall.typed { try FileDescriptor.open(path, .writeOnly, options: [.closeOnExec]) })
    try unsafe Syscall.write(text.span.bytes, to: file.file)
  }
}
