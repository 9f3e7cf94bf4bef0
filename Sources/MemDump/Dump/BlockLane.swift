internal import Synchronization

/// A lane for blocks that are filled in any order, to a taker that needs them one after the other: whoever brings a
/// block hands out those that follow without a gap, unless another thread does so already.
final class BlockLane: Sendable {
  let taker: any BlockTaker
  private let state = Mutex(State())

  private struct State {
    var waiting: [Int: (block: DumpBlock, buffer: Int)] = [:]
    var next = 0
    var isBusy = false

    mutating func begin() -> (block: DumpBlock, buffer: Int)? {
      guard !isBusy, let found = waiting.removeValue(forKey: next) else { return nil }
      isBusy = true
      return found
    }
  }

  init(_ taker: any BlockTaker) { self.taker = taker }

  /// Brings a block, and the number of its buffer.
  func add(_ block: DumpBlock, buffer: Int) { state.withLock { $0.waiting[block.number] = (block, buffer) } }

  /// Hands out as many blocks as are there without a gap.
  func handOut(_ body: (DumpBlock, Int) -> Void) {
    var current = state.withLock { $0.begin() }
    while let (block, buffer) = current {
      body(block, buffer)
      current = state.withLock { state in
        (state.isBusy, state.next) = (false, state.next + 1)
        return state.begin()
      }
    }
  }
}
