/// The error for text from the kernel or a file that does not follow its format.
public struct MalformedText: Error, Hashable, Sendable {
  /// The number of the first bad line, counted from 1.
  public var line: Int
}
