internal import Synchronization

/// The progress of a running scan or dump, and the way to end one, for another thread.
public final class WorkControl: Sendable {
  private let scanned = Atomic<UInt64>(0)
  private let expected = Atomic<UInt64>(0)
  private let stopped = Atomic<Bool>(false)

  /// Makes the control of a scan that has not begun.
  public init() {}

  /// The number of bytes gone over so far, untouched memory included.
  public var byteCount: UInt64 { scanned.load(ordering: .relaxed) }

  /// The number of bytes to go over, as far as that is known.
  public var expectedByteCount: UInt64 { expected.load(ordering: .relaxed) }

  /// Adds `byteCount` bytes to those to go over.
  public func expect(_ byteCount: UInt64) { expected.wrappingAdd(byteCount, ordering: .relaxed) }

  /// Whether the scan was told to end.
  public var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Tells the scan to end soon, with the findings so far.
  public func stop() { stopped.store(true, ordering: .relaxed) }

  func add(_ byteCount: UInt64) { scanned.wrappingAdd(byteCount, ordering: .relaxed) }
}
