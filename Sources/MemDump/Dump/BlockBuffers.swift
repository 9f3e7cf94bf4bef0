import SystemPackage
internal import Synchronization

/// Buffers for the blocks of a dump, each used again and again while its bytes are near.
final class BlockBuffers: Sendable {
  /// The size of a buffer: small enough to stay in a processor's own cache between reading and writing.
  static let byteCount = 256 << 10

  private let buffer: PageBuffer
  private let available: Semaphore
  /// The buffers that are free, and how many have still to do with each of the others.
  private let state: Mutex<(free: [Int], users: [Int])>

  /// Throws ENOMEM.
  init(count: Int) throws(Errno) {
    buffer = try PageBuffer(byteCount: count * Self.byteCount)
    available = Semaphore(count)
    state = Mutex((Array(0..<count), Array(repeating: 0, count: count)))
  }

  /// Waits for a buffer that is free, and takes it for so many users.
  func take(users: Int) -> Int {
    available.wait()
    return state.withLock { state in
      let number = state.free.removeLast()
      state.users[number] = users
      return number
    }
  }

  /// One user is done with a buffer.
  func leave(_ number: Int) {
    let isFree = state.withLock { state in
      state.users[number] -= 1
      if state.users[number] == 0 { state.free.append(number) }
      return state.users[number] == 0
    }
    if isFree { available.signal() }
  }

  func withMutableBytes<Result, Failure: Error>(
    _ number: Int, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = number * Self.byteCount
    return try buffer.withMutableBytes(start..<start + Self.byteCount, body)
  }

  func withBytes<Failure: Error>(
    _ number: Int, _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let start = number * Self.byteCount
    try buffer.withBytes(start + range.lowerBound..<start + range.upperBound, body)
  }
}
