/// What somebody copied of a stack: its bytes from the stack pointer on.
struct CopiedStack: Hashable, Sendable {
  /// The address of the first byte.
  var start: Address
  var bytes: [UInt8]

  /// The word at an address; nil where it was not copied.
  func word(at address: Address) -> UInt64? {
    guard address >= start else { return nil }
    return Int(exactly: address - start).flatMap { bytes.load(UInt64.self, at: $0) }
  }
}
