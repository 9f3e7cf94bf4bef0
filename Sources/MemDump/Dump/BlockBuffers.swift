import SystemPackage
internal import Synchronization

/// The buffers for the blocks of a dump, each used again and again.
final class BlockBuffers: Sendable {
  private let buffer: PageBuffer
  private let byteCount: Int
  private let state: Mutex<State>
  private let freed = Semaphore(0)

  private struct State {
    var free: [Int]
    /// The number of users of each other buffer that are not done with it.
    var users: [Int]
    /// The number of threads that wait for a buffer.
    var waiting = 0
    /// The number of free buffers at which threads are woken: some at once, since to sleep and wake takes long.
    var enough: Int

    /// The number of threads to wake now.
    mutating func wake() -> Int {
      guard free.count >= enough else { return 0 }
      defer { waiting = 0 }
      return waiting
    }
  }

  /// Makes `count` buffers of `byteCount` bytes each. Throws ENOMEM.
  init(count: Int, byteCount: Int) throws(Errno) {
    buffer = try PageBuffer(byteCount: count * byteCount)
    self.byteCount = byteCount
    state = Mutex(State(free: Array(0..<count), users: Array(repeating: 0, count: count), enough: max(1, count / 2)))
  }

  /// Waits for a free buffer, and takes it for some users; nil when no more buffers are wanted.
  func take(users: Int) -> Int? {
    while true {
      let (number, isClosed) = state.withLock { state -> (Int?, Bool) in
        if state.enough == 0 { return (nil, true) }
        guard let number = state.free.popLast() else {
          state.waiting += 1
          return (nil, false)
        }
        state.users[number] = users
        return (number, false)
      }
      if let number { return number }
      if isClosed { return nil }
      freed.wait()
    }
  }

  /// Marks that one user is done with a buffer.
  func leave(_ number: Int) {
    let woken = state.withLock { state in
      state.users[number] -= 1
      if state.users[number] == 0 { state.free.append(number) }
      return state.wake()
    }
    for _ in 0..<woken { freed.signal() }
  }

  /// Ends the use of the buffers: no more are wanted.
  func close() {
    let woken = state.withLock { state in
      state.enough = 0
      return state.wake()
    }
    for _ in 0..<woken { freed.signal() }
  }

  func withMutableBytes<Result, Failure: Error>(
    _ number: Int, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = number * byteCount
    return try buffer.withMutableBytes(start..<start + byteCount, body)
  }

  func withBytes<Failure: Error>(
    _ number: Int, _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let start = number * byteCount
    try buffer.withBytes(start + range.lowerBound..<start + range.upperBound, body)
  }
}
