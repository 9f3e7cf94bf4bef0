/// A walk over all objects of a state of LuaJIT.
struct LuaWalk: ~Copyable {
  /// How a walk ended.
  enum End: Sendable {
    /// At the end of the list, with the main thread on the way, which was made first: every object was seen.
    case whole
    /// At what is no object.
    case broken(at: Address)
    /// Early, since it was told to, or since there are more objects than there is room for: a list that leads back into itself.
    case cut
  }

  let state: LuaState
  var words: WordCache
  private let control: WorkControl

  /// The smallest object, in bytes.
  private static let leastObject: UInt64 = 24
  private static let shape = WordCache.Shape(blockByteCount: 1 << 12, blockCount: 1 << 12)

  /// - Parameters:
  ///   - state: the state.
  ///   - source: the memory.
  init(
    _ state: LuaState, in source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    (self.state, self.control) = (state, control)
    words = try WordCache(source, Self.shape, steps: state.presentByteCount / Self.leastObject)
  }

  /// Hands out all objects but strings.
  mutating func forEachObject(
    _ body: (LuaObject, inout WordCache) throws(MemDumpError) -> Void
  ) throws(MemDumpError) -> End {
    var place = state.first
    var (count, hasThread) = (0, false)
    while true {
      guard words.step() else { return .cut }
      guard let header = try LuaLayout.Header(at: place, &words),
        let object = try LuaObject(header, at: place, &words)
      else { return .broken(at: place) }
      try body(object, &words)
      hasThread = hasThread || place == state.thread
      if header.next == 0 { return hasThread ? .whole : .broken(at: place) }
      place = Address(header.next)
      count += 1
      if count & 0xfff == 0, control.isStopped { return .cut }
    }
  }

  /// Hands out all strings, with their lengths.
  mutating func forEachString(
    _ body: (Address, _ length: UInt64) throws(MemDumpError) -> Void
  ) throws(MemDumpError) -> End {
    for chain in 0..<state.chainCount {
      guard let head = try words.word(at: state.strings + chain * 8) else {
        return .broken(at: state.strings + chain * 8)
      }
      var place = head & ~7
      while place != 0 {
        guard words.step() else { return .cut }
        guard let header = try LuaLayout.Header(at: Address(place), &words), header.kind == .string,
          let length = try LuaState.length(ofString: Address(place), at: state.lengthOffset, &words)
        else { return .broken(at: Address(place)) }
        try body(Address(place), length)
        place = header.next & ~7
      }
      if chain & 0xfff == 0, control.isStopped { return .cut }
    }
    return .whole
  }
}
