internal import Glibc
internal import Synchronization

/// Lets threads do something one after the other, in the order of numbers that they have drawn; pthread_cond_wait(3).
@safe final class Turns: Sendable {
  private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private nonisolated(unsafe) let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let next = Atomic<Int>(0)

  /// Makes the turns; number 0 comes first.
  init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Waits until all smaller numbers have had their turn, and runs `body`. Each number must be taken, once.
  func take(_ number: Int, _ body: () -> Void) {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while next.load(ordering: .relaxed) != number { unsafe pthread_cond_wait(changed, mutex) }
    body()
    next.store(number + 1, ordering: .relaxed)
    unsafe pthread_cond_broadcast(changed)
  }
}
