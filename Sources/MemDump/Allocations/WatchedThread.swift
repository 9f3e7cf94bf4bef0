import SystemPackage

/// A thread of a process, with the ring for the samples of its events.
final class WatchedThread {
  let id: ThreadID
  private var ring: PerfRing
  private var events: [FileDescriptor] = []
  private var bytes: [UInt8] = []
  /// How far the records in `bytes` were counted.
  private var countedEnd = 0
  /// When the ring was read last, in nanoseconds of the monotonic clock, and how many samples it gave since events were opened.
  private(set) var sampleCount = 0

  /// Opens a ring. Throws `ESRCH` where the thread has ended, `EPERM` where the ring is too much memory.
  init(_ id: ThreadID, ringByteCount: Int) throws(Errno) {
    self.id = id
    ring = try PerfRing(of: id, byteCount: ringByteCount, registers: PerfSample.registerMask)
  }

  /// The bytes of records that are kept.
  var byteCount: Int { bytes.count }

  /// Opens an event that does not count yet.
  func open(_ subject: Syscall.PerfSubject, stackByteCount: Int) throws(Errno) {
    let event = try Syscall.openPerfEvent(
      subject, of: id, stackByteCount: stackByteCount, registers: PerfSample.registerMask)
    try ring.take(samplesOf: event.file)
    events.append(event.release())
  }

  /// Has the events count until there were so many samples of each.
  func arm(sampleCount: Int) {
    // A thread that has ended meanwhile has nothing to count.
    for event in events { try? Syscall.armPerfEvent(event, sampleCount: sampleCount) }
  }

  /// Has the events count no more.
  func disarm() { for event in events { Syscall.disarmPerfEvent(event) } }

  /// Takes what the kernel has written.
  func drain() {
    ring.drain(into: &bytes)
    let (count, end) = PerfRecord.sampleCount(bytes, from: countedEnd)
    (sampleCount, countedEnd) = (sampleCount + count, end)
  }

  /// Closes the events, and hands out the records since they were opened.
  func close() -> [PerfRecord] {
    for event in events { try? event.close() }
    events = []
    drain()
    let records = PerfRecord.parse(bytes).records
    (bytes, countedEnd, sampleCount) = ([], 0, 0)
    return records
  }

  deinit { for event in events { try? event.close() } }
}
