/// The number of a thread; that of the main thread is the number of the process.
public typealias ThreadID = ProcessID

/// The number of a process, as this PID namespace counts.
public struct ProcessID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number itself.
  public let rawValue: Int32

  /// Makes an ID of a number; nil unless it is above 0.
  public init?(rawValue: Int32) {
    guard rawValue > 0 else { return nil }
    self.rawValue = rawValue
  }

  /// The decimal number.
  public var description: String { String(rawValue) }

  /// Orders by number.
  public static func < (left: ProcessID, right: ProcessID) -> Bool { left.rawValue < right.rawValue }
}
