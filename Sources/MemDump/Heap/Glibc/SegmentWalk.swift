/// A walk over the chunks of one stretch of an arena, from header to header.
///
/// No header is trusted: a header counts when its size leads to another header, or to the end, that agrees with it.
/// Where it does not, the walk breaks, and goes on where a row of chunks that agree with each other begins.
struct SegmentWalk {
  typealias Break = HeapSummary.Break

  /// A chunk that the walk came to.
  struct Step {
    var address: Address
    var byteCount: UInt64
    var isInUse: Bool
    /// The links of a free chunk, as they stand there (`fd` and `bk`); nil where they were not read, or the chunk is in use.
    var next: UInt64?
    var previous: UInt64?
  }

  /// The addresses of the stretch. The last chunk of a stretch that has a top is the top.
  let range: Range<Address>
  /// The top chunk of the arena, where that lies in the stretch.
  let top: Address?
  /// Whether chunks may say that they are of the arena of a thread.
  let isOfThread: Bool

  /// The number of chunks in a row that make a place to go on at.
  private static let rowCount = 8

  /// The breaks of the walk.
  private(set) var breaks: [Break] = []
  private(set) var breakCount: UInt64 = 0
  private(set) var skippedByteCount: UInt64 = 0
  private(set) var topByteCount: UInt64 = 0
  private static let mostBreaks = 64

  init(_ range: Range<Address>, top: Address?, isOfThread: Bool) {
    (self.range, self.top, self.isOfThread) = (range, top, isOfThread)
  }

  /// What stands at an address.
  private enum Header {
    case chunk(byteCount: UInt64, isInUse: Bool)
    case top(byteCount: UInt64)
    case fencepost
    case broken(Break.Reason)
  }

  /// Hands out the chunks, one after the other, without the top and the marks of an end.
  mutating func walk(
    _ words: inout WordCache, _ control: WorkControl, _ body: (Step, inout WordCache) throws(MemDumpError) -> Void
  ) throws(MemDumpError) {
    var address = range.lowerBound.alignedUp(to: Chunk.alignment)
    var told = address
    defer { control.add(address - told) }
    while address < range.upperBound, !control.isStopped {
      if address - told > 1 << 20 {
        control.add(address - told)
        told = address
      }
      switch try place(at: address, &words) {
      case .chunk(let byteCount, let isInUse):
        var step = Step(address: address, byteCount: byteCount, isInUse: isInUse)
        if !isInUse {
          step.next = try words.word(at: address + 16)
          step.previous = try words.word(at: address + 24)
        }
        try body(step, &words)
        address = address + byteCount
      case .top(let byteCount):
        topByteCount = byteCount
        return
      case .fencepost:
        // An end: of the stretch, or of a part of it, behind which the program took memory from the system itself.
        guard range.upperBound - address > 32 else { return }
        guard let next = try resume(from: address + 16, &words) else { return }
        address = next
      case .broken(let reason):
        let next = try resume(from: address + 16, &words)
        breakCount += 1
        if breaks.count < Self.mostBreaks {
          breaks.append(Break(address: address, reason: reason, resumedAt: next))
        }
        skippedByteCount += (next ?? range.upperBound) - address
        guard let next else { return }
        address = next
      }
    }
  }

  /// How far a row of chunks leads that begins with the stretch, and whether it is a whole part of an arena: then it ends
  /// with two fenceposts, where a page ends.
  func reach(_ words: inout WordCache) throws(MemDumpError) -> (end: Address, isWhole: Bool) {
    var address = range.lowerBound
    while address < range.upperBound, case .chunk(let byteCount, _) = try place(at: address, &words) {
      address = address + byteCount
    }
    guard address > range.lowerBound, address < range.upperBound, case .fencepost = try place(at: address, &words),
      range.upperBound - address >= 32
    else { return (address, false) }
    let end = address + 32
    return (end, end.pageStart == end)
  }

  /// What stands at an address, as far as it and what it leads to agree.
  private func place(at address: Address, _ words: inout WordCache) throws(MemDumpError) -> Header {
    guard let head = try words.word(at: address + 8) else { return .broken(.unread) }
    if isNewTop(address, head) { return .top(byteCount: range.upperBound - address) }
    let chunk = Chunk(head: head)
    if chunk.isFencepost { return .fencepost }
    guard chunk.isPlausible, isOfThread || !chunk.isOfThread else { return .broken(.size) }
    let rest = range.upperBound - address
    guard chunk.byteCount <= rest else { return .broken(.end) }
    if address == top { return .top(byteCount: chunk.byteCount) }
    if chunk.byteCount == rest {
      // Without an arena, what reaches to the end of the mapping is the top.
      return top == nil ? .top(byteCount: chunk.byteCount) : .broken(.next)
    }
    let next = address + chunk.byteCount
    guard let nextHead = try words.word(at: next + 8) else { return .broken(.unread) }
    if isNewTop(next, nextHead) { return .chunk(byteCount: chunk.byteCount, isInUse: true) }
    let following = Chunk(head: nextHead)
    guard following.isFencepost || (following.isPlausible && following.byteCount <= rest - chunk.byteCount) else {
      return .broken(.next)
    }
    if following.isPreviousInUse { return .chunk(byteCount: chunk.byteCount, isInUse: true) }
    guard try words.word(at: next) == chunk.byteCount else { return .broken(.next) }
    return .chunk(byteCount: chunk.byteCount, isInUse: false)
  }

  /// Whether the top has moved to an address, and its head is not written yet. A process that grows is stopped there more
  /// often than anywhere: the head is the first word of a page that was never touched, and that takes a page fault.
  private func isNewTop(_ address: Address, _ head: UInt64) -> Bool { address == top && head == 0 }

  /// The first address from which a row of chunks leads on, or to the end.
  private func resume(from start: Address, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    var address = start
    while address < range.upperBound {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: Chunk.alignment)
        continue
      }
      if try isRow(at: address, &words) { return address }
      address = address + Chunk.alignment
    }
    return nil
  }

  private func isRow(at start: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    var address = start
    for number in 0..<Self.rowCount {
      switch try place(at: address, &words) {
      case .chunk(let byteCount, _): address = address + byteCount
      case .top: return top != nil || number > 0
      case .fencepost: return number > 1
      case .broken: return false
      }
    }
    return true
  }
}
