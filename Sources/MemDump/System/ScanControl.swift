internal import Synchronization

/// What another thread sees and says of a scan or a dump while it runs: how far it is, and that it shall end.
public final class ScanControl: Sendable {
  private let scanned = Atomic<UInt64>(0)
  private let expected = Atomic<UInt64>(0)
  private let stopped = Atomic<Bool>(false)

  /// Nothing scanned, and on.
  public init() {}

  /// How many bytes have been gone over, untouched memory included.
  public var byteCount: UInt64 { scanned.load(ordering: .relaxed) }

  /// How many bytes there are to go over, as far as that is known.
  public var expectedByteCount: UInt64 { expected.load(ordering: .relaxed) }

  /// Takes note of so many bytes to go over.
  public func expect(_ byteCount: UInt64) { expected.wrappingAdd(byteCount, ordering: .relaxed) }

  /// Whether the scan was told to end.
  public var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Tells the scan to end soon, with what it has found so far.
  public func stop() { stopped.store(true, ordering: .relaxed) }

  func add(_ byteCount: UInt64) { scanned.wrappingAdd(byteCount, ordering: .relaxed) }
}
