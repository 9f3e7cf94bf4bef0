/// What the runtime of a language tells of its own code, which has no call frame information, and whose functions may have no
/// symbols: how far frames reach, and which functions are under way in them.
protocol RuntimeFrames: AnyObject {
  /// How to find the caller from an instruction; nil outside of that code, and where the runtime does not tell.
  func row(at instruction: Address) -> FrameRow?

  /// The functions that are under way in a frame, inlined calls first, the innermost before all, and last the function that the
  /// frame is of. None outside of that code.
  func names(of frame: ThreadStack.Frame) -> [StackNames.Name]
}

extension FrameRow {
  /// A row of code of which no more is known than how far above the stack pointer the return address stands.
  ///
  /// - Parameters:
  ///   - depth: the distance from the stack pointer to the return address, in bytes.
  ///   - isRoot: whether nobody called the function.
  init(depth: UInt64, isRoot: Bool) {
    let word: Int64 = 8
    frameAddress = .register(ProcessorRegisters.stackPointer, offset: Int64(clamping: depth) &+ word)
    set(ProcessorRegisters.returnAddress, isRoot ? .undefined : .offset(-word))
    // A frame begins with the frame pointer of the caller.
    if depth >= 8 { set(ProcessorRegisters.framePointer, .offset(-2 * word)) }
  }
}
