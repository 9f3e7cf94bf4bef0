/// A call of a program in a language that is interpreted, which is under way: the interpreter's own frames tell it.
public struct InterpretedCall: Hashable, Sendable {
  /// The name of the language.
  public var language: [UInt8]
  /// The name of the function, with its class where that is known, in UTF-8; as the program has it.
  public var function: [UInt8]
  /// The path of its file; as the program has it.
  public var file: [UInt8]
  /// The number of the line that is under way; nil where that is not known.
  public var line: UInt64?
}

extension ThreadStack {
  /// The functions in which CPython interprets, the usual one first: of 3.6 and later, and of those before.
  private static let interpreters = ["_PyEval_EvalFrameDefault", "PyEval_EvalFrameEx"].map { Array($0.utf8) }

  /// The numbers of the frames in which CPython is at work on calls of its program.
  func interpreterFrames(_ names: inout StackNames) -> [Int] {
    var places: [Int] = []
    for interpreter in Self.interpreters where places.isEmpty {
      places = frames.indices.filter { names.name(of: frames[$0])?.symbol?.starts(with: interpreter) == true }
    }
    return places
  }

  /// Puts calls where they are under way: each stretch of calls is that of one frame of the interpreter.
  ///
  /// Where there are not as many frames as stretches, nothing tells which is whose, and the calls stay by themselves.
  ///
  /// - Parameters:
  ///   - stretches: the calls, the innermost first.
  ///   - isWhole: whether these are all that there are.
  ///   - places: the numbers of the frames of the interpreter.
  mutating func place(_ stretches: [[InterpretedCall]], isWhole: Bool, in places: [Int]) {
    // Of a stack that was not followed to its end the outer frames are missing, as calls are of a chain that was not.
    let fits =
      places.count == stretches.count || places.count < stretches.count && end != .root && !places.isEmpty
      || places.count > stretches.count && !isWhole
    guard fits else { return unplacedCalls = stretches.flatMap(\.self) }
    for (place, stretch) in zip(places, stretches) { frames[place].calls = stretch }
  }
}
