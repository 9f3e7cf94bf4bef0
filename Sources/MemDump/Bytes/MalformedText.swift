/// Text of the kernel or of a file that is not as it should be.
public struct MalformedText: Error, Hashable, Sendable {
  /// The line, counted from 1.
  public var line: Int
}
