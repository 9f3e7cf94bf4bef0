/// What is told of a goroutine: a thread of execution of Go's own, of which a process may have any number.
public enum Goroutine {
  /// What a goroutine is at (`runtime._Gidle` and what follows).
  public enum State: Hashable, Sendable {
    case idle, runnable, running, systemCall, waiting, copyingStack, preempted
    /// It waits for what nobody can do any more, as a collector has found (Go 1.26 and later).
    case leaked
    /// A state that this version of memdump has no name for.
    case other(UInt64)

    init(_ number: UInt64) {
      switch number {
      case 0: self = .idle
      case 1: self = .runnable
      case 2: self = .running
      case 3: self = .systemCall
      case 4: self = .waiting
      case 8: self = .copyingStack
      case 9: self = .preempted
      case 10: self = .leaked
      default: self = .other(number)
      }
    }

    /// The name of the state, as Go's own traces have it.
    public var name: String {
      switch self {
      case .idle: "idle"
      case .runnable: "runnable"
      case .running: "running"
      case .systemCall: "syscall"
      case .waiting: "waiting"
      case .copyingStack: "copystack"
      case .preempted: "preempted"
      case .leaked: "leaked"
      case .other(let number): "state \(number)"
      }
    }
  }

  /// Why the stack of a goroutine ends where it does.
  public enum End: Hashable, Sendable {
    /// There is no caller: the goroutine began there.
    case root
    /// The goroutine runs, and its registers are those of a thread that was not stopped.
    case running
    /// The goroutine went on while it was looked at, three times over.
    case moving
    /// What is there is no stack that the program's tables explain, from this address on.
    case broken(Address)
    /// There are more frames than are looked at.
    case tooDeep
  }
}
