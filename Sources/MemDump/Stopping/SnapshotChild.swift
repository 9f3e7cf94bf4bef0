import SystemPackage
internal import Synchronization

/// The holder's report of a child that it had a process make.
struct SnapshotReport: Sendable {
  var error: Errno?
  /// Whether the process was made to call for a child.
  var isTried: Bool
  /// Whether the error is the kernel's answer to the process.
  var isAnswer = false
  /// The ID of the child, 0 for none, and that in the PID namespace of the process.
  var child: Int32
  var innerChild: Int32
  /// The gadgets that made the child.
  var gadgets: Gadgets
}

/// A copy-on-write child of a process: its private memory at one instant, stopped before the first instruction.
///
/// The child has no open file, raises no signal when it ends, and is killed when the holder ends, when the process
/// ends, or when memory runs low. The process is made to wait(2) for the child's end, so that no zombie stays.
final class SnapshotChild: Sendable {
  /// The child, as a process to be read.
  let target: TargetProcess
  /// The pause of the process for the child.
  let pause: Pause
  /// Whether the child has been ended: its ID may be that of another process by now.
  var isOver: Bool { life.isOver.load(ordering: .acquiring) }

  private let life: Life
  private let watch: MemoryWatch

  /// Takes over a child whose process runs again.
  ///
  /// - Parameter reserve: the child is killed when less memory than this is left.
  init(
    _ report: SnapshotReport, of process: TargetProcess, pause: Pause, holder: consuming Holder, reserve: UInt64
  ) throws(MemDumpError) {
    guard let id = ProcessID(rawValue: report.child),
      let target = try? TargetProcess(id, opensFiles: process.opensFiles)
    else {
      throw MemDumpError(.snapshot(process.label, .ended))
    }
    let life = Life(process, report, holder)
    (self.target, self.pause, self.life) = (target, pause, life)
    watch = MemoryWatch(over: id, for: process, reserve: reserve) { _ = life.end() }
    if let error = watch.startError {
      _ = life.end()
      throw MemDumpError(.thread(error))
    }
  }

  deinit { _ = end() }

  /// Ends the child. Returns whether no trace of the child is left.
  func end() -> Bool {
    watch.end()
    return life.end()
  }

  private final class Life: Sendable {
    let isOver = Atomic<Bool>(false)
    private let process: TargetProcess
    private let report: SnapshotReport
    private let holder: Holder
    private let isTakenAway = Mutex<Bool?>(nil)

    init(_ process: TargetProcess, _ report: SnapshotReport, _ holder: consuming Holder) {
      (self.process, self.report) = (process, report)
      self.holder = holder
    }

    /// Ends the child, once. A holder that has died took the child with it; then another holder does what remains.
    func end() -> Bool {
      isTakenAway.withLock { known in
        if let known { return known }
        isOver.store(true, ordering: .releasing)
        let result: Bool
        do throws(Errno) {
          try holder.endSnapshot(report, of: process)
          result = true
        } catch {
          result = error != .resourceTemporarilyUnavailable && SnapshotRemains.takeAway(report, of: process)
        }
        known = result
        return result
      }
    }
  }
}

/// A watch that ends a process when memory runs low: the child of a snapshot, for which pages of its parent are copied.
final class MemoryWatch: Sendable {
  private let state: State
  private let thread = Mutex<Syscall.Thread?>(nil)

  /// - Parameters:
  ///   - child: the process to end.
  ///   - process: the process whose control group counts.
  ///   - reserve: the bytes of memory that have to be left.
  ///   - end: ends the child where we may not send it a signal, or the kernel has no pidfd_open(2) (before Linux 5.3).
  init(over child: ProcessID, for process: TargetProcess, reserve: UInt64, end: @escaping @Sendable () -> Void) {
    let state = State(try? Syscall.processFile(child))
    self.state = state
    thread.withLock { $0 = Syscall.startThread { state.watch(process, reserve, end) } }
  }

  deinit { end() }

  /// Why nobody watches: there is no thread to; nil where somebody does.
  var startError: Errno? { thread.withLock { $0?.startError } }

  /// Ends the watch.
  func end() {
    state.isOver.store(true, ordering: .relaxed)
    thread.withLock { thread in
      _ = thread?.join()
      thread = nil
    }
  }

  private final class State: Sendable {
    /// The child as a pidfd: its ID may be that of another process one day.
    let child: Descriptor?
    let isOver = Atomic<Bool>(false)
    /// The time between two looks at the memory that is left, in nanoseconds.
    private static let interval: UInt64 = 20_000_000

    init(_ child: consuming Descriptor?) { self.child = child }

    func watch(_ process: TargetProcess, _ reserve: UInt64, _ end: () -> Void) -> UInt8 {
      while !isOver.load(ordering: .relaxed) {
        let (all, group) = SnapshotCheck.availableMemory(process)
        if min(all ?? .max, group?.available ?? .max) < reserve {
          if !kill() { end() }
          break
        }
        Syscall.sleep(nanoseconds: Self.interval)
      }
      return 0
    }

    private func kill() -> Bool {
      switch child {
      case .some(let child): (try? Syscall.kill(child.file, SignalNumber.kill)) != nil
      case .none: false
      }
    }
  }
}
