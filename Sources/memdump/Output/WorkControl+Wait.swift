import MemDump

extension WorkControl {
  /// Waits between two looks; false where the work is told to end meanwhile.
  func wait(_ time: Duration) -> Bool {
    let end = Syscall.monotonicTime &+ time.nanosecondCount
    while !isStopped, Syscall.monotonicTime < end {
      Syscall.sleep(nanoseconds: min(end - Syscall.monotonicTime, 100_000_000))
    }
    return !isStopped
  }
}
