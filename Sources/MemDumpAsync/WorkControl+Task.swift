public import MemDump
import SystemPackage

extension WorkControl {
  /// Does work of the library in a thread of its own, and tells it to end where the task is cancelled.
  ///
  /// The library's calls block until they are done: no thread of Swift's cooperative pool should wait for them. Work that is
  /// told to end does so soon, as where a person presses Ctrl-C: a process that stands still runs on, a file is gone or whole,
  /// and what was counted so far is given, or ``MemDumpError/Code/interrupted`` is thrown.
  ///
  /// - Parameter work: the work; it hands the control on to what it calls.
  /// - Returns: what the work gives.
  /// - Throws: what the work throws; ``MemDumpError/Code/noSpace`` where there is no room for a thread.
  public static func inTask<Result: Sendable>(
    _ work: @escaping @Sendable (WorkControl) throws(MemDumpError) -> Result
  ) async throws(MemDumpError) -> Result {
    let control = WorkControl()
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let started = Syscall.startDetachedThread {
          do throws(MemDumpError) { continuation.resume(returning: .success(try work(control))) } catch {
            continuation.resume(returning: .failure(error))
          }
        }
        if !started {
          continuation.resume(returning: .failure(MemDumpError(.thread(.resourceTemporarilyUnavailable))))
        }
      } as Swift.Result<Result, MemDumpError>
    } onCancel: {
      control.stop()
    }
    return try outcome.get()
  }
}
