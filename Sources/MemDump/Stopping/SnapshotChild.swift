import SystemPackage
internal import Synchronization

/// What the holder tells of a child that it had a process make.
struct SnapshotReport: Sendable {
  var error: Errno?
  /// The thread that made it; nil where none was fit to.
  var thread: ThreadID?
  /// Its number, and that in the PID namespace of the process.
  var child: Int32
  var innerChild: Int32
  /// What it took.
  var gadgets: Gadgets
}

/// A copy-on-write child of a process: its private memory as it was at one instant, stopped before its first instruction.
///
/// It has no open file, raises no signal when it ends, and is killed when the holder ends, when the process ends, or when
/// memory runs low. The process is made to take note of its end, so that no zombie stays.
final class SnapshotChild: Sendable {
  /// The child, to be read.
  let target: TargetProcess
  /// How long the process stood still for it.
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
    guard let id = ProcessID(rawValue: report.child), let target = try? TargetProcess(id),
      let watch = try? MemoryWatch(over: id, for: process, reserve: reserve)
    else { throw MemDumpError(.snapshot(process.label, .ended)) }
    (self.process, self.report, self.pause) = (process, report, pause)
    (self.target, self.watch) = (target, watch)
    self.holder = holder
  }

  deinit { _ = end() }

  /// Ends the child. Returns whether no trace of it is left.
  ///
  /// A holder that has died took the child with it; then another one does what remains.
  func end() -> Bool {
    guard !isOver.exchange(true, ordering: .relaxed) else { return true }
    watch.end()
    do throws(Errno) {
      try holder.endSnapshot(report, of: process)
      return true
    } catch { return SnapshotRemains.takeAway(report, of: process) }
  }
}

/// Ends a process when memory runs low: the child of a snapshot, for which its parent's pages are copied as they change.
final class MemoryWatch: Sendable {
  private let state: State
  private let thread = Mutex<Syscall.Thread?>(nil)

  /// - Parameters:
  ///   - child: what is ended.
  ///   - process: whose control group counts.
  ///   - reserve: how many bytes have to be left.
  init(over child: ProcessID, for process: TargetProcess, reserve: UInt64) throws(Errno) {
    let state = State(try Syscall.processFile(child))
    self.state = state
    thread.withLock { $0 = Syscall.startThread { state.watch(process, reserve) } }
  }

  deinit { end() }

  /// Looks no more.
  func end() {
    state.isOver.store(true, ordering: .relaxed)
    thread.withLock { _ = $0?.join() }
  }

  private final class State: Sendable {
    /// Not its number, which may be that of another process one day.
    let child: Descriptor
    let isOver = Atomic<Bool>(false)
    /// How often it looks, in nanoseconds.
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
