import SystemPackage
internal import Synchronization

/// Buffers for the blocks of a dump, each used again and again.
final class BlockBuffers: Sendable {
  private let buffer: PageBuffer
  private let byteCount: Int
  private let state: Mutex<State>
  private let freed = Semaphore(0)

  private struct State {
    var free: [Int]
    /// How many have still to do with each of the others.
    var users: [Int]
    /// How many wait for one.
    var waiting = 0
    /// How many must be free for those to be woken: some at once, since to sleep and to wake takes long.
    var enough: Int

    /// How many to wake now.
    mutating func wake() -> Int {
      guard free.count >= enough else { return 0 }
      defer { waiting = 0 }
      return waiting
    }
  }

  /// So many buffers of so many bytes. Throws ENOMEM.
  init(count: Int, byteCount: Int) throws(Errno) {
    buffer = try PageBuffer(byteCount: count * byteCount)
    self.byteCount = byteCount
    state = Mutex(State(free: Array(0..<count), users: Array(repeating: 0, count: count), enough: max(1, count / 2)))
  }

  /// Waits for a buffer that is free, and takes it for so many users; nil when no more are wanted.
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

  /// One user is done with a buffer.
  func leave(_ number: Int) {
    let woken = state.withLock { state in
      state.users[number] -= 1
      if state.users[number] == 0 { state.free.append(number) }
      return state.wake()
    }
    for _ in 0..<woken { freed.signal() }
  }

  /// No more are wanted.
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
