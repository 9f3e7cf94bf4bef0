extension ProcFS {
  /// A thread of a process that has not ended; nil where there is none, so that the process has ended.
  static func livingThread(of process: ProcessID) -> ThreadID? {
    ((try? threads(process)) ?? []).first { !hasEnded($0, of: process) }
  }

  /// Whether a thread of a process has ended.
  static func hasEnded(_ thread: ThreadID, of process: ProcessID) -> Bool {
    guard let bytes = try? read(path(process, thread: thread, .stat)) else { return true }
    return ProcessStat(parsing: bytes)?.hasEnded ?? true
  }
}
