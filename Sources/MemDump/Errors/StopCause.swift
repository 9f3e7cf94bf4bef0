/// What keeps a process from running.
public enum StopCause: Hashable, Sendable {
  /// A signal (SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU).
  case signal
  /// A tracer holds it.
  case tracer(ProcessID, name: String)
  /// Its control group is frozen; `file` and `word` say how to thaw it.
  case frozen(file: String, word: String)
}
