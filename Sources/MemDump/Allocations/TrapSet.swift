/// Instructions that are waited for at once, as many as a thread has breakpoint registers.
struct TrapSet: Hashable {
  /// An instruction that is waited for.
  struct Trap: Hashable {
    enum Kind: Hashable {
      /// A function that hands out memory returns: the block is what it returns, and the caller is the frame above.
      case returning(AllocationFunction)
      /// A function that hands out memory has returned to this place.
      case returned(AllocationFunction)
      /// A block is taken back: the first argument.
      case freeing
    }

    var address: Address
    var kind: Kind
  }

  /// The breakpoint registers of a thread (x86_64).
  static let registerCount = 4

  var traps: [Trap]

  /// The functions whose blocks are seen.
  var functions: [AllocationFunction] {
    var functions: [AllocationFunction] = []
    for trap in traps {
      switch trap.kind {
      case .returning(let function), .returned(let function):
        if !functions.contains(function) { functions.append(function) }
      case .freeing: break
      }
    }
    return functions
  }

  /// Whether all of them hand out what a collector takes back.
  var isCollected: Bool { !functions.isEmpty && functions.allSatisfy(\.isCollected) }

  /// The trap at an instruction.
  func trap(at address: Address) -> Trap? { traps.first { $0.address == address } }

  /// The places to wait at. Of a block that is taken back no stack is wanted.
  func places(stackByteCount: Int) -> [EventSlice.Place] {
    traps.map { trap in
      EventSlice.Place(
        subject: .execution(of: trap.address), stackByteCount: trap.kind == .freeing ? 8 : stackByteCount)
    }
  }
}
