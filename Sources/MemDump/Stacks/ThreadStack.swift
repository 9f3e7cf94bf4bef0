/// The stack of a thread: the calls that are under way, the innermost first.
public struct ThreadStack: Sendable {
  /// A call that is under way.
  public struct Frame: Hashable, Sendable {
    /// Where the function goes on: the address of the next instruction.
    public var address: Address
    /// An address in the instruction that is under way: of a call, the one that ends right before ``address``.
    public var instruction: Address
    /// How the frame was found.
    public var evidence: Evidence
    /// The calls of an interpreted program that the frame is at work on, the innermost first.
    public var calls: [InterpretedCall] = []
  }

  /// How a frame was found.
  public enum Evidence: String, Sendable {
    /// It is the instruction pointer of the thread.
    case register = "register"
    /// By the call frame information of the function that was called from there.
    case callFrameInformation = "cfi"
    /// By the chain of frame pointers: the function that was called has no call frame information.
    case framePointer = "frame-pointer"
    /// By the word at the stack pointer: the thread went to where no code is.
    case stackTop = "stack-top"
  }

  /// Why a stack ends where it does.
  public enum End: Hashable, Sendable {
    /// There is no caller: the thread began there.
    case root
    /// The next frame is not known: there is no call frame information for this address, and no chain of frame pointers.
    case noInformation(Address)
    /// The stack is not known from this address on: it was not copied, or cannot be read.
    case unread(Address)
    /// What was found leads nowhere: the stack would not grow on, or its values are not known.
    case broken(Address)
    /// There are more frames than are looked at.
    case tooDeep
    /// No registers of the thread are known, or those of a processor for which this is not written.
    case noRegisters
  }

  /// The thread.
  public var thread: ThreadID
  /// The frames, the innermost first.
  public var frames: [Frame] = []
  /// Calls of an interpreted program of which nothing tells in which frames they are, the innermost first.
  public var unplacedCalls: [InterpretedCall] = []
  /// Why there are no more.
  public var end: End

  /// Stacks that are the same, frame by frame, with the threads that have them: those of most threads first.
  public static func groups(_ stacks: [ThreadStack]) -> [(stack: ThreadStack, threads: [ThreadID])] {
    struct Key: Hashable {
      var frames: [Frame]
      var calls: [InterpretedCall]
      var end: End
    }
    var places: [Key: Int] = [:]
    var groups: [(stack: ThreadStack, threads: [ThreadID])] = []
    for stack in stacks {
      let key = Key(frames: stack.frames, calls: stack.unplacedCalls, end: stack.end)
      if let place = places[key] {
        groups[place].threads.append(stack.thread)
      } else {
        places[key] = groups.count
        groups.append((stack, [stack.thread]))
      }
    }
    return groups.enumerated().sorted { ($1.element.threads.count, $0.offset) < ($0.element.threads.count, $1.offset) }
      .map(\.element)
  }
}
