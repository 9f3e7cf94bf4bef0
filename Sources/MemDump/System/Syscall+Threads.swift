internal import CProcMem
internal import Glibc
internal import Synchronization
package import SystemPackage

// Threads of our own, time and signals.

extension Syscall {
  /// The number of processors that are online; sysconf(3).
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Runs `body` on `count` threads, the calling one among them, and returns when all have ended; pthread_create(3).
  /// Fewer threads where the system gives no more.
  package static func concurrently(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var threads: [pthread_t] = []
      for index in 1..<max(1, count) {
        let task = unsafe Unmanaged.passRetained(ThreadTask { body(index) })
        var thread = pthread_t()
        let error = unsafe pthread_create(&thread, nil, runTask, task.toOpaque())
        if error == 0 { threads.append(thread) } else { unsafe task.release() }
      }
      body(0)
      for thread in threads { pthread_join(thread, nil) }
    }
  }

  /// Runs `body` once for each number below `count`, on up to `threads` threads, which take the next number each: none is left
  /// out where the system gives fewer threads.
  package static func concurrently(forEach count: Int, threads: Int, _ body: (Int) -> Void) {
    let next = Atomic<Int>(0)
    concurrently(min(count, threads)) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < count else { break }
        body(number)
      }
    }
  }

  /// What `body` makes of each number below `count`, in order; see ``concurrently(forEach:threads:_:)``. Throws what failed, of
  /// several the one of the lowest number.
  package static func results<Output: Sendable, Failure: Error>(
    forEach count: Int, threads: Int, _ body: (Int) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    let made = Mutex([Result<Output, Failure>?](repeating: nil, count: count))
    concurrently(forEach: count, threads: threads) { number in
      let result: Result<Output, Failure>
      do throws(Failure) { result = .success(try body(number)) } catch { result = .failure(error) }
      made.withLock { $0[number] = result }
    }
    var outputs: [Output] = []
    for case let result? in made.withLock({ $0 }) { outputs.append(try result.get()) }
    return outputs
  }

  /// A started thread and its result.
  package final class Thread {
    private var handle = pthread_t()
    private var result: UInt8 = 0
    private var isRunning = false
    /// Why the thread could not be started; nil where it was.
    private(set) var startError: Errno?

    fileprivate init(_ body: @escaping @Sendable () -> UInt8) {
      let task = unsafe Unmanaged.passRetained(ThreadTask { [unowned self] in result = body() })
      let error = unsafe pthread_create(&handle, nil, runTask, task.toOpaque())
      isRunning = error == 0
      if !isRunning {
        unsafe task.release()
        startError = Errno(rawValue: error)
      }
    }

    /// Whether the thread could be started.
    package var hasStarted: Bool { isRunning }

    /// Waits for the thread to end and returns its result, 0 where the thread could not be started; pthread_join(3).
    package func join() -> UInt8 {
      if isRunning { pthread_join(handle, nil) }
      isRunning = false
      return result
    }

    deinit { _ = join() }
  }

  /// Lets this thread, and those that it starts, run before all that is not in real time, as far as it is permitted: for
  /// moments in which somebody stands still for us; sched_setscheduler(2). Returns whether that was done, and has to be
  /// taken back by ``standBack()``.
  static func outrankOthers() -> Bool {
    var lowest = sched_param()
    lowest.sched_priority = 1
    return unsafe sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_RR, &lowest) == 0
  }

  /// Takes ``outrankOthers()`` back.
  static func standBack() {
    var none = sched_param()
    _ = unsafe sched_setscheduler(0, SCHED_OTHER, &none)
  }

  /// Starts a thread; pthread_create(3). The thread is joined when the value goes.
  package static func startThread(_ body: @escaping @Sendable () -> UInt8) -> Thread { Thread(body) }

  /// Starts a thread that nobody waits for, and that takes no signal but that of its own faults; pthread_create(3). False
  /// where there is none.
  package static func startDetachedThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let task = unsafe Unmanaged.passRetained(ThreadTask(body))
    var (all, faults, before) = (sigset_t(), sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe cprocmem_fault_signals(&faults)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    unsafe pthread_sigmask(SIG_UNBLOCK, &faults, nil)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    guard unsafe pthread_create(&thread, nil, runTask, task.toOpaque()) == 0 else {
      unsafe task.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  /// Ends our process now; _exit(2).
  package static func exitAtOnce(_ status: CInt) -> Never { _exit(status) }

  private final class ThreadTask {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  private static let runTask: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
    guard let pointer = unsafe pointer else { return nil }
    unsafe Unmanaged<ThreadTask>.fromOpaque(pointer).takeRetainedValue().run()
    return nil
  }
}

/// The numbers of the signals that are sent or waited for; see signal(7).
package enum SignalNumber {
  package static let hangUp = SIGHUP
  package static let interrupt = SIGINT
  package static let kill = SIGKILL
  package static let terminate = SIGTERM
  package static let `continue` = SIGCONT
  package static let terminalStop = SIGTSTP
  package static let windowChange = SIGWINCH
}

extension Syscall {
  /// Sends a signal to a process; kill(2).
  package static func kill(_ process: ProcessID, _ signal: CInt) throws(Errno) {
    try checkedErrno(Glibc.kill(process.rawValue, signal))
  }

  /// Whether there is a process of a number that we may not send a signal to; kill(2) with signal 0.
  static func belongsToAnother(_ process: ProcessID) -> Bool {
    Glibc.kill(process.rawValue, 0) != 0 && Glibc.errno == EPERM
  }

  /// Whether a file can be read from, or has ended, within `time` nanoseconds; poll(2).
  package static func isReadable(_ file: FileDescriptor, within time: UInt64) -> Bool {
    (try? waitForInput([file], until: monotonicTime &+ time))?.first ?? false
  }

  /// Sleeps; nanosleep(2).
  package static func sleep(nanoseconds: UInt64) {
    var time = timespec(tv_sec: time_t(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    var left = timespec()
    while unsafe nanosleep(&time, &left) != 0, Glibc.errno == EINTR { time = left }
  }
}

extension Syscall {
  /// Waits until a file can be read from or has ended, or until a monotonic time in nanoseconds; poll(2). Tells of each
  /// file whether it is ready.
  package static func waitForInput(_ files: [FileDescriptor], until deadline: UInt64) throws(Errno) -> [Bool] {
    var entries = files.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    while true {
      let now = monotonicTime
      let left = deadline > now ? min((deadline - now) / 1_000_000 + 1, 1 << 30) : 0
      let count = unsafe poll(&entries, nfds_t(entries.count), CInt(left))
      if count >= 0 {
        if count > 0 || left == 0 || monotonicTime >= deadline { return entries.map { $0.revents != 0 } }
      } else if Glibc.errno != EINTR {
        throw Errno(rawValue: Glibc.errno)
      }
    }
  }

  /// The time of the monotonic clock, in nanoseconds; clock_gettime(2).
  package static var monotonicTime: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// The time since 1970, in nanoseconds; clock_gettime(2).
  package static var wallNanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
