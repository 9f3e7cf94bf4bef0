/// A call that is under way in a Go program.
public struct GoFrame: Hashable, Sendable {
  /// Where the function goes on: the address of the next instruction.
  public var address: Address
  /// The function, as Go writes it, such as `net/http.(*conn).serve`; nil where the program's tables do not tell. Bytes that
  /// the program chose.
  public var name: [UInt8]?
  /// The path of the file of source code; nil where that is not known.
  public var file: [UInt8]?
  /// The line in the file; nil where that is not known.
  public var line: UInt64?
  /// Whether the call was inlined: it has no frame of its own on the stack.
  public var isInlined = false

  /// Makes a frame.
  public init(address: Address, name: [UInt8]? = nil, isInlined: Bool = false) {
    (self.address, self.name, self.isInlined) = (address, name, isInlined)
  }

  /// Whether the function is of the package `runtime`.
  public var isRuntime: Bool { name?.starts(with: "runtime.".utf8) ?? false }

  /// Whether the function is one that the runtime has for itself, which its own traces leave out: one of the package
  /// `runtime` that other packages cannot call.
  public var isInternal: Bool {
    guard isRuntime, let name, let next = name.dropFirst(8).first else { return false }
    return !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(next)
  }
}
