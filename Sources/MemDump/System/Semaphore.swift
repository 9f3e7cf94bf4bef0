internal import Glibc

/// Counts what one thread gives and another waits for; sem_overview(7).
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

  /// Adds one.
  func signal() { unsafe sem_post(raw) }

  /// Takes one, when there is one.
  func wait() { while unsafe sem_wait(raw) != 0, Glibc.errno == EINTR {} }
}
