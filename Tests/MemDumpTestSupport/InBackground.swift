import Glibc

/// Work on a thread of its own, beside the test. The test waits for it with ``join()``.
public final class InBackground: @unchecked Sendable {
  private let work: () -> Void
  private var thread = pthread_t()
  private var isJoined = false

  /// Starts the work.
  public init(_ work: @escaping @Sendable () -> Void) {
    self.work = work
    let this = Unmanaged.passRetained(self)
    let error = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<InBackground>.fromOpaque(pointer).takeRetainedValue().work()
        return nil
      }, this.toOpaque())
    precondition(error == 0, "a test needs a thread")
  }

  /// Waits for its end.
  public func join() {
    if !isJoined { pthread_join(thread, nil) }
    isJoined = true
  }
}
