internal import Glibc

/// A semaphore that one thread signals and another waits for; sem_overview(7).
@safe final class Semaphore: @unchecked Sendable {
  private let raw: UnsafeMutablePointer<sem_t>

  init(_ count: Int) {
    unsafe raw = .allocate(capacity: 1)
    unsafe sem_init(raw, 0, UInt32(count))
  }

  deinit {
    unsafe sem_destroy(raw)
    unsafe raw.deallocate()
  }

  /// Adds one to the count; sem_post(3).
  func signal() { unsafe sem_post(raw) }

  /// Waits until the count is above 0, and takes one; sem_wait(3).
  func wait() { while unsafe sem_wait(raw) != 0, Glibc.errno == EINTR {} }

  /// Waits for a time in nanoseconds, as far as nobody sets the clock. Returns whether the count was above 0, and takes
  /// one then; sem_timedwait(3).
  func wait(within time: UInt64) -> Bool {
    let end = Syscall.wallNanoseconds &+ time
    var deadline = timespec(tv_sec: time_t(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
    while unsafe sem_timedwait(raw, &deadline) != 0 {
      if Glibc.errno != EINTR { return false }
    }
    return true
  }
}
