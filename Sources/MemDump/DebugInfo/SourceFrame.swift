/// A function whose code is at an address, by the debug information of a module.
public struct SourceFrame: Hashable, Sendable {
  /// The name of the function as a symbol would have it, mangled where its language does so; nil where it has none.
  public var name: [UInt8]?
  /// The path of the file of source code, in the directory that the compiler ran in; nil where that is not known.
  public var file: [UInt8]?
  /// The number of the line in the file, from 1 on; nil where that is not known.
  public var line: UInt64?
  /// Whether the call of the function was inlined: it has no frame of its own on the stack.
  public var isInlined = false
}
