internal import Synchronization

/// A call with a timeout that was made again when its thread was stopped; cprocmem_wait of the holder, which is handed this at
/// the next stop, so that the call waits no longer than it would have.
struct RestartedCall: Hashable, Sendable {
  var thread: Int32
  /// Whether it started over with all of its time; otherwise it ends by itself in time.
  var startedOver: Bool
  /// How often the thread had gone to sleep when it was let go.
  var switchCount: UInt64
  /// How long the call had waited until then, in nanoseconds.
  var waited: UInt64
  /// When its time is over, on the monotonic clock, in nanoseconds.
  var deadline: UInt64
}

/// The calls of a process that were made again at its last stop.
final class RestartedCalls: Sendable {
  private let calls = Mutex<[RestartedCall]>([])

  /// The calls, for the holder.
  var all: [RestartedCall] { calls.withLock { $0 } }

  /// When the time of the first of them that started over is over; nil where there is none.
  var deadline: UInt64? { all.filter(\.startedOver).map(\.deadline).min() }

  /// Takes note of what the holder told.
  func update(_ calls: [RestartedCall]) { self.calls.withLock { $0 = calls } }
}
