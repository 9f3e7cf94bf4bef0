/// What keeps a process from running.
public enum StopCause: Hashable, Sendable {
  /// A signal stopped the process (SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU).
  case signal
  /// A tracer holds the process.
  case tracer(ProcessID, name: String)
  /// The control group of the process is frozen; write `word` to `file` to thaw the group.
  case frozen(file: String, word: String)
}
