internal import Synchronization

extension TargetProcess {
  /// Ends the calls of the process that its last stop made start over and whose time is over; see ``RestartedCalls``.
  /// Where that fails, the calls wait on.
  func endOverdueCalls() {
    guard let deadline = restartedCalls.deadline, deadline <= Syscall.monotonicTime else { return }
    let holder = try? Holder.launch()
    if let holder, (try? holder.endOverdueCalls(of: self)) != nil { return }
    restartedCalls.update([])
  }
}

/// A thread that ends calls of a process on time while other work is done; nothing else may stop the process meanwhile.
final class OverdueCalls: Sendable {
  private let isOver = Atomic<Bool>(false)
  private let thread = Mutex<Syscall.Thread?>(nil)
  /// The time between two looks for the end, in nanoseconds.
  private static let interval: UInt64 = 5_000_000

  /// Starts the thread, where the process has such calls.
  init(of target: TargetProcess) {
    guard target.restartedCalls.deadline != nil else { return }
    thread.withLock { thread in
      thread = Syscall.startThread { [unowned self] in
        while !isOver.load(ordering: .relaxed), let deadline = target.restartedCalls.deadline {
          let now = Syscall.monotonicTime
          Syscall.sleep(nanoseconds: min(Self.interval, deadline > now ? deadline - now : 0))
          target.endOverdueCalls()
        }
        return 0
      }
    }
  }

  deinit { end() }

  /// Ends the thread.
  func end() {
    isOver.store(true, ordering: .relaxed)
    thread.withLock { _ = $0?.join() }
  }
}
