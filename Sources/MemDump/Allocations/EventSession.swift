import SystemPackage

/// The threads of a process, and slices of time in which events of all of them count.
///
/// Nothing in the process is changed but the breakpoint registers of its threads, by the kernel, which takes its events away
/// when their files are closed, whatever closes them. A slice opens every event anew.
final class EventSession {
  private let target: TargetProcess
  private var threads: [WatchedThread] = []
  private var ringByteCount: Int
  /// How many threads came after the slice had begun that should have had them.
  private(set) var lateThreadCount = 0
  /// The samples so far: how often a thread was interrupted.
  private(set) var sampleCount: UInt64 = 0

  /// The most threads that are watched, and the most bytes of records of a slice.
  static let (mostThreads, mostBytes) = (512, 64 << 20)
  private static let (ringRoom, largestRing, smallestRing) = (16 << 20, 1 << 20, 64 << 10)
  /// The time between two looks at the rings, in nanoseconds.
  private static let interval: UInt64 = 1_000_000

  /// The number of threads that are watched.
  var threadCount: Int { threads.count }

  /// Opens rings for the threads of a process. Throws ``MemDumpError/Code/accessDenied`` where that is not allowed.
  init(_ target: TargetProcess) throws(MemDumpError) {
    let count = try target.threads().count
    guard count <= Self.mostThreads else {
      throw MemDumpError(.events(target.label, .tooManyThreads(count, limit: Self.mostThreads)))
    }
    var size = Self.largestRing
    while size > Self.smallestRing, size * count > Self.ringRoom { size /= 2 }
    (self.target, ringByteCount) = (target, size)
    Syscall.raiseFileLimit()
    try findThreads()
    guard !threads.isEmpty else { throw target.end }
  }

  /// Has a ring for each thread that there is now, and none for those that have ended.
  private func findThreads() throws(MemDumpError) {
    let present = try target.threads()
    threads.removeAll { !present.contains($0.id) }
    let known = Set(threads.map(\.id))
    for thread in present where !known.contains(thread) {
      guard threads.count < Self.mostThreads else { break }
      try add(thread)
    }
  }

  private func add(_ thread: ThreadID) throws(MemDumpError) {
    while true {
      do throws(Errno) {
        threads.append(try WatchedThread(thread, ringByteCount: ringByteCount))
        return
      } catch {
        if error == .noSuchProcess { return }
        // Without rights, no more than perf_event_mlock_kb may be locked; smaller rings may fit, and those that are there go.
        guard error == .notPermitted, ringByteCount > Self.smallestRing, PerfAccess.problem() == nil else {
          throw PerfAccess.error(error, target)
        }
        ringByteCount /= 2
      }
    }
  }

  /// Runs a slice: opens events of every thread, has them count at once, and closes them.
  ///
  /// - Parameters:
  ///   - places: what to wait for, four instructions at most.
  ///   - limits: how much the slice may be.
  ///   - control: may end the slice.
  /// - Returns: the slice; nil where a thread has no free breakpoint register.
  func run(
    _ places: [EventSlice.Place], _ limits: EventSlice.Limits, _ control: WorkControl
  ) throws(MemDumpError) -> EventSlice? {
    try target.checkIdentity()
    try findThreads()
    guard !threads.isEmpty else { throw target.end }
    defer { for thread in threads { _ = thread.close() } }
    for thread in threads {
      for place in places {
        do throws(Errno) { try thread.open(place.subject, stackByteCount: place.stackByteCount) } catch {
          if error == .noSuchProcess { break }
          if error == .noSpace { return nil }
          throw PerfAccess.error(error, target)
        }
      }
    }
    let first = Syscall.monotonicTime
    for thread in threads { thread.arm(sampleCount: limits.eventSampleCount) }
    let all = Syscall.monotonicTime
    wait(until: all &+ limits.time, limits, control)
    let end = Syscall.monotonicTime
    for thread in threads { thread.disarm() }
    let records = threads.map { $0.close() }
    let known = Set(threads.map(\.id))
    lateThreadCount += ((try? target.threads()) ?? []).count { !known.contains($0) }
    let isExecution = places.contains { if case .execution = $0.subject { true } else { false } }
    let slice = EventSlice(
      records, armed: (first, all, end), limit: limits.eventSampleCount, isExecution: isExecution)
    sampleCount &+= UInt64(slice.samples.count) &+ slice.lostCount
    return slice
  }

  /// Empties the rings until the time is over, or there are enough samples.
  private func wait(until deadline: UInt64, _ limits: EventSlice.Limits, _ control: WorkControl) {
    while !control.isStopped {
      let now = Syscall.monotonicTime
      guard now < deadline else { return }
      Syscall.sleep(nanoseconds: min(Self.interval, deadline - now))
      for thread in threads { thread.drain() }
      let count = threads.reduce(0) { $0 + $1.sampleCount }
      guard count < limits.sampleCount, threads.reduce(0, { $0 + $1.byteCount }) < Self.mostBytes,
        !threads.contains(where: { $0.sampleCount >= limits.eventSampleCount * 4 })
      else { return }
    }
  }
}
