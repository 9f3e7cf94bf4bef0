/// A walk over the stacks of goroutines, from frame to frame by the depth that the program's tables tell for each address.
struct GoStackWalk {
  /// What is known of an address that a function goes on at.
  private enum Step {
    case root
    case up(UInt64)
    case unknown
  }

  private var steps: [UInt64: Step] = [:]

  /// The most addresses of which is remembered what is known, and the most frames of a stack.
  private static let (mostKnown, mostFrames) = (1 << 17, 512)

  /// The addresses on a stack, the innermost first, and why there are no more.
  ///
  /// - Parameters:
  ///   - counter: where the function goes on.
  ///   - pointer: the stack pointer.
  ///   - stack: the memory of the stack.
  mutating func walk(
    _ counter: UInt64, _ pointer: UInt64, _ stack: Range<UInt64>, _ functions: inout GoFunctionTable,
    _ words: inout WordCache
  ) throws(MemDumpError) -> (places: [UInt64], end: Goroutine.End) {
    var (counter, pointer, places): (UInt64, UInt64, [UInt64]) = (counter, pointer, [])
    guard stack.contains(pointer), pointer & 7 == 0 else { return (places, .broken(Address(pointer))) }
    while places.count < Self.mostFrames {
      switch try step(counter, &functions) {
      case .root: return (places, .root)
      case .unknown: return (places, .broken(Address(counter)))
      case .up(let byteCount):
        places.append(counter)
        // Each step goes up by a word at least, so that the stack's size bounds them.
        guard byteCount < stack.upperBound - pointer, stack.upperBound - pointer - byteCount >= 8,
          let caller = try words.word(at: Address(pointer + byteCount))
        else { return (places, .broken(Address(pointer))) }
        (counter, pointer) = (caller, pointer + byteCount + 8)
      }
    }
    return (places, .tooDeep)
  }

  private mutating func step(_ counter: UInt64, _ functions: inout GoFunctionTable) throws(MemDumpError) -> Step {
    if let step = steps[counter] { return step }
    let depth = try functions.depth(at: counter)
    let step: Step = depth.map { $0.isRoot ? .root : .up($0.byteCount) } ?? .unknown
    if steps.count >= Self.mostKnown { steps = [:] }
    steps[counter] = step
    return step
  }
}
