internal import SystemPackage
internal import Synchronization

/// Questions to file systems that serve others and may never answer: one in user space whose daemon hangs (FUSE), or on a
/// network whose server is gone (NFS).
///
/// Each is asked by a thread of its own. Where no answer comes in time the thread is left in the kernel, which lets it go
/// when the answer comes or we end, and that file system is asked nothing more.
package enum FileWait {
  /// A file system, as far as its name is known without asking it.
  enum Place: Hashable, Sendable {
    /// A device, by its number.
    case device(UInt64)
    /// What is under a directory, whatever is mounted there.
    case directory(FilePath)
  }

  /// How long an answer may take, and when a wait for it is told of, in nanoseconds.
  static let (limit, delay): (UInt64, UInt64) = (5_000_000_000, 2_000_000_000)
  /// How often it is looked whether the wait was called off, in nanoseconds.
  private static let interval: UInt64 = 20_000_000
  /// Threads that are kept for further questions.
  private static let mostIdle = 8

  private struct State {
    var silent: Set<Place> = []
    var delayed: Set<Place> = []
    var idle: [Worker] = []
    var onDelay: (@Sendable ([UInt8]) -> Void)?
  }

  private static let state = Mutex(State())
  private static let isOff = Atomic<Bool>(false)

  /// Has waits told of that take long, with the name of the file, as the target has it; from any thread.
  package static func onDelay(_ body: @escaping @Sendable ([UInt8]) -> Void) { state.withLock { $0.onDelay = body } }

  /// Ends all waits of this process, those to come too: it is about to end.
  package static func callOff() { isOff.store(true, ordering: .relaxed) }

  /// The answer of a file system; nil where none came in time.
  ///
  /// - Parameters:
  ///   - place: the file system.
  ///   - name: the file, as the target has it.
  ///   - body: asks. It may run on after the wait, so what it opens is closed by it.
  static func answer<Value: Sendable>(
    of place: Place, about name: [UInt8], within limit: UInt64 = limit, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    guard !isOff.load(ordering: .relaxed), !state.withLock({ $0.silent.contains(place) }) else { return nil }
    let question = Question(body)
    // Without a thread it is asked all the same.
    guard hand({ question.ask() }) else { return body() }
    let start = Syscall.monotonicTime
    while !question.isAnswered(within: interval) {
      let waited = Syscall.monotonicTime - start
      if isOff.load(ordering: .relaxed) { return nil }
      if waited >= delay { tell(place, name) }
      guard waited < limit else {
        state.withLock { _ = $0.silent.insert(place) }
        return nil
      }
    }
    return question.answer
  }

  /// Has something done that nobody waits for. False where there is no thread for it.
  @discardableResult
  static func hand(_ body: @escaping @Sendable () -> Void) -> Bool {
    if let worker = state.withLock({ $0.idle.popLast() }) {
      worker.take(body)
      return true
    }
    let worker = Worker()
    worker.take(body)
    return Syscall.startDetachedThread {
      repeat { worker.run() } while keep(worker)
    }
  }

  private static func keep(_ worker: Worker) -> Bool {
    state.withLock { state in
      guard state.idle.count < mostIdle else { return false }
      state.idle.append(worker)
      return true
    }
  }

  private static func tell(_ place: Place, _ name: [UInt8]) {
    let body = state.withLock { $0.delayed.insert(place).inserted ? $0.onDelay : nil }
    body?(name)
  }

  /// A thread that asks, one question after the other.
  private final class Worker: Sendable {
    private let task = Mutex<(@Sendable () -> Void)?>(nil)
    private let hasTask = Semaphore(0)

    func take(_ body: @escaping @Sendable () -> Void) {
      task.withLock { $0 = body }
      hasTask.signal()
    }

    /// Waits for a task and does it.
    func run() {
      hasTask.wait()
      let body = task.withLock { task in
        defer { task = nil }
        return task
      }
      body?()
    }
  }

  private final class Question<Value: Sendable>: Sendable {
    private let body: @Sendable () -> Value
    private let value = Mutex<Value?>(nil)
    private let hasAnswer = Semaphore(0)

    init(_ body: @escaping @Sendable () -> Value) { self.body = body }

    func ask() {
      let answer = body()
      value.withLock { $0 = answer }
      hasAnswer.signal()
    }

    func isAnswered(within time: UInt64) -> Bool { hasAnswer.wait(within: time) }

    var answer: Value? { value.withLock(\.self) }
  }
}
