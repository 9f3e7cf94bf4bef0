/// What the goroutines of a Go program hold blocks with: their stacks, their descriptions (`runtime.g`), and the list that the
/// runtime keeps of all of them.
struct GoroutineStacks: Sendable {
  /// The list, the descriptions, and of each stack the memory from its stack pointer on, in order.
  private(set) var holding: [Range<Address>] = []
  /// What holds nothing, in order: what calls that are done left over, which is of each stack the memory below its stack pointer and
  /// all of the stacks of goroutines that have ended; what a collector noted in memory of the same kind; and the bounds of stacks,
  /// of which the upper one is where the next block may begin.
  private(set) var unused: [Range<Address>] = []

  /// The state of a goroutine that runs: its stack pointer is that of a thread, and what it saved is of before (`_Grunning`).
  private static let running: UInt64 = 2
  private static let mostGoroutines: UInt64 = 1 << 24
  /// The bytes of the two bounds of a stack and of its two guards, with which a description begins.
  private static let boundsByteCount: UInt64 = 32

  /// Nothing.
  init() {}

  /// Looks for the list, and for the stacks where goroutines agree on where they have their state.
  ///
  /// - Parameters:
  ///   - spans: all spans: what a goroutine says of memory that was not handed out for stacks is not so.
  ///   - pointers: the stack pointers of all threads at that instant; none where they are not known.
  init(
    _ slices: GoSlices, in image: GoImage, spans: GoSpans, pointers: [UInt64], _ words: inout WordCache,
    _ control: WorkControl
  ) throws(MemDumpError) {
    guard let (slice, itself) = try GoroutineLayout.list(slices, in: image, &words) else { return }
    holding = [Range(start: slice.start, byteCount: slice.count * 8)]
    let vote = try GoroutineLayout.voters(of: slice, itself: itself, in: image, &words)
    guard let number = vote.number else { return }
    var (used, heads): ([Range<Address>], [Range<Address>]) = ([], [])
    let elements = try Self.elements(of: slice, in: image, &words)
    var isWhole = elements.count == Int(clamping: slice.count)
    for (index, element) in elements.enumerated() where index % 4096 != 0 || !control.isStopped {
      let place = Address(element)
      guard let low = try words.word(at: place), let high = try words.word(at: place + 8),
        try words.word(at: place + UInt64(itself) * 8) == element,
        let state = try words.word(at: place + UInt64(number - 1) * 8).map(GoroutineLayout.state),
        let saved = try words.word(at: place + UInt64(itself - 2) * 8), low <= high, high - low <= 1 << 30
      else {
        isWhole = false
        continue
      }
      if let head = spans.element(holding: place), head.lowerBound == place { heads.append(head) }
      if GoroutineLayout.isDead(state) || low == high { continue }
      let running = state == Self.running ? pointers.first(where: (low..<high).contains) ?? low : nil
      let pointer = running ?? saved
      guard (low..<high).contains(pointer) else {
        isWhole = false
        continue
      }
      used.append(Address(pointer)..<Address(high))
    }
    used = used.union()
    // The runtime's own stack of a thread that is on it.
    for pointer in pointers where used.index(holding: Address(pointer)) == nil {
      if let index = spans.manual.index(holding: Address(pointer)) { used.append(spans.manual[index]) }
    }
    let rest = spans.stacks.subtracting(used.union())
    let others = try Self.others(than: heads, in: spans, &words, control)
    let bounds = (heads + others).map { head in
      head.lowerBound..<min(head.upperBound, head.lowerBound + Self.boundsByteCount)
    }.union()
    unused = ((isWhole ? rest : []) + bounds).union()
    holding = (holding + heads + spans.stacks.subtracting(rest)).union().subtracting(bounds)
  }

  /// The descriptions that the list does not have, of what the runtime itself runs on: of each thread one to switch goroutines and
  /// one for signals (`g0`, `gsignal`). They are of the size of the others, and begin with the bounds of a stack, too.
  private static func others(
    than heads: [Range<Address>], in spans: GoSpans, _ words: inout WordCache, _ control: WorkControl
  ) throws(MemDumpError) -> [Range<Address>] {
    guard let size = heads.first?.byteCount, size >= boundsByteCount else { return [] }
    var found: [Range<Address>] = []
    for span in spans.heap where span.elementByteCount == size && !control.isStopped {
      for number in 0..<span.elementCount {
        let place = span.range.lowerBound + number * size
        guard let low = try words.word(at: place), let high = try words.word(at: place + 8), low < high,
          (high - low).nonzeroBitCount == 1, let index = spans.stacks.index(holding: Address(low)),
          high <= spans.stacks[index].upperBound.rawValue
        else { continue }
        found.append(Range(start: place, byteCount: size))
      }
    }
    return found
  }

  /// The goroutines of a list, in the order of their addresses: they lie side by side, and in no order in the list.
  private static func elements(
    of slice: GoSlices.Slice, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt64] {
    var elements: [UInt64] = []
    for index in 0..<min(slice.count, mostGoroutines) {
      if let element = try words.word(at: slice.start + index * 8), image.canHold(element) { elements.append(element) }
    }
    return elements.sorted()
  }
}
