/// A thread ID (TID); that of the main thread is the PID of the process.
public typealias ThreadID = ProcessID

/// A process ID (PID), as our PID namespace counts.
public struct ProcessID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The ID as a number.
  public let rawValue: Int32

  /// Makes an ID from a number; nil unless the number is above 0.
  public init?(rawValue: Int32) {
    guard rawValue > 0 else { return nil }
    self.rawValue = rawValue
  }

  /// The ID in decimal.
  public var description: String { String(rawValue) }

  /// Orders IDs by number.
  public static func < (left: ProcessID, right: ProcessID) -> Bool { left.rawValue < right.rawValue }
}
