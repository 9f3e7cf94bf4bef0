import SystemPackage
internal import Synchronization

/// The holder's report of a child that it had a process make.
struct SnapshotReport: Sendable {
  var error: Errno?
  /// The thread that made the child; nil where none was fit to.
  var thread: ThreadID?
  /// The ID of the child, and that in the PID namespace of the process.
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

  private let process: TargetProcess
  private let report: SnapshotReport
  private let holder: Holder
  private let watch: MemoryWatch
  private let isOver = Atomic<Bool>(false)

  /// Takes over a child whose process runs again.
  ///
  /// - Parameter reserve: the child is killed when less memory than this is left.
  init(
    _ report: SnapshotReport, of process: TargetProcess, pause: Pause, holder: consuming Holder, reserve: UInt64
  ) throws(MemDumpError) {
    guard let id = ProcessID(rawValue: report.child),
      let target = try? TargetProcess(id, opensFiles: process.opensFiles),
      let watch = try? MemoryWatch(over: id, for: process, reserve: reserve)
    else { throw MemDumpError(.snapshot(process.label, .ended)) }
    (self.process, self.report, self.pause) = (process, report, pause)
    (self.target, self.watch) = (target, watch)
    self.holder = holder
  }

  deinit { _ = end() }

  /// Ends the child. Returns whether no trace of the child is left.
  ///
  /// A holder that has died took the child with it; then another holder does what remains.
  func end() -> Bool {
    guard !isOver.exchange(true, ordering: .relaxed) else { return true }
    watch.end()
    do throws(Errno) {
      try holder.endSnapshot(report, of: process)
      return true
    } catch { return SnapshotRemains.takeAway(report, of: process) }
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
  init(over child: ProcessID, for process: TargetProcess, reserve: UInt64) throws(Errno) {
    let state = State(try Syscall.processFile(child))
    self.state = state
    thread.withLock { $0 = Syscall.startThread { state.watch(process, reserve) } }
  }

  deinit { end() }

  /// Ends the watch.
  func end() {
    state.isOver.store(true, ordering: .relaxed)
    thread.withLock { _ = $0?.join() }
  }

  private final class State: Sendable {
    /// The child as a pidfd: its ID may be that of another process one day.
    let child: Descriptor
    let isOver = Atomic<Bool>(false)
    /// The time between two looks at the memory that is left, in nanoseconds.
    private static let interval: UInt64 = 20_000_000

    init(_ child: consuming Descriptor) { self.child = child }

    func watch(_ process: TargetProcess, _ reserve: UInt64) -> UInt8 {
      while !isOver.load(ordering: .relaxed) {
        let (all, group) = SnapshotCheck.availableMemory(process)
        if min(all ?? .max, group?.available ?? .max) < reserve {
          try? Syscall.kill(child.file, SignalNumber.kill)
          break
        }
        Syscall.sleep(nanoseconds: Self.interval)
      }
      return 0
    }
  }
}
